"""Every block of code in the documentation runs and shows what it says."""

from textwrap import dedent

import pytest

from tests.docs.blocks import DocsBlockFails, blocks, commands, run_page
from tests.docs.reader import called, typed
from tests.house.rule import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def costly(page):
    """Pages that start the product take seconds."""
    runs = [block.language for block in blocks(page.read_text("utf-8")) if not block.exempt]
    return [pytest.mark.slow] if "console" in runs else []


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, id=str(page.relative_to(ROOT)), marks=costly(page)) for page in PAGES],
)
def test_the_page_does_what_it_says(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_page(str(page.relative_to(ROOT)), page.read_text("utf-8"), tmp_path)


def run(text, folder):
    run_page("page.md", dedent(text), folder)


def test_python_blocks_share_a_namespace(tmp_path):
    run("```python\nnet = 2\n```\n\n```python\n>>> net + 1\n3\n```\n", tmp_path)


@pytest.mark.parametrize(
    "block",
    [
        "python\nassert 1 == 2\n",
        "python\n>>> 1 + 1\n3\n",
        "toml\nkey = \n",
        "json\n{key: 1}\n",
        "bash\nls\n",
        "console\n$ curl somewhere\n",
        "console\n$ ls nowhere\n",
        "console\n$ ls nowhere  # exit 3\n",
        "console\n$ cat greeting\ngoodbye\n",
        "console\n$ mkdir new\n$ cat greeting\nhello world\n",
    ],
)
def test_a_wrong_block_is_caught_and_an_exemption_lets_it_pass(block, tmp_path):
    (tmp_path / "greeting").write_text("hello\n")
    fenced = f"Text.\n\n```{block}```\n"
    with pytest.raises(AssertionError):
        run(fenced, tmp_path)
    run(fenced.replace("\n```", "\n<!-- not run: shows a fault -->\n```", 1), tmp_path)


def test_an_exemption_needs_a_reason(tmp_path):
    with pytest.raises(DocsBlockFails, match=r"page\.md:2"):
        run("<!-- not run: -->\n```bash\nls\n```\n", tmp_path)


def test_console_output_is_compared_and_dots_stand_for_anything(tmp_path):
    (tmp_path / "greeting").write_text("hello\nto\nthe world\n")
    run("```console\n$ cat greeting\nhello\n...\nthe ...\n```\n", tmp_path)


def test_a_block_is_saved_as_the_file_that_it_names(tmp_path):
    run("```csv file=in/a.csv\nx\n```\n\n```csv append=in/a.csv\n1\n```\n", tmp_path)
    run("```console\n$ cat in/a.csv\nx\n1\n```\n", tmp_path)


def test_a_failure_that_the_page_announces_is_right(tmp_path):
    run("```console\n$ ls nowhere  # exit 2\n...No such file...\n```\n", tmp_path)


def test_a_command_may_go_on_in_the_next_line():
    [command] = commands("$ tuttuno measure growth \\\n    --by channel\n")
    assert command.line == "tuttuno measure growth --by channel"


def test_blocks_are_found_with_their_line_also_inside_a_list():
    text = "# T\n\n- a\n\n  ```python\n  x = 1\n  ```\n"
    assert [(block.line, block.text) for block in blocks(text)] == [(5, "x = 1\n")]


@pytest.mark.slow
@pytest.mark.parametrize("words", ["measures --json", "-C nowhere releases", "measure --when now"])
def test_what_is_called_says_what_a_shell_would_hear(words, tmp_path):
    heard, typed_in = called(f"tuttuno {words}", tmp_path), typed(f"tuttuno {words}", tmp_path)
    assert (heard.returncode, heard.stdout, heard.stderr) == (
        typed_in.returncode, typed_in.stdout, typed_in.stderr,
    )  # fmt: skip


def test_a_line_with_a_pipe_is_for_the_shell(tmp_path):
    (tmp_path / "words").write_text("--version\n")
    run("```console\n$ tuttuno $(cat words)\ntuttuno ...\n```\n", tmp_path)
