"""Identifiers: the normalised values that may tie records together, and who carries them."""

from enum import IntFlag
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault.bulk import (
    delete_keys,
    delete_rows,
    insert_rows,
    look_up,
    numbers_of,
    one_array,
    put_rows,
    read_rows,
)
from tuttuno.vault.checks import checked_columns
from tuttuno.vault.counters import change_number, take
from tuttuno.vault.records import record_numbers, touch_records
from tuttuno.vault.tables import IDENTIFIER_VALUE, RECORD, RECORD_IDENTIFIER
from tuttuno.vault.ties import Numbers, Ties
from tuttuno.vocab import IdentifierType

#: Rows that are matched with what is there at a time.
CHUNK: Final = 200_000

_PAIR = (RECORD_IDENTIFIER.c.record_no, RECORD_IDENTIFIER.c.type, RECORD_IDENTIFIER.c.value_no)

_TIED = RECORD_IDENTIFIER.join(RECORD, RECORD.c.record_no == RECORD_IDENTIFIER.c.record_no).join(
    IDENTIFIER_VALUE, IDENTIFIER_VALUE.c.value_no == RECORD_IDENTIFIER.c.value_no
)


class Origin(IntFlag):
    """On whose word a record carries a value; a tie can have both."""

    RECORD = 1  # its source says so of the person
    EVENT = 2  # seen on a sale, a touch or a card


def add_identifiers(con: Connection, rows: pa.Table, *, origin: Origin = Origin.RECORD) -> int:
    """Tie values to records; what is known already changes nothing.

    A record that gains an identifier is filed under this transaction's change number.

    Args:
        con: Inside a transaction.
        rows: `record_key`, `type`, `value` (normalised), `value_key`, `batch`, and `record_no`
            where it is known. Fastest when the rows of one record lie together.
        origin: On whose word.

    Returns:
        How many ties are new.

    Raises:
        UnknownRecords: A row belongs to a record that is not in the vault.
    """
    change_number(con)  # one writer at a time from here on, also in PostgreSQL
    added = 0
    for start in range(0, rows.num_rows, CHUNK):
        part = rows.slice(start, CHUNK).combine_chunks()
        if "record_no" in part.column_names:
            records = part["record_no"].to_numpy()
        else:
            records = record_numbers(con, one_array(part["record_key"]))
        ties = {"record_no": records, "value_no": _with_numbers(con, part)}
        ties |= {name: part[name] for name in ("type", "batch")}
        added += _tie(con, pa.table(ties), origin)
    return added


def set_identifiers(con: Connection, record_keys: pa.Array, rows: pa.Table) -> int:
    """Tie records to exactly those values that their source names now.

    A value that the source no longer names stays only where an event has shown it. Whoever
    else carries a value that was dropped is filed as changed too, and a value that nobody
    carries any more is deleted.

    Args:
        con: Inside a transaction.
        record_keys: The records, also those that have no row.
        rows: As for `add_identifiers`, of these records only.

    Returns:
        How many ties were dropped.
    """
    add_identifiers(con, rows, origin=Origin.RECORD)
    held = _held(con, pa.array(np.unique(record_numbers(con, record_keys))))
    named = Ties(
        record_numbers(con, one_array(rows["record_key"])),
        _value_numbers(con, one_array(rows["value_key"])),
    )
    first = named.firsts()
    named = Ties(named.record_no[first], named.value_no[first])
    by_record = held["origin"].to_numpy() & Origin.RECORD
    stale = held.filter(pa.array((Ties.of(held).places_in(named) < 0) & (by_record > 0)))
    shown = stale.filter(pc.not_equal(stale["origin"], int(Origin.RECORD)))
    origins = shown["origin"].to_numpy() - Origin.RECORD
    put_rows(con, RECORD_IDENTIFIER, _with_origin(shown, origins))
    dropped = stale.filter(pc.equal(stale["origin"], int(Origin.RECORD)))
    untie(con, dropped)
    count: int = dropped.num_rows
    return count


def untie(con: Connection, ties: pa.Table) -> int:
    """Delete ties (`record_no`, `value_no`) and the values that nobody carries after that.

    Everybody who carries, or carried, one of the values is filed as changed, because after
    this nobody could tell whom the change concerns. Returns how many values are gone.
    """
    values = one_array(ties["value_no"]).unique()
    carriers = records_with_values(con, values)
    delete_rows(con, RECORD_IDENTIFIER, ties)
    touch_records(con, one_array(carriers["record_no"]))
    left = one_array(records_with_values(con, values)["value_no"])
    alone = values.filter(pc.invert(pc.is_in(values, value_set=left)))
    return delete_keys(con, IDENTIFIER_VALUE.c.value_no, alone)


def identifier_pairs(con: Connection, kind: IdentifierType | None = None) -> pa.Table:
    """Return `record_no`, `type`, `value_no` of all ties, or of those of one kind."""
    pairs = sa.select(*_PAIR)
    if kind is not None:
        pairs = pairs.where(RECORD_IDENTIFIER.c.type == kind.value)
    return read_rows(con, pairs)


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
    found = look_up(
        con,
        value_keys,
        IDENTIFIER_VALUE.c.value_key,
        IDENTIFIER_VALUE.c.value_key,
        RECORD.c.record_no,
        RECORD.c.record_key,
        through=_TIED,
    )
    return found.drop_columns("position")


def identifiers_of(con: Connection, record_keys: pa.Array) -> pa.Table:
    """Return `record_key`, `type`, `value`, `value_key`, `batch` of what the records carry."""
    columns = (
        RECORD.c.record_key,
        IDENTIFIER_VALUE.c.type,
        IDENTIFIER_VALUE.c.value,
        IDENTIFIER_VALUE.c.value_key,
        RECORD_IDENTIFIER.c.batch,
    )
    found = look_up(con, record_keys, RECORD.c.record_key, *columns, through=_TIED)
    return found.drop_columns("position")


def _tie(con: Connection, rows: pa.Table, origin: Origin) -> int:
    """Add ties (`record_no`, `value_no`, `type`, `batch`); return how many are new."""
    rows = rows.take(pa.array(Ties.of(rows).firsts()))
    held = _held(con, _perhaps_tied(con, one_array(rows["record_no"]).unique()))
    at = Ties.of(rows).places_in(Ties.of(held))
    new = rows.filter(pa.array(at < 0))
    insert_rows(con, RECORD_IDENTIFIER, _with_origin(new, np.full(new.num_rows, origin)))
    touch_records(con, one_array(new["record_no"]))
    old = held.take(pa.array(at[at >= 0]))
    origins = old["origin"].to_numpy()
    changed = pa.array(origins & origin != origin)
    put_rows(con, RECORD_IDENTIFIER, _with_origin(old, origins | origin).filter(changed))
    count: int = new.num_rows
    return count


def _perhaps_tied(con: Connection, record_nos: pa.Array) -> pa.Array:
    """Leave out the records that came after the last one that carries anything."""
    last = con.scalar(sa.select(sa.func.max(RECORD_IDENTIFIER.c.record_no))) or 0
    return record_nos.filter(pc.less_equal(record_nos, last))


def _held(con: Connection, record_nos: pa.Array) -> pa.Table:
    columns = checked_columns(RECORD_IDENTIFIER)
    found = look_up(con, record_nos, RECORD_IDENTIFIER.c.record_no, *columns)
    return found.drop_columns("position")


def _with_origin(rows: pa.Table, origins: Numbers) -> pa.Table:
    column = pa.array(origins.astype(np.int64))
    if "origin" in rows.column_names:
        return rows.set_column(rows.column_names.index("origin"), "origin", column)
    return rows.append_column("origin", column)


def _with_numbers(con: Connection, rows: pa.Table) -> Numbers:
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
    spread: Numbers = numbers[encoded.indices.to_numpy()]
    return spread


def _value_numbers(con: Connection, value_keys: pa.Array) -> Numbers:
    key, number = IDENTIFIER_VALUE.c["value_key", "value_no"]
    return numbers_of(con, value_keys, key, number)
