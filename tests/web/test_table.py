"""The table of a page: one column for a figure and its interval, the files have them apart."""

from dataclasses import replace
from datetime import date

from tuttuno.chart.figures import nowhere
from tuttuno.measures.answer import Answer, AnswerColumn, Coverage, Window
from tuttuno.web.filters import Filters
from tuttuno.web.locale import speeches
from tuttuno.web.table import intervals, table

EN, IT = (speeches()[name] for name in ("en", "it"))
COLUMNS = (
    AnswerColumn("store", "Store"),
    AnswerColumn("adoption", "Share", "1", "share"),
    AnswerColumn("adoption_low", "Share, low", "1", "share"),
    AnswerColumn("adoption_high", "Share, high", "1", "share"),
    AnswerColumn("orders", "Orders", "order", "count"),
)


def answer(*rows):
    names = [column.name for column in COLUMNS]
    window = Window(date(2025, 1, 1), date(2026, 1, 1))
    told = tuple(dict(zip(names, row, strict=True)) for row in rows)
    return Answer("m", "M", "1", window, Coverage(1.0, 1.0), (), COLUMNS, told, (), "")


def test_an_interval_stands_under_its_figure():
    shown = table(answer(("S1", 0.23, 0.205, 0.258, 7)), Filters.none(), EN, nowhere)
    assert [head.label for head in shown.heads] == ["Store", "Share", "Orders"]
    assert [head.ranged for head in shown.heads] == [False, True, False]
    assert [cell.text for cell in shown.rows[0]] == ["S1", "23.0%", "7"]
    assert [cell.within for cell in shown.rows[0]] == ["", "20.5% to 25.8%", ""]


def test_an_unknown_interval_is_not_made_up():
    shown = table(answer(("S1", 0.23, None, 0.258, 7)), Filters.none(), IT, nowhere)
    assert [cell.within for cell in shown.rows[0]] == ["", "", ""]
    assert shown.rows[0][1].text == "23,0\u00a0%"


def test_a_figure_of_another_kind_has_no_part_in_an_interval():
    other = (AnswerColumn("orders", "Orders", "order", "count"), *COLUMNS[2:4])
    assert intervals(other).of == {}
    assert intervals(COLUMNS).ends == {"adoption_low", "adoption_high"}


def test_a_day_is_written_as_the_reader_writes_days():
    days = (AnswerColumn("origin", "Foreseen on", kind="date"), COLUMNS[4])
    rows = ({"origin": "2025-01-02", "orders": 7}, {"origin": None, "orders": 1})
    told = replace(answer(), columns=days, rows=rows)
    shown = table(told, Filters.none(), IT, nowhere)
    assert [row[0].text for row in shown.rows] == ["2 gen 2025", "Non noto"]
