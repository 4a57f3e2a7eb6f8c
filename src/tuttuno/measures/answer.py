"""What comes back from a measure: rows, and everything needed to read them rightly."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

import pyarrow as pa

#: What a column holds: `share` lies between 0 and 1 as a rule, `money` is in the row's currency.
Kind = Literal["text", "count", "money", "share", "number", "date", "flag"]

#: One value of a row; a date is its ISO text, the unknown is None.
Value = str | int | float | bool | None

_ARROW: Mapping[Kind, pa.DataType] = {
    "text": pa.string(),
    "count": pa.int64(),
    "money": pa.float64(),
    "share": pa.float64(),
    "number": pa.float64(),
    "date": pa.date32(),
    "flag": pa.bool_(),
}


@dataclass(frozen=True, slots=True)
class AnswerColumn:
    """One column of an answer: how it is called, headed, measured and shown."""

    name: str
    label: str
    unit: str = ""
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Window:
    """The days that count: `since` does, `until` no longer does; None when nothing was sold."""

    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """The share of sales and of revenue with a known buyer; None when nothing was sold."""

    identified_sales: float | None
    identified_revenue: float | None


@dataclass(frozen=True, slots=True)
class ParameterUsed:
    """A disputable number that the answer depends on, as it stood in the window."""

    name: str
    value: float
    unit: str
    doc: str
    source: str
    since: date | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of one measure for one question, with window, coverage and definition.

    Attributes:
        columns: In the order of the row's keys; the dimensions of `by` come first.
        rows: One mapping per row, every column present.
        notes: What a reader must know before quoting a number, in plain English.
        definition: What is counted, and what "nothing" looks like.
    """

    measure: str
    label: str
    unit: str
    window: Window
    coverage: Coverage
    by: tuple[str, ...]
    columns: tuple[AnswerColumn, ...]
    rows: tuple[Mapping[str, Value], ...]
    notes: tuple[str, ...]
    definition: str
    parameters: tuple[ParameterUsed, ...] = ()

    def as_dict(self, release: int) -> dict[str, Any]:
        """Return the promised JSON shape, keys in the promised order."""
        return {
            "measure": self.measure,
            "label": self.label,
            "unit": self.unit,
            "release": release,
            "window": {"since": _iso(self.window.since), "until": _iso(self.window.until)},
            "coverage": asdict(self.coverage),
            "by": list(self.by),
            "rows": [dict(row) for row in self.rows],
            "notes": list(self.notes),
        }

    def to_arrow(self) -> pa.Table:
        """Return the rows as a table, typed by the kind of each column."""
        schema = pa.schema([(column.name, _ARROW[column.kind]) for column in self.columns])
        rows = [
            {column.name: _typed(row[column.name], column.kind) for column in self.columns}
            for row in self.rows
        ]
        return pa.Table.from_pylist(rows, schema=schema)

    def to_json(self) -> str:
        """Return everything as text from which `from_json` makes an equal answer."""
        return json.dumps(asdict(self), default=date.isoformat, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "Answer":
        """Return the answer that `to_json` wrote down."""
        facts = json.loads(text)
        return cls(
            measure=facts["measure"],
            label=facts["label"],
            unit=facts["unit"],
            window=Window(**{key: _day(value) for key, value in facts["window"].items()}),
            coverage=Coverage(**facts["coverage"]),
            by=tuple(facts["by"]),
            columns=tuple(AnswerColumn(**column) for column in facts["columns"]),
            rows=tuple(facts["rows"]),
            notes=tuple(facts["notes"]),
            definition=facts["definition"],
            parameters=tuple(
                ParameterUsed(**{**used, "since": _day(used["since"])})
                for used in facts["parameters"]
            ),
        )


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _typed(value: Value, kind: Kind) -> Value | date:
    return date.fromisoformat(value) if kind == "date" and isinstance(value, str) else value
