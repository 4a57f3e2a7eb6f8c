"""What the papers say of the code and of its speed is so."""

import json
import re

import pytest

from tests.house.figures import agrees, wrong_figures
from tests.house.rule import ROOT, SOURCE

RESULTS = ROOT / "benchmarks" / "results"
MEASURES_PAGE = ROOT / "docs" / "reference" / "measures.md"


def test_every_figure_in_the_readme_was_measured():
    found = list(wrong_figures((ROOT / "README.md").read_text("utf-8"), RESULTS))
    assert not found, "\n".join(found)


def test_a_result_says_on_which_machine_with_what_and_from_which_seed():
    for path in RESULTS.glob("*.json"):
        said = json.loads(path.read_text("utf-8"))
        assert said["machine"]["libraries"], f"{path.name}: nobody can repeat it"
        # What was measured on simulated people can be simulated again.
        assert ("people" in said) == ("seed" in said), f"{path.name}: nobody can repeat it"


def folders_of_the_table(text):
    table = text.partition("<!-- where -->")[2].partition("<!-- end where -->")[0]
    cells = [line.split("|")[2] for line in table.splitlines() if line.startswith("|")]
    return {name.split("/")[0] for cell in cells for name in re.findall(r"`([\w./]+)`", cell)}


def test_every_folder_of_the_source_is_in_the_table_of_contributing():
    listed = folders_of_the_table((ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    there = {
        path.name
        for path in SOURCE.iterdir()
        if (path.is_dir() and any(path.glob("*.py"))) or path.suffix == ".py"
    }
    assert there - {"__init__.py", "__main__.py"} <= listed, "say what goes into the new folder"


def test_every_decision_is_on_the_list_and_says_why():
    folder = ROOT / "docs" / "decisions"
    index = (folder / "index.md").read_text("utf-8")
    for page in sorted(folder.glob("[0-9]*.md")):
        text = page.read_text("utf-8")
        assert f"({page.name})" in index
        assert text.startswith(f"# {page.name[:4]}: ")
        for part in ("Context", "Decision", "Consequence"):
            assert f"\n## {part}\n" in text, f"{page.name} has no {part}"


def test_the_changelog_tells_what_is_not_released_yet_first():
    heads = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert heads[0] == "Unreleased"
    assert all(re.fullmatch(r"\d+\.\d+\.\d+ - \d{4}-\d\d-\d\d", head) for head in heads[1:])


def measures_without(catalog, page):
    """Name the measures that lack a page, a label, a definition or a source."""
    return [
        name
        for name, measure in catalog.items()
        if f"\n## `{name}`\n" not in page
        or not (measure.label and measure.definition and measure.source)
        or not isinstance(measure.unit, str)
    ]


if (SOURCE / "measures" / "catalog.py").exists():

    def test_every_measure_has_a_page_a_unit_a_definition_and_a_source():
        from tuttuno.measures.catalog import MEASURES  # noqa: PLC0415 - where it exists

        assert measures_without(MEASURES, MEASURES_PAGE.read_text("utf-8")) == []


class Planted:
    label = definition = source = "said"
    unit = "1"


class Sourceless(Planted):
    source = ""


def test_a_measure_without_page_or_source_is_found():
    catalog = {"a": Planted, "b": Sourceless, "c": Planted}
    assert measures_without(catalog, "# M\n\n## `a`\n\n## `b`\n") == ["b", "c"]


@pytest.fixture
def results(tmp_path):
    (tmp_path / "intake.json").write_text('{"rates": {"events": 12387.2}}')
    return tmp_path


@pytest.mark.parametrize(
    "line",
    [
        "Takes in **12,400** events per second.<!-- bench: intake.json#rates.events -->",
        "It has 19 measures and 3 engines, version 1.5.",
        "```text\ndone in 3 s\n```",
    ],
)
def test_a_figure_with_its_source_passes(line, results):
    assert list(wrong_figures(line, results)) == []


@pytest.mark.parametrize(
    "line",
    [
        "Takes in 12,900 events per second.<!-- bench: intake.json#rates.events -->",
        "Takes in 12,400 events per second.<!-- bench: gone.json#rates.events -->",
        "Takes in 12,400 events per second.<!-- bench: intake.json#rates.gone -->",
        "Fast.<!-- bench: intake.json#rates.events -->",
        "Answers in 5 ms.",
        "Takes in 12 thousand events per second.",
        "Reads 20,000 rows/s.",
    ],
)
def test_a_figure_from_nowhere_is_found(line, results):
    assert len(list(wrong_figures(line, results))) == 1


@pytest.mark.parametrize(
    ("shown", "value", "expected"),
    [("10", 10.4, True), ("10", 15.1, False), ("0", 0.2, True), ("1.50", 1.51, False)],
)
def test_a_figure_is_rounded_to_the_digits_it_shows(shown, value, expected):
    assert agrees(shown, value) is expected
