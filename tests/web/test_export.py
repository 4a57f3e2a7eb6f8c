"""A file has what the page has, and no spreadsheet runs it."""

import csv
from io import BytesIO, StringIO
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuttuno.web.export import as_csv, as_xlsx

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@pytest.mark.parametrize("text", ["=1+1", "+39 333", "-1", "@SUM", "\t=1", "\r=1", "\0=1"])
def test_text_that_would_run_is_quoted(text):
    assert next(csv.reader(StringIO(as_csv(["a"], [{"a": text}]).decode()[3:]))) == [f"'{text}"]


@given(st.lists(TEXT, min_size=1))
def test_no_field_of_a_file_is_a_formula(texts):
    rows = [{"a": text, "b": 1} for text in texts]
    read = list(csv.reader(StringIO(as_csv(["a", "b"], rows).decode(), newline="")))[1:]
    assert not any(field.startswith(("=", "+", "-", "@", "\t", "\r")) for field, _ in read)
    assert [field.removeprefix("'") for field, _ in read] == [t.removeprefix("'") for t in texts]


def test_a_negative_figure_stays_a_figure():
    assert as_csv(["a"], [{"a": -1.5}]) == b"a\r\n-1.5\r\n"


def test_the_unknown_is_an_empty_field():
    assert as_csv(["a", "b"], [{"a": None, "b": 0}]) == b"a,b\r\n,0\r\n"


def test_a_sheet_holds_text_as_text():
    with ZipFile(BytesIO(as_xlsx(["a"], [{"a": "=1+1"}, {"a": "http://x.example"}]))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
