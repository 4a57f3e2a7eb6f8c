"""The table under a picture: the same numbers, sortable, each split value a way down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    """One column: how it is called, where sorting leads, how it is sorted now."""

    label: str
    unit: str
    numeric: bool
    href: str
    sorted: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as shown; `hue` is the channel it stands for, `href` a way down."""

    text: str
    numeric: bool
    hue: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """The table of a page; `rows` may be the first of `total`."""

    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int


def table(answer: Answer, filters: Filters, speech: Speech, way: Way) -> Shown:
    """Make the table of an answer as the address asks for it."""
    rows = in_order(answer, filters)
    texts = tuple(column.name for column in answer.columns if is_text(column))
    return Shown(
        heads=tuple(_head(column, filters, speech) for column in answer.columns),
        rows=tuple(_row(row, answer.columns, texts, speech, way) for row in rows[:MOST_ROWS]),
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


def _head(column: AnswerColumn, filters: Filters, speech: Speech) -> Head:
    order = {column.name: "ascending", f"-{column.name}": "descending"}
    return Head(
        label=speech.say(column.label),
        unit=column.unit,
        numeric=not is_text(column),
        href=filters.sorted_by(column.name),
        sorted=order.get(filters.sort, ""),
    )


def _row(
    row: Mapping[str, Any],
    columns: Sequence[AnswerColumn],
    texts: Sequence[str],
    speech: Speech,
    way: Way,
) -> tuple[Cell, ...]:
    """Make one row; its last word leads to what is behind all of them together."""
    return tuple(
        _word(column.name, row, texts, speech, way)
        if is_text(column)
        else Cell(written(row[column.name], column, speech), numeric=True)
        for column in columns
    )


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
