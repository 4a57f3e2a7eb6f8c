"""The generated pages say what the source says."""

from enum import StrEnum

import pytest

from tools.reference import FOLDER, PAGES, _remarks, _table, available
from tuttuno import vocab


@pytest.mark.parametrize("page", available(), ids=lambda page: page.file)
def test_the_committed_page_is_the_generated_one(page):
    written = (FOLDER / page.file).read_text("utf-8") if (FOLDER / page.file).exists() else ""
    assert written == page.text(), "run `make docs` and commit what it wrote"


def test_every_word_of_the_vocabulary_is_on_its_page():
    words = {word for member in vars(vocab).values() if _is_list(member) for word in member}
    assert {word for word in words if f"`{word}`" not in PAGES[0].text()} == set()


def _is_list(member):
    return isinstance(member, type) and issubclass(member, StrEnum) and member is not StrEnum


def test_the_comment_behind_a_word_becomes_its_remark():
    source = (
        'class Handover(StrEnum):\n    CARRIED = "carried"  # in a bag\n    SENT = "s"  # noqa: X'
    )
    assert _remarks(source) == {("Handover", "CARRIED"): "in a bag"}


def test_a_bar_in_a_cell_does_not_break_the_table():
    assert _table(("a",), [("x|y",)]).splitlines()[-1] == "| x&#124;y |"
