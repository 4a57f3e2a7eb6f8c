"""Identifiers: the normalised values that may tie records together, and who carries them."""

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault.bulk import insert_rows, look_up, numbers_of, one_array, read_rows
from tuttuno.vault.counters import change_number, take
from tuttuno.vault.records import record_numbers, touch_records
from tuttuno.vault.tables import IDENTIFIER_VALUE, RECORD, RECORD_IDENTIFIER

_Numbers = np.ndarray[Any, np.dtype[np.int64]]

#: Rows that are matched with what is there at a time.
CHUNK: Final = 200_000

_PAIR = (RECORD_IDENTIFIER.c.record_no, RECORD_IDENTIFIER.c.type, RECORD_IDENTIFIER.c.value_no)


def add_identifiers(con: Connection, rows: pa.Table) -> int:
    """Tie values to records; what is known already changes nothing.

    A record that gains an identifier is filed under this transaction's change number.

    Args:
        con: Inside a transaction.
        rows: `record_key`, `type`, `value` (normalised), `value_key`, `batch`. Fastest when
            the rows of one record lie together.

    Returns:
        How many ties are new.

    Raises:
        UnknownRecords: A row belongs to a record that is not in the vault.
    """
    change_number(con)  # one writer at a time from here on, also in PostgreSQL
    chunks = range(0, rows.num_rows, CHUNK)
    return sum(_add_chunk(con, rows.slice(start, CHUNK).combine_chunks()) for start in chunks)


def identifier_pairs(con: Connection, since_seq: int | None = None) -> pa.Table:
    """Return `record_no`, `type`, `value_no` of all ties, by record.

    Args:
        con: Inside a transaction.
        since_seq: Only of records that changed after this change number; then all of their
            ties, old ones included.
    """
    if since_seq is None:
        return read_rows(con, sa.select(*_PAIR))
    changed = RECORD.c.record_no == RECORD_IDENTIFIER.c.record_no
    return read_rows(con, sa.select(*_PAIR).join(RECORD, changed).where(RECORD.c.seq > since_seq))


def records_with_values(con: Connection, value_nos: pa.Array) -> pa.Table:
    """Return `record_no`, `type`, `value_no` of every record that carries one of the values."""
    return look_up(con, value_nos, RECORD_IDENTIFIER.c.value_no, *_PAIR).drop_columns("position")


def values_of_records(con: Connection, record_nos: pa.Array) -> pa.Table:
    """Return `record_no`, `type`, `value_no` of everything that the records carry."""
    return look_up(con, record_nos, RECORD_IDENTIFIER.c.record_no, *_PAIR).drop_columns("position")


def identifier_values(con: Connection, value_nos: pa.Array | None = None) -> pa.Table:
    """Return `value_no`, `type`, `value_key`, `value` of some values, or of all."""
    columns = [IDENTIFIER_VALUE.c[name] for name in ("value_no", "type", "value_key", "value")]
    if value_nos is None:
        return read_rows(con, sa.select(*columns))
    found = look_up(con, value_nos, IDENTIFIER_VALUE.c.value_no, *columns)
    return found.drop_columns("position")


def value_numbers(con: Connection, value_keys: pa.Array) -> pa.Array:
    """Return the number of each value; -1 where the vault has never seen it."""
    return pa.array(_value_numbers(con, value_keys))


def records_by_value_keys(con: Connection, value_keys: pa.Array) -> pa.Table:
    """Return `value_key`, `record_no`, `record_key` of every record that carries one of them."""
    values = look_up(
        con, value_keys, IDENTIFIER_VALUE.c.value_key, *IDENTIFIER_VALUE.c["value_key", "value_no"]
    )
    ties = records_with_values(con, one_array(values["value_no"]))
    records = look_up(
        con, one_array(ties["record_no"]), RECORD.c.record_no, *RECORD.c["record_no", "record_key"]
    )
    at = pc.index_in(ties["value_no"], value_set=one_array(values["value_no"]))
    ties = ties.append_column("value_key", values["value_key"].take(at))
    keys = records["record_key"].take(
        pc.index_in(ties["record_no"], value_set=one_array(records["record_no"]))
    )
    return ties.select(["value_key", "record_no"]).append_column("record_key", keys)


def identifiers_of(con: Connection, record_keys: pa.Array) -> pa.Table:
    """Return `record_key`, `type`, `value`, `value_key`, `batch` of what the records carry."""
    ties = RECORD.join(RECORD_IDENTIFIER, RECORD_IDENTIFIER.c.record_no == RECORD.c.record_no).join(
        IDENTIFIER_VALUE, IDENTIFIER_VALUE.c.value_no == RECORD_IDENTIFIER.c.value_no
    )
    columns = (
        RECORD.c.record_key,
        IDENTIFIER_VALUE.c.type,
        IDENTIFIER_VALUE.c.value,
        IDENTIFIER_VALUE.c.value_key,
        RECORD_IDENTIFIER.c.batch,
    )
    found = look_up(con, record_keys, RECORD.c.record_key, *columns, through=ties)
    return found.drop_columns("position")


def _add_chunk(con: Connection, rows: pa.Table) -> int:
    record_no = record_numbers(con, one_array(rows["record_key"]))
    value_no = _with_numbers(con, rows)
    order = np.lexsort((value_no, record_no))
    first = np.ones(len(order), bool)
    first[1:] = (np.diff(record_no[order]) != 0) | (np.diff(value_no[order]) != 0)
    order = order[first]
    order = order[_is_new(con, record_no[order], value_no[order])]
    ties = rows.select(["type", "batch"]).take(pa.array(order))
    ties = ties.append_column("record_no", pa.array(record_no[order]))
    insert_rows(con, RECORD_IDENTIFIER, ties.append_column("value_no", pa.array(value_no[order])))
    touch_records(con, ties["record_no"])
    return len(order)


def _with_numbers(con: Connection, rows: pa.Table) -> _Numbers:
    """Return the number of each row's value; values never seen before are added."""
    encoded = pc.dictionary_encode(one_array(rows["value_key"]))
    keys = encoded.dictionary
    numbers = _value_numbers(con, keys)
    new = np.flatnonzero(numbers < 0)
    if len(new):
        first = take(con, "value", len(new))
        numbers[new] = np.arange(first, first + len(new))
        at = pc.index_in(keys.take(pa.array(new)), value_set=one_array(rows["value_key"]))
        added = rows.select(["type", "value_key", "value"]).take(at)
        insert_rows(con, IDENTIFIER_VALUE, added.append_column("value_no", pa.array(numbers[new])))
    spread: _Numbers = numbers[encoded.indices.to_numpy()]
    return spread


def _value_numbers(con: Connection, value_keys: pa.Array) -> _Numbers:
    key, number = IDENTIFIER_VALUE.c["value_key", "value_no"]
    return numbers_of(con, value_keys, key, number)


def _is_new(con: Connection, record_no: _Numbers, value_no: _Numbers) -> np.ndarray[Any, Any]:
    """Return where a tie is not in the vault yet."""
    records = np.unique(record_no)
    known = values_of_records(con, pa.array(records))
    held_records, held_values = known["record_no"].to_numpy(), known["value_no"].to_numpy()
    values = np.unique(np.concatenate([value_no, held_values]))

    def pair(record: _Numbers, value: _Numbers) -> _Numbers:
        place = np.searchsorted(records, record) * len(values)
        return place + np.searchsorted(values, value)

    return ~np.isin(pair(record_no, value_no), pair(held_records, held_values))
