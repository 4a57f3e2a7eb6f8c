"""Records: what each source knows of a person, under the source's own key."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from tuttuno.errors import BadInput
from tuttuno.vault.bulk import (
    delete_keys,
    insert_rows,
    look_up,
    numbers_of,
    one_array,
    read_rows,
    set_column,
    stream_rows,
)
from tuttuno.vault.checks import checked_columns
from tuttuno.vault.counters import change_number, take
from tuttuno.vault.tables import PEOPLE_COLUMNS, RECORD

_NEVER = 2**63 - 1
_STATE = (RECORD.c.record_key, RECORD.c.record_no, RECORD.c.content, RECORD.c.updated_at)


@dataclass(frozen=True, slots=True)
class Record:
    """One record.

    Attributes:
        content: Hash of all that it says; None for a stub, known from events alone.
        fields: The columns of `people` that it carries, null ones included.
        extra: What the source said beyond them.
        seq: The change number of the last change to it or its identifiers.
    """

    record_no: int
    record_key: str
    source: str
    record_id: str
    content: str | None
    fields: Mapping[str, Any]
    extra: Mapping[str, Any]
    batch: int
    seq: int


class UnknownRecords(BadInput):
    """Rows speak of records that the vault does not have."""

    def __init__(self, count: int, first: str) -> None:
        self.count = count
        self.first = first
        super().__init__(
            f"{count} rows belong to records that are not in the vault, the first to {first}",
            hint="insert the records first",
        )


def insert_records(con: Connection, rows: pa.Table) -> pa.Array:
    """Add records that are not there yet; return their numbers, in the order of the rows.

    Args:
        con: Inside a transaction.
        rows: `record_key`, `source`, `record_id`, `content`, `batch`, any of `PEOPLE_COLUMNS`
            and `extra` (JSON text). `created_at` and `updated_at` are the source's.

    Raises:
        sqlalchemy.exc.IntegrityError: A record is there already.
    """
    change_number(con)  # always the first lock, so that writers cannot wait for each other
    first = take(con, "record", rows.num_rows)
    con.info.setdefault("first_record", first)
    numbers = np.arange(first, first + rows.num_rows, dtype=np.int64)
    _insert(con, rows, numbers)
    return pa.array(numbers)


def add_stubs(con: Connection, rows: pa.Table) -> int:
    """Add records of which only events tell; those that are there already are left alone.

    A stub has no `content`; `replace_records` fills it when the source speaks of the person.

    Args:
        con: Inside a transaction.
        rows: `record_key` (each once), `source`, `record_id`, `batch`.

    Returns:
        How many were added.
    """
    change_number(con)
    keys = one_array(rows["record_key"])
    known = numbers_of(con, keys, RECORD.c.record_key, RECORD.c.record_no)
    new = rows.filter(pa.array(known < 0))
    insert_records(con, new)
    count: int = new.num_rows
    return count


def replace_records(con: Connection, rows: pa.Table) -> pa.Array:
    """Replace records by later versions, or fill stubs; they keep their numbers, returned here.

    Raises:
        UnknownRecords: One of them is not in the vault; nothing is replaced.
    """
    numbers = record_numbers(con, one_array(rows["record_key"]))
    delete_keys(con, RECORD.c.record_no, pa.array(numbers))
    _insert(con, rows, numbers)
    return pa.array(numbers)


def record_states(con: Connection, record_keys: pa.Array | None) -> pa.Table:
    """Return `record_key`, `record_no`, `content`, `updated_at` of those records that exist.

    Args:
        con: Inside a transaction.
        record_keys: Which ones, in any order; None for all.
    """
    if record_keys is None:
        return read_rows(con, sa.select(*_STATE))
    return look_up(con, record_keys, RECORD.c.record_key, *_STATE).drop_columns("position")


def record_numbers(con: Connection, record_keys: pa.Array) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the number of each record.

    Raises:
        UnknownRecords: One of them is not in the vault.
    """
    numbers = numbers_of(con, record_keys, RECORD.c.record_key, RECORD.c.record_no)
    missing = np.flatnonzero(numbers < 0)
    if len(missing):
        raise UnknownRecords(len(missing), record_keys[int(missing[0])].as_py())
    return numbers


def touch_records(con: Connection, record_nos: pa.Array) -> None:
    """File records under this transaction's change number, because something of theirs changed."""
    now = change_number(con)
    # A record made in this transaction is filed under it, and such are most in a first load.
    record_nos = record_nos.filter(pc.less(record_nos, con.info.get("first_record", _NEVER)))
    filed = look_up(con, record_nos.unique(), RECORD.c.record_no, *RECORD.c["record_no", "seq"])
    stale = one_array(filed.filter(pc.less(filed["seq"], now))["record_no"])
    set_column(con, stale, RECORD.c.seq, now)


def records_of(con: Connection, record_keys: pa.Array) -> pa.Table:
    """Return all columns of those records that exist, in no particular order."""
    found = look_up(con, record_keys, RECORD.c.record_key, *checked_columns(RECORD))
    return found.drop_columns("position")


def read_records(
    con: Connection,
    columns: Sequence[str],
    *,
    since_seq: int | None = None,
    record_nos: pa.Array | None = None,
    told: Sequence[str] = (),
) -> pa.Table:
    """Return some columns of all records.

    Args:
        con: Inside a transaction.
        columns: Names of columns of the table.
        since_seq: Only of records that changed after this change number.
        record_nos: Only of these records, as far as they exist, in no particular order.
        told: Only of records, not chosen by number, that tell each of these columns.
    """
    if record_nos is None:
        known = (RECORD.c[name].is_not(None) for name in told)
        return read_rows(con, _some(columns, since_seq).where(*known))
    wanted = [RECORD.c[name] for name in columns]
    return look_up(con, record_nos, RECORD.c.record_no, *wanted).select(list(columns))


def stream_records(
    con: Connection, columns: Sequence[str], *, since_seq: int | None = None
) -> Iterator[pa.RecordBatch]:
    """Yield what `read_records` returns, in batches."""
    return stream_rows(con, _some(columns, since_seq))


def find_record(con: Connection, source: str, record_id: str) -> Record | None:
    """Return the record that a source keeps under its own key, or None."""
    return _one(con, (RECORD.c.source == source) & (RECORD.c.record_id == record_id))


def find_record_by_key(con: Connection, record_key: str) -> Record | None:
    """Return the record with this surrogate, or None."""
    return _one(con, RECORD.c.record_key == record_key)


def _insert(con: Connection, rows: pa.Table, numbers: np.ndarray[Any, np.dtype[np.int64]]) -> None:
    seq = np.full(rows.num_rows, change_number(con))
    rows = rows.append_column("record_no", pa.array(numbers))
    insert_rows(con, RECORD, rows.append_column("seq", pa.array(seq)))


def _some(columns: Sequence[str], since_seq: int | None) -> sa.Select[Any]:
    statement = sa.select(*(RECORD.c[name] for name in columns))
    return statement if since_seq is None else statement.where(RECORD.c.seq > since_seq)


def _one(con: Connection, condition: sa.ColumnElement[bool]) -> Record | None:
    row = con.execute(sa.select(RECORD).where(condition)).mappings().one_or_none()
    return None if row is None else _record(row)


def _record(row: RowMapping) -> Record:
    return Record(
        record_no=row["record_no"],
        record_key=row["record_key"],
        source=row["source"],
        record_id=row["record_id"],
        content=row["content"],
        fields={name: row[name] for name in PEOPLE_COLUMNS},
        extra=msgspec.json.decode(row["extra"] or "{}"),
        batch=row["batch"],
        seq=row["seq"],
    )
