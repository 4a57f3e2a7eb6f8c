"""Each measure has its picture, and the picture has the measure's numbers."""

from datetime import date

import pytest

from tuttuno.chart.draw import NothingToDraw, draw
from tuttuno.chart.picture import Bars, Dots, Lines, Stacks
from tuttuno.chart.pictures import picture
from tuttuno.chart.voice import PlainVoice
from tuttuno.measures.answer import Answer, AnswerColumn, Coverage, Window

VOICE = PlainVoice()
KINDS = {"share": float, "money": float, "count": int, "number": float}


def answer(measure, table, *, by=()):
    """Read an answer from a table: `name:kind` in the first line, `-` for the unknown."""
    head, *lines = [line.split() for line in table.strip().splitlines()]
    columns = tuple(AnswerColumn(name, name, "", kind or "text") for name, _, kind in
                    (cell.partition(":") for cell in head))  # fmt: skip
    rows = tuple(
        {c.name: None if cell == "-" else KINDS.get(c.kind, str)(cell)
         for c, cell in zip(columns, line, strict=True)}
        for line in lines
    )  # fmt: skip
    window = Window(date(2025, 4, 1), date(2026, 4, 1))
    return Answer(measure, measure, "1", window, Coverage(0.6, 0.7), by, columns, rows, (), "")


CLASSES = """
    class        band         persons:count revenue:money orders:count
    store_only   store_only   50            100           60
    online_only  online_only  20            100           30
    both         balanced     20            500           90
    both         store_led    10            300           20
"""


def test_classes_are_drawn_to_a_hundred_for_buyers_and_for_revenue():
    found = picture(answer("channel_class", CLASSES), VOICE)
    assert isinstance(found, Stacks)
    buyers, revenue, _orders = found.stacks
    assert [part.text for part in buyers.parts] == ["20%", "30%", "50%"]
    assert [part.text for part in revenue.parts] == ["10%", "80%", "10%"]
    assert buyers.note == "100"


def test_classes_split_by_a_thing_are_one_stack_each_largest_first():
    table = """
        province class       persons:count
        MI       online_only 10
        RM       online_only 30
        RM       store_only  10
    """
    found = picture(answer("channel_class", table, by=("province",)), VOICE)
    assert [stack.label for stack in found.stacks] == ["RM", "MI"]


def test_classes_split_by_time_keep_the_order_of_time():
    table = """
        month   class       persons:count
        2025-01 online_only 10
        2025-02 online_only 30
    """
    found = picture(answer("channel_class", table, by=("month",)), VOICE)
    assert [stack.label for stack in found.stacks] == ["2025-01", "2025-02"]


def test_what_is_not_known_is_drawn_beside_what_is():
    table = """
        identified_sales:share identified_revenue:share sales:count revenue:money
        0.62                   0.7                      100         1000
    """
    found = picture(answer("coverage", table), VOICE)
    assert [part.text for part in found.stacks[0].parts] == ["62%", "38%"]


def test_coverage_over_time_is_a_line_that_starts_at_zero():
    table = """
        month   identified_sales:share identified_revenue:share sales:count
        2025-01 0.5                    0.6                      10
        2025-02 -                      -                        0
    """
    found = picture(answer("coverage", table, by=("month",)), VOICE)
    assert isinstance(found, Lines)
    assert found.ticks[0].value == 0
    assert [mark.value for mark in found.lines[0].marks] == [0.5, None]


def test_coverage_of_stores_is_a_bar_each():
    table = """
        store identified_sales:share identified_revenue:share sales:count
        S1    0.5                    0.6                      10
    """
    found = picture(answer("coverage", table, by=("store",)), VOICE)
    assert isinstance(found, Bars)
    assert found.top == 1.0


def test_overlap_is_drawn_around_chance_with_its_interval():
    table = """
        level   ratio_to_chance:number low:number high:number
        product 1.8                    1.7        1.9
    """
    found = picture(answer("product_overlap", table), VOICE)
    assert isinstance(found, Dots)
    assert found.reference == 1.0
    assert (found.marks[0].low, found.marks[0].high) == (1.7, 1.9)


def test_reach_is_grouped_by_step_so_that_buyers_can_be_compared():
    table = """
        buyer       step      persons:count rate:share low:share high:share
        online_only buyers    100           1.0        1.0       1.0
        store_only  buyers    100           1.0        1.0       1.0
        online_only reachable 81            0.81       0.8       0.82
        store_only  reachable 31            0.31       0.3       0.32
    """
    found = picture(answer("reachability", table), VOICE)
    assert [group.label for group in found.groups] == ["Buyers", "Reachable"]
    assert [mark.text for mark in found.groups[1].marks] == ["81%", "31%"]
    brief = picture(answer("reachability", table), VOICE, brief=True)
    assert [group.label for group in brief.groups] == ["Reachable"]


def test_channels_are_stacked_online_first():
    table = """
        split   part  revenue:money revenue_share:share orders:count orders_share:share
        side    store 60            0.6                 8            0.8
        channel store 60            0.6                 8            0.8
        channel web   40            0.4                 2            0.2
    """
    found = picture(answer("channel_share", table), VOICE)
    assert [part.label for part in found.stacks[0].parts] == ["Web", "Store"]


def test_any_other_measure_shows_its_first_figure():
    found = picture(answer("rfm", "segment persons:count\nA 5\nB 3"), VOICE)
    assert [(mark.label, mark.value) for mark in found.groups[0].marks] == [("A", 5), ("B", 3)]


def test_an_answer_can_be_drawn_into_a_file():
    assert draw(answer("channel_class", CLASSES)).startswith("<svg xmlns=")


def test_an_answer_without_rows_cannot_be_drawn():
    with pytest.raises(NothingToDraw, match="the answer to rfm holds nothing to draw"):
        draw(answer("rfm", "segment persons:count"))
