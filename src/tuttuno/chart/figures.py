"""What every picture needs of an answer: its rows, sums, words and where its marks lead."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tuttuno.chart.naming import said
from tuttuno.chart.voice import Voice
from tuttuno.measures.answer import Answer, AnswerColumn

Row = Mapping[str, Any]

#: From the words of a row to the address of what is behind it; empty for nowhere.
Way = Callable[[Mapping[str, object]], str]

#: Dimensions whose values follow one another; they are drawn from left to right.
TIMES = ("month", "quarter", "year")


#: Decimals of numbers by their unit; a count that is only expected has none either.
_DIGITS = {"1": 2, "channel": 2, "hour": 1, "purchase": 2}


def nowhere(_words: Mapping[str, object]) -> str:
    """Lead to no place: a picture in a file or on a tile."""
    return ""


def within(way: Way, words: Mapping[str, object]) -> Way:
    """Return the way of rows that share some words."""

    def lead(own: Mapping[str, object]) -> str:
        return way({**words, **own})

    return lead


def is_text(column: AnswerColumn) -> bool:
    """Say whether a column names things rather than measuring them."""
    return column.kind in {"text", "date", "flag"}


def step_of(by: str, voice: Voice) -> str:
    """Say what the steps of a split by time are."""
    words = {"month": "Month", "quarter": "Quarter", "year": "Year"}
    return voice.say(words[by]) if by in words else ""


def in_unit(column: AnswerColumn, voice: Voice) -> str:
    """Say what a figure is and in which unit.

    >>> from tuttuno.chart.voice import PlainVoice
    >>> in_unit(AnswerColumn("low", "Share of buyers", "1", "share"), PlainVoice())
    'Share of buyers, %'
    """
    label = voice.say(column.label)
    match column.kind, column.unit:
        case "share", _:
            unit = "%"
        case "money", _:
            unit = voice.currency
        case _, "" | "1":
            return label
        case _, unit:
            unit = voice.say(unit)
    return f"{label}, {unit}"


def written(value: Any, column: AnswerColumn, voice: Voice) -> str:
    """Write a figure as its column says: a share, an amount, a count, a number."""
    match column.kind:
        case "share":
            return voice.percent(value, even=True)
        case "money":
            return voice.money(value)
        case "count":
            return voice.number(value)
        case _:
            return voice.number(value, _DIGITS.get(column.unit, 0))


def word_of(column: str, row: Row, voice: Voice) -> str:
    """Say the word in a column of a row; a part is said as a value of what it is a part of."""
    if column == "part" and isinstance(row.get("split"), str):
        return said(row["split"], row["part"], voice)
    return said(column, row[column], voice)


def words_of(row: Row, *columns: str) -> dict[str, object]:
    """Return the words of a row by the dimension that they are values of."""
    found: dict[str, object] = {name: row[name] for name in columns if name in row}
    if "part" in found:
        found[str(row["split"])] = found.pop("part")
    return found


def rows_of(answer: Answer) -> Sequence[Row]:
    """Return the rows; what a column holds is known by its kind, not by its type."""
    return answer.rows


def first_split(answer: Answer, *, by_size: str = "persons") -> list[tuple[object, list[Row]]]:
    """Gather rows by the first thing the answer is split by: largest first, or by time."""
    groups: dict[object, list[Row]] = {}
    for row in rows_of(answer):
        groups.setdefault(row[answer.by[0]], []).append(row)
    if answer.by[0] in TIMES:
        return list(groups.items())
    return sorted(groups.items(), key=lambda pair: -total(pair[1], by_size))


def first_part(answer: Answer, *, by_size: str = "persons") -> list[Row]:
    """Return the rows of the first thing the answer is split by, or all where it is not split."""
    if not answer.by or not answer.rows:
        return list(rows_of(answer))
    return first_split(answer, by_size=by_size)[0][1]


def total(rows: Sequence[Row], what: str) -> float:
    """Add up a column, unknown values left out."""
    return float(sum(row[what] or 0 for row in rows))


def share_of(part: float, whole: float) -> float | None:
    """Divide; None where there is nothing to divide by."""
    return part / whole if whole else None
