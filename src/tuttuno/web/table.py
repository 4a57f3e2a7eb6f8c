"""The table under a picture: the same numbers, sortable, each split value a way down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tuttuno.chart.figures import Way, is_text, word_of, words_of, written
from tuttuno.chart.naming import hue_of
from tuttuno.chart.picture import Hue
from tuttuno.measures.answer import Answer, AnswerColumn
from tuttuno.web.filters import Filters
from tuttuno.web.locale import Speech

#: More rows than a reader scrolls through; the exports have them all.
MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Head:
    """One column: how it is called, where sorting leads, how it is sorted now.

    Attributes:
        ranged: True where its cells tell a 95 % interval too.
    """

    label: str
    unit: str
    numeric: bool
    href: str
    sorted: str
    ranged: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as shown.

    Attributes:
        hue: The channel it stands for.
        href: A way down.
        within: Its interval; empty where it has none.
    """

    text: str
    numeric: bool
    hue: str = ""
    href: str = ""
    within: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """The table of a page; `rows` may be the first of `total`."""

    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int


def table(answer: Answer, filters: Filters, speech: Speech, way: Way) -> Shown:
    """Make the table of an answer as the address asks for it."""
    rows = in_order(answer, filters)
    ranges = intervals(answer.columns)
    shown = [column for column in answer.columns if column.name not in ranges.ends]
    texts = tuple(column.name for column in answer.columns if is_text(column))
    return Shown(
        heads=tuple(
            _head(column, filters, speech, ranged=column.name in ranges.of) for column in shown
        ),
        rows=tuple(
            tuple(_cell(column, row, texts, ranges, speech, way) for column in shown)
            for row in rows[:MOST_ROWS]
        ),
        total=len(rows),
    )


def in_order(answer: Answer, filters: Filters) -> list[Mapping[str, Any]]:
    """Return the rows in the order asked for; unknown values stand last either way."""
    name = filters.sort.removeprefix("-")
    if name not in {column.name for column in answer.columns}:
        return list(answer.rows)
    rows: list[Mapping[str, Any]] = list(answer.rows)
    known = [row for row in rows if row[name] is not None]
    unknown = [row for row in rows if row[name] is None]
    largest_first = filters.sort.startswith("-")
    return sorted(known, key=lambda row: row[name], reverse=largest_first) + unknown


@dataclass(frozen=True, slots=True)
class Intervals:
    """Which columns are the ends of an interval of another one.

    Attributes:
        of: By the name of the column that has an interval, the two columns that hold its ends.
        ends: Names of all those columns.
    """

    of: Mapping[str, tuple[AnswerColumn, AnswerColumn]]
    ends: frozenset[str]


def intervals(columns: Sequence[AnswerColumn]) -> Intervals:
    """Find the pairs `..low`, `..high` that directly follow a figure of their kind."""
    found = {
        figure.name: (low, high)
        for figure, low, high in zip(columns, columns[1:], columns[2:], strict=False)
        if low.name.endswith("low")
        and high.name == f"{low.name.removesuffix('low')}high"
        and figure.kind == low.kind == high.kind
    }
    return Intervals(found, frozenset(end.name for pair in found.values() for end in pair))


def _head(column: AnswerColumn, filters: Filters, speech: Speech, *, ranged: bool) -> Head:
    order = {column.name: "ascending", f"-{column.name}": "descending"}
    return Head(
        label=speech.say(column.label),
        unit=column.unit,
        numeric=not is_text(column),
        href=filters.sorted_by(column.name),
        sorted=order.get(filters.sort, ""),
        ranged=ranged,
    )


def _cell(
    column: AnswerColumn,
    row: Mapping[str, Any],
    texts: Sequence[str],
    ranges: Intervals,
    speech: Speech,
    way: Way,
) -> Cell:
    """Write one value; the last word of a row leads to what is behind all of them together."""
    if column.kind == "date" and row[column.name] is not None:
        return Cell(speech.day(date.fromisoformat(row[column.name])), numeric=False)
    if is_text(column):
        return _word(column.name, row, texts, speech, way)
    text = written(row[column.name], column, speech)
    ends = ranges.of.get(column.name)
    if ends is None or row[ends[0].name] is None or row[ends[1].name] is None:
        return Cell(text, numeric=True)
    low, high = (written(row[end.name], end, speech) for end in ends)
    return Cell(text, numeric=True, within=speech.say("%(low)s to %(high)s", low=low, high=high))


def _word(
    column: str, row: Mapping[str, Any], texts: Sequence[str], speech: Speech, way: Way
) -> Cell:
    value = row[column]
    hue = hue_of(value)
    last = column == texts[-1]
    return Cell(
        word_of(column, row, speech),
        numeric=False,
        hue="" if hue is Hue.PLAIN or value is None else str(hue),
        href=way(words_of(row, *texts)) if last else way(words_of(row, column)),
    )
