"""Persons: ids that are never given twice, what became of them, and whose records they hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.errors import NotFound
from tuttuno.vault.bulk import insert_rows, look_up, one_array, plain_rows, put_rows, read_rows
from tuttuno.vault.counters import take
from tuttuno.vault.rows import find_row
from tuttuno.vault.tables import (
    IDENTIFIER_VALUE,
    MEMBERSHIP,
    PERSON,
    RECORD,
    RECORD_IDENTIFIER,
)

_NOW: Final = MEMBERSHIP.c.until_run.is_(None)
_MEMBER: Final = MEMBERSHIP.c.record_no == RECORD.c.record_no
_TIED: Final = RECORD_IDENTIFIER.c.record_no == MEMBERSHIP.c.record_no
_VALUED: Final = IDENTIFIER_VALUE.c.value_no == RECORD_IDENTIFIER.c.value_no

# Made once: a prepared look-up is known again by the very tables it goes through.
_BELONGS: Final = RECORD.join(MEMBERSHIP, _MEMBER & _NOW)
_CARRIED: Final = IDENTIFIER_VALUE.join(RECORD_IDENTIFIER, _VALUED).join(MEMBERSHIP, _TIED & _NOW)


class PersonStatus(StrEnum):
    """What became of an id."""

    ACTIVE = "active"
    MERGED = "merged"  # she is now known under another id
    RETIRED = "retired"  # no record is left


@dataclass(frozen=True, slots=True)
class Person:
    """One id.

    Attributes:
        merged_into: The id it was merged into, which may itself be merged; None unless merged.
    """

    person_id: int
    status: PersonStatus
    merged_into: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """One record of a person.

    Attributes:
        since_run: The identity run that put it there.
        cause: Why, in a word of the identity run.
    """

    record_no: int
    record_key: str
    source: str
    record_id: str
    since_run: int
    cause: str


class NoSuchPerson(NotFound):
    """This id was never given."""

    def __init__(self, person_id: int) -> None:
        self.person_id = person_id
        super().__init__(f"there is no person {person_id}", hint="search by e-mail, phone or card")


def create_persons(con: Connection, count: int, at: datetime) -> pa.Array:
    """Make active persons; return their ids, which rise and were never given before."""
    first = take(con, "person", count)
    ids = pa.array(np.arange(first, first + count, dtype=np.int64))
    status = pa.array([PersonStatus.ACTIVE.value] * count, pa.string())
    created = pa.array([at] * count, pa.timestamp("us", "UTC"))
    rows = pa.table({"person_id": ids, "status": status, "created_at": created})
    insert_rows(con, PERSON, rows)
    return ids


def change_persons(con: Connection, rows: pa.Table) -> None:
    """Say what became of ids.

    Args:
        con: Inside a transaction.
        rows: `person_id`, `status` (`PersonStatus`), `merged_into` (null unless merged).

    Raises:
        NoSuchPerson: One of the ids was never given.
    """
    asked = rows["person_id"].combine_chunks()
    found = look_up(con, asked, PERSON.c.person_id, PERSON.c.person_id, PERSON.c.created_at)
    at = pc.index_in(asked, value_set=found["person_id"].combine_chunks())
    if at.null_count:
        raise NoSuchPerson(asked.filter(pc.is_null(at))[0].as_py())
    put_rows(con, PERSON, rows.append_column("created_at", found["created_at"].take(at)))


def person_of(con: Connection, person_id: int) -> Person:
    """Return what is known of an id.

    Raises:
        NoSuchPerson: It was never given.
    """
    row = find_row(con, PERSON, {"person_id": person_id})
    if row is None:
        raise NoSuchPerson(person_id)
    values = {name: row[name] for name in Person.__dataclass_fields__}
    return Person(**{**values, "status": PersonStatus(row["status"])})


def resolve_person_id(con: Connection, person_id: int) -> int:
    """Return the id under which a person is known now; most often the same.

    Raises:
        NoSuchPerson: It was never given.
    """
    seen: set[int] = set()
    person = person_of(con, person_id)
    while person.merged_into is not None and person.person_id not in seen:
        seen.add(person.person_id)
        person = person_of(con, person.merged_into)
    return person.person_id


def aliases_of(con: Connection, person_id: int) -> list[int]:
    """Return every other id under which this person was ever known, smallest first."""
    start = sa.select(PERSON.c.person_id).where(PERSON.c.merged_into == person_id)
    known = start.cte("known", recursive=True)
    known = known.union(
        sa.select(PERSON.c.person_id).join(known, PERSON.c.merged_into == known.c.person_id)
    )
    return list(con.scalars(sa.select(known.c.person_id).order_by(known.c.person_id)))


def current_membership(con: Connection) -> pa.Table:
    """Return `record_no`, `record_key`, `person_id` of every record that belongs to somebody."""
    columns = (RECORD.c.record_no, RECORD.c.record_key, MEMBERSHIP.c.person_id)
    return read_rows(con, sa.select(*columns).join(MEMBERSHIP, _MEMBER).where(_NOW))


def membership_numbers(con: Connection, record_nos: pa.Array | None = None) -> pa.Table:
    """Return `record_no`, `person_id` alone: several times as fast as `current_membership`.

    Args:
        con: Inside a transaction.
        record_nos: Only of these records, as far as they belong to somebody.
    """
    columns = MEMBERSHIP.c["record_no", "person_id"]
    if record_nos is None:
        return read_rows(con, sa.select(*columns).where(_NOW))
    wanted = (*columns, MEMBERSHIP.c.until_run)
    found = look_up(con, record_nos, MEMBERSHIP.c.record_no, *wanted)
    return found.filter(pc.is_null(found["until_run"])).select(["record_no", "person_id"])


def member_numbers(con: Connection, person_ids: pa.Array) -> pa.Array:
    """Return the `record_no` of every record that belongs to one of some persons now."""
    wanted = MEMBERSHIP.c["record_no", "until_run"]
    found = look_up(con, person_ids, MEMBERSHIP.c.person_id, *wanted)
    return one_array(found.filter(pc.is_null(found["until_run"]))["record_no"])


def members_left(con: Connection, person_ids: pa.Array) -> pa.Table:
    """Return `person_id`, `records` (how many belong to her now, 0 for none) of some persons."""
    ids = person_ids.unique()
    wanted = MEMBERSHIP.c["person_id", "until_run"]
    found = look_up(con, ids, MEMBERSHIP.c.person_id, *wanted)
    now = found.filter(pc.is_null(found["until_run"]))["person_id"].to_numpy()
    held, counts = np.unique(now, return_counts=True)
    records = np.zeros(len(ids), np.int64)
    records[pc.index_in(pa.array(held), value_set=ids).to_numpy()] = counts
    return pa.table({"person_id": ids, "records": records})


def apply_membership(con: Connection, changes: pa.Table, run: int) -> None:
    """Move records to persons from this run on; where they were before is kept.

    Args:
        con: Inside a transaction.
        changes: `record_no`, `person_id`, `cause`; each record once, and only those that move.
        run: The identity run, later than every one before it.
    """
    records = changes["record_no"].combine_chunks()
    columns = [column for column in MEMBERSHIP.columns if column.name != "check"]
    held = look_up(con, records, MEMBERSHIP.c.record_no, *columns).drop_columns("position")
    held = held.filter(pc.is_null(held["until_run"]))
    if held.num_rows:
        ended = pa.array(np.full(held.num_rows, run))
        at = held.column_names.index("until_run")
        put_rows(con, MEMBERSHIP, held.set_column(at, "until_run", ended))
    since = pa.array(np.full(changes.num_rows, run))
    insert_rows(con, MEMBERSHIP, changes.append_column("since_run", since))


def history(con: Connection, record_nos: pa.Array) -> pa.Table:
    """Return `record_no`, `person_id`, `since_run`, `cause` of whomever records belonged to."""
    wanted = MEMBERSHIP.c["record_no", "person_id", "since_run", "cause"]
    return look_up(con, record_nos, MEMBERSHIP.c.record_no, *wanted).drop_columns("position")


def moved_since(con: Connection, run: int) -> pa.Array:
    """Return the `record_key` of every record that came to another person after a run."""
    keys = sa.select(RECORD.c.record_key).join(MEMBERSHIP, _MEMBER)
    moved = read_rows(con, keys.where(MEMBERSHIP.c.since_run > run).distinct())
    return moved["record_key"].combine_chunks()


def persons_of_records(con: Connection, record_keys: pa.Array) -> pa.Table:
    """Return `record_key`, `person_id` of those records that belong to somebody."""
    columns = (RECORD.c.record_key, MEMBERSHIP.c.person_id)
    found = look_up(con, record_keys, RECORD.c.record_key, *columns, through=_BELONGS)
    return found.drop_columns("position")


def persons_by_value_key(con: Connection, value_key: str) -> list[int]:
    """Return the ids of the persons who carry an identifier value, smallest first."""
    return sorted(carriers(con, [value_key]).get(value_key, ()))


def carriers(con: Connection, value_keys: Sequence[str]) -> dict[str, set[int]]:
    """Return the ids of the persons who carry each of a few identifier values; nobody: no entry."""
    found: dict[str, set[int]] = {}
    value, person = IDENTIFIER_VALUE.c.value_key, MEMBERSHIP.c.person_id
    for position, one in plain_rows(con, value_keys, value, person, through=_CARRIED):
        found.setdefault(value_keys[position], set()).add(one)
    return found


class Told(NamedTuple):
    """What a record tells of the person it belongs to, and how old that is.

    Attributes:
        changed_at: When it changed last, else when it was made, in microseconds.
    """

    person_id: int
    record_key: str
    source: str
    given_name: str | None
    family_name: str | None
    city: str | None
    changed_at: int | None


_TOLD: Final = (
    MEMBERSHIP.c.person_id,
    *RECORD.c["record_key", "source", "given_name", "family_name", "city"],
    sa.func.coalesce(
        *(sa.type_coerce(RECORD.c[name], sa.BigInteger) for name in ("updated_at", "created_at"))
    ).label("changed_at"),
)


def told_of(con: Connection, person_ids: Sequence[int]) -> list[Told]:
    """Return what the records of a few persons tell, in no order."""
    found = plain_rows(con, person_ids, MEMBERSHIP.c.person_id, *_TOLD, through=_BELONGS)
    return [Told(*row[1:]) for row in found]


def members(con: Connection, person_id: int) -> list[Member]:
    """Return the records of a person; none for an id that is merged or retired."""
    names = Member.__dataclass_fields__
    columns = [MEMBERSHIP.c[n] if n in MEMBERSHIP.c else RECORD.c[n] for n in names]
    statement: sa.Select[Any] = sa.select(*columns).join(RECORD, _MEMBER)
    statement = statement.where(MEMBERSHIP.c.person_id == person_id, _NOW)
    ordered = statement.order_by(MEMBERSHIP.c.record_no)
    return [Member(**row) for row in con.execute(ordered).mappings()]
