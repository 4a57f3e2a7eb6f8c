"""Every link of the papers leads somewhere, and every page can be reached."""

import re
from pathlib import Path

import pytest

from tests.house.rule import ROOT

LINK = re.compile(
    r"(?<!!)\[[^\]\n]*\]\((?P<to>[^)\s]+)(?:\s+\"[^\"]*\")?\)|!\[[^\]]*\]\((?P<image>[^)\s]+)\)"
)
PAPERS = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]


def pages(root):
    papers = [root / name for name in PAPERS if (root / name).exists()]
    return papers + sorted((root / "docs").rglob("*.md"))


def links(page):
    prose = re.sub(
        r"^ *(`{3,}).*?^ *\1", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    prose = re.sub(r"`[^`\n]*`", "code", prose)
    for match in LINK.finditer(prose):
        to = match["to"] or match["image"]
        if not re.match(r"[a-z]+:", to):
            yield to


def anchors(page):
    """Headings as the usual renderers name them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def target(page, to):
    path, _, anchor = to.partition("#")
    return ((page.parent / path).resolve() if path else page), anchor


def broken(root):
    found = []
    for page in pages(root):
        for to in links(page):
            path, anchor = target(page, to)
            missing = not path.exists()
            if missing or (anchor and path.suffix == ".md" and anchor not in anchors(path)):
                found.append(f"{page.relative_to(root)}: {to}")
    return found


def unreachable(root):
    seen: set[Path] = set()
    todo = [root / "docs/index.md"]
    while todo:
        page = todo.pop()
        if page not in seen and page.suffix == ".md" and page.exists():
            seen.add(page)
            todo += [target(page, to)[0] for to in links(page)]
    return [
        str(page.relative_to(root)) for page in (root / "docs").rglob("*.md") if page not in seen
    ]


def test_no_link_is_broken():
    assert broken(ROOT) == []


def test_every_page_is_reached_from_the_index():
    assert unreachable(ROOT) == [], "link it where a reader would look for it"


@pytest.fixture
def shelf(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/index.md").write_text("# Index\n[a](a.md) and `[no](link.md)`\n")
    (tmp_path / "docs/a.md").write_text("# A page\n")
    return tmp_path


def test_whole_papers_pass(shelf):
    assert broken(shelf) == unreachable(shelf) == []


@pytest.mark.parametrize("to", ["gone.md", "index.md#nothing", "#nothing", "../nowhere"])
def test_a_broken_link_is_found(shelf, to):
    (shelf / "docs/a.md").write_text(f"# A page\n[here]({to})\n")
    assert broken(shelf) == [f"docs/a.md: {to}"]


def test_a_page_nobody_links_is_found(shelf):
    (shelf / "docs/lost.md").write_text("# Lost\n")
    assert unreachable(shelf) == ["docs/lost.md"]
