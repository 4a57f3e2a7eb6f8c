"""Pictures say what the numbers say: widths add up, nothing leaves the paper, text is text."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuttuno.chart.picture import (
    Bars,
    Dots,
    Events,
    Flow,
    Grid,
    Group,
    Hue,
    Limit,
    Line,
    Lines,
    Link,
    Mark,
    Node,
    Stack,
    Stacks,
    levels,
)
from tuttuno.chart.svg import svg, svg_file

SHARES = st.lists(st.integers(0, 1000), min_size=1, max_size=6).filter(any)
WIDTHS = st.sampled_from([340.0, 480.0, 620.0, 920.0])
HUES = tuple(Hue)


def drawn(picture, width=600.0):
    """Return the picture as elements."""
    return ET.fromstring(svg(picture, width=width))  # noqa: S314 - our own text


def boxes(root, css):
    return [box for box in root.iter("rect") if css in box.get("class", "").split()]


def stacks(values):
    parts = tuple(
        Mark(f"part {n}", float(v), f"{v}", HUES[n % len(HUES)]) for n, v in enumerate(values)
    )
    return Stacks("A whole", (Stack("All", parts),))


@given(SHARES, WIDTHS)
def test_the_parts_of_a_whole_fill_the_width_in_proportion(values, width):
    bars = [box for box in boxes(drawn(stacks(values), width), "body") if box.get("height") == "36"]
    found = [float(box.get("width")) for box in bars]
    wanted = [value / sum(values) * width for value in values if value]
    assert found == pytest.approx(wanted, abs=0.011)


@given(SHARES, WIDTHS)
def test_nothing_is_drawn_beyond_the_paper(values, width):
    marks = tuple(
        Mark(f"{n}", v / 1000, f"{v}", low=v / 2000, high=1.0) for n, v in enumerate(values)
    )
    for picture in (stacks(values), Bars("b", (Group("g", marks),)), Dots("d", marks, 1.0, "one")):
        root = drawn(picture, width)
        height = float(root.get("height"))
        for box in root.iter("rect"):
            assert float(box.get("x")) + float(box.get("width")) <= width + 0.02
            assert float(box.get("y")) + float(box.get("height")) <= height + 0.02


def test_bars_start_at_zero_and_keep_their_ratio():
    marks = (Mark("a", 10.0, "10"), Mark("b", 5.0, "5"), Mark("c", 0.0, "0"))
    wide = [float(box.get("width")) for box in boxes(drawn(Bars("t", (Group("", marks),))), "body")]
    assert wide[0] == pytest.approx(2 * wide[1], abs=0.02)
    assert wide[2] == 0


def test_the_unknown_is_a_gap_and_not_a_zero():
    marks = (Mark("a", None, "—"), Mark("b", 0.0, "0"))
    assert len(boxes(drawn(Bars("t", (Group("", marks),))), "body")) == 1


def test_a_line_is_broken_where_a_value_is_unknown():
    marks = tuple(Mark("", v, str(v)) for v in (1.0, 2.0, None, 3.0, 4.0))
    picture = Lines(
        "t", ("a", "b", "c", "d", "e"), (Line("x", Hue.STORE, marks),), (Limit(0, "0"),)
    )
    path = next(p for p in drawn(picture).iter("path") if p.get("class") == "l-store")
    assert path.get("d").count("M") == 2


def test_an_interval_is_always_drawn():
    marks = (Mark("a", 0.5, "50 %", low=0.4, high=0.6),)
    for picture in (Bars("t", (Group("", marks),)), Dots("t", marks, 0.5, "half")):
        whiskers = [p for p in drawn(picture).iter("path") if p.get("class") == "whisker"]
        assert len(whiskers) == 1


def test_streams_leave_and_arrive_in_full():
    nodes = tuple(Node(key, key, key, Hue.BOTH) for key in "ab")
    links = (Link("a", "a", 30, ""), Link("a", "b", 10, ""), Link("b", "b", 60, ""))
    root = drawn(Flow("t", nodes, nodes, links, "before", "after"))
    heights = [float(box.get("height")) for box in boxes(root, "body")]
    assert heights[0] / heights[1] == pytest.approx(40 / 60, abs=0.01)
    assert heights[2] / heights[3] == pytest.approx(30 / 70, abs=0.01)


def test_cells_are_shaded_by_value():
    row = Group("2025", (Mark("", 1.0, "100"), Mark("", 0.5, "50"), Mark("", None, "")))
    cells = boxes(drawn(Grid("t", ("a", "b", "c"), (row,), top=1.0)), "body")
    assert [cell.get("fill-opacity") for cell in cells] == ["0.5", "0.25"]


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1))
def test_any_text_is_text(text):
    mark = Mark(text, 1.0, text, href=f"?where={text}", tip=text)
    picture = Bars(text, (Group(text, (mark,)),))
    root = drawn(picture, 900.0)
    assert root.get("aria-label") == text
    assert next(root.iter("title")).text == text


@pytest.mark.parametrize("hue", [Hue.STORE, Hue.ONLINE, Hue.BOTH, Hue.UNKNOWN])
def test_channels_differ_in_shape_as_well_as_in_colour(hue):
    shapes = {
        Hue.STORE: "circle", Hue.ONLINE: "rect", Hue.BOTH: "polygon", Hue.UNKNOWN: "path",
    }  # fmt: skip
    root = drawn(Dots("t", (Mark("a", 1.0, "1", hue),), 1.0, "one"))
    assert any(True for _ in root.iter(shapes[hue]))


def test_a_picture_for_a_page_brings_no_style_that_a_strict_policy_would_refuse():
    text = svg(stacks([1, 2, 3]))
    assert "style" not in text


def test_a_picture_for_a_file_brings_everything():
    text = svg_file(stacks([1, 2, 3]))
    root = ET.fromstring(text)  # noqa: S314 - our own text
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "--store:#d55e00" in text
    assert "A whole" in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


@given(st.floats(1e-6, 1e9))
def test_levels_are_few_round_and_reach_the_top(top):
    found = levels(top)
    assert found[0] == 0
    assert found[-1] >= top * (1 - 1e-6)
    assert 2 <= len(found) <= 6


def test_names_that_do_not_fit_beside_a_line_stand_above_it_in_full():
    label = "From the store to online"
    marks = tuple(Mark("", v, str(v)) for v in (0.1, 0.2, 0.3))
    picture = Lines(
        "t", ("1", "2", "3"), (Line(label, Hue.STORE, marks),), (Limit(0, "0%"), Limit(0.5, "50%")),
        axis="Share, %", steps_text="Months",
    )  # fmt: skip
    for width in (340.0, 920.0):
        texts = {each.text: each for each in drawn(picture, width).iter("text")}
        assert label in texts
        above = float(texts[label].get("y")) < float(texts["50%"].get("y"))
        assert above == (width == 340.0)


@pytest.mark.parametrize("width", [340.0, 620.0, 920.0])
def test_what_an_axis_measures_is_written_on_the_paper(width):
    marks = (Mark("a", 0.5, "50 %", low=0.4, high=0.6),)
    line = Line("x", Hue.STORE, marks * 2)
    ticks = (Limit(0, "0"), Limit(1, "1"))
    for picture in (
        Bars("t", (Group("", marks),), axis="Share, %"),
        Dots("t", marks, 0.5, "half", "Share, %"),
        Lines("t", ("a", "b"), (line,), ticks, axis="Share, %", steps_text="Months"),
        Events("t", ("a", "b"), (line,), ticks, 1, "then", "Months", axis="Share, %"),
    ):
        root = drawn(picture, width)
        texts = {each.text: float(each.get("y")) for each in root.iter("text")}
        assert texts["Share, %"] < float(root.get("height"))
        if isinstance(picture, Lines | Events):
            assert texts["Months"] < float(root.get("height"))


def test_in_a_waterfall_a_bar_begins_where_the_one_before_ends():
    marks = (Mark("all", 100.0, "100"), Mark("lost", 30.0, "30"),
             Mark("new", 70.0, "70", base=30.0))  # fmt: skip
    whole, lost, new = (
        (float(box.get("x")), float(box.get("width")))
        for box in boxes(drawn(Bars("t", (Group("", marks),))), "body")
    )
    assert new[0] == pytest.approx(lost[0] + lost[1], abs=0.02)
    assert sum(new) == pytest.approx(sum(whole), abs=0.02)


@pytest.mark.parametrize(("width", "below"), [(620.0, False), (340.0, True)])
def test_a_note_that_finds_no_room_beside_its_label_goes_below_it(width, below):
    parts = (Mark("Yes", 1.0, "100%", hue=Hue.ONLINE),)
    told = ("All that names a product", "of 18,372 whose days have passed")
    root = drawn(Stacks("A whole", (Stack(told[0], parts, told[1]),)), width)
    label, note = (float(one.get("y")) for one in root.iter("text") if one.text in told)
    assert (label < note) is below
