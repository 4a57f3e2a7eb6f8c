"""One record into the vault in microseconds: what it says, and the values that it carries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import pyarrow as pa
import sqlalchemy as sa

from tuttuno.vault.arrow import arrow_type
from tuttuno.vault.checks import checked_columns, stored_row
from tuttuno.vault.identifiers import Origin
from tuttuno.vault.quick import Quick
from tuttuno.vault.tables import IDENTIFIER_VALUE, RECORD, RECORD_IDENTIFIER
from tuttuno.vault.tables.columns import IDENTIFIER_CODES
from tuttuno.vocab import IdentifierType

_NUMBER: Final = sa.select(RECORD.c.record_no).where(RECORD.c.record_key == sa.bindparam("key"))
_VALUE: Final = sa.select(IDENTIFIER_VALUE.c.value_no).where(
    IDENTIFIER_VALUE.c.value_key == sa.bindparam("key")
)
_OWN: Final = ("record_key", "source", "record_id", "content", "batch")
_TOLD: Final = [
    column for column in checked_columns(RECORD) if column.name not in {"record_no", "seq"}
]


class Said(NamedTuple):
    """An identifier as a record names it.

    Attributes:
        value: Normalised.
        value_key: Its surrogate.
    """

    kind: IdentifierType
    value: str
    value_key: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """One record that its source has sent.

    Attributes:
        content: Hash of all that it says.
        fields: Any of `PEOPLE_COLUMNS`, and `extra`.
        said: The identifiers that it names, each once.
    """

    record_key: str
    source: str
    record_id: str
    content: str
    batch: int
    fields: Mapping[str, Any] = field(default_factory=dict)
    said: tuple[Said, ...] = ()


class Tied(NamedTuple):
    """A value that a record carries now.

    Attributes:
        fresh: True where nobody had ever carried it.
    """

    value_no: int
    kind: IdentifierType
    fresh: bool


def known_record(quick: Quick, record_key: str) -> int | None:
    """Return the number of a record; None where the vault has none."""
    row = quick.row(_NUMBER, key=record_key)
    return None if row is None else int(row[0])


def add_record(quick: Quick, arrival: Arrival) -> tuple[int, tuple[Tied, ...]]:
    """Add a record that is not there yet; return its number and what ties it.

    The same rows as `insert_records` and `add_identifiers` leave.
    """
    change = quick.change_number()
    number = quick.take("record")
    said = {name: value for name, value in arrival.fields.items() if value is not None}
    for name in _OWN:
        said[name] = getattr(arrival, name)
    quick.add(RECORD, stored_row(RECORD, {**said, "record_no": number, "seq": change}))
    tied = tuple(sorted(_tied(quick, one) for one in dict.fromkeys(arrival.said)))
    for value_no, kind, _ in tied:
        code = IDENTIFIER_CODES[kind]
        row = (number, value_no, code, int(Origin.RECORD), arrival.batch)
        quick.add(RECORD_IDENTIFIER, row)
    return number, tied


def as_tables(arrivals: Sequence[Arrival]) -> tuple[pa.Table, pa.Table]:
    """Return what `replace_records` and `set_identifiers` want of records."""
    records = {column.name: [_said(one, column.name) for one in arrivals] for column in _TOLD}
    kinds = {column.name: arrow_type(column) for column in _TOLD}
    held = [(one, said) for one in arrivals for said in dict.fromkeys(one.said)]
    values = {
        "record_key": pa.array([one.record_key for one, _ in held], pa.string()),
        "type": pa.array([said.kind.value for _, said in held], pa.string()),
        "value": pa.array([said.value for _, said in held], pa.string()),
        "value_key": pa.array([said.value_key for _, said in held], pa.string()),
        "batch": pa.array([one.batch for one, _ in held], pa.int64()),
    }
    told = {name: pa.array(column, kinds[name]) for name, column in records.items()}
    return pa.table(told), pa.table(values)


def _said(arrival: Arrival, column: str) -> Any:
    return getattr(arrival, column) if column in _OWN else arrival.fields.get(column)


def _tied(quick: Quick, said: Said) -> Tied:
    row = quick.row(_VALUE, key=said.value_key)
    if row is not None:
        return Tied(int(row[0]), said.kind, fresh=False)
    number = quick.take("value")
    code = IDENTIFIER_CODES[said.kind]
    quick.add(IDENTIFIER_VALUE, (number, code, said.value_key, said.value))
    return Tied(number, said.kind, fresh=True)
