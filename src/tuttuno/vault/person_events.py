"""What happened to persons' ids, in a chain of hashes; every merge can be told and undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault.bulk import insert_rows, stored_values
from tuttuno.vault.chains import linked, seal_of
from tuttuno.vault.counters import take
from tuttuno.vault.tables import PERSON, PERSON_EVENT

#: Ids asked for at a time.
_ASKED = 10_000


class PersonEventKind(StrEnum):
    """What can happen to an id."""

    CREATED = "created"
    MERGED = "merged"
    SPLIT = "split"
    ALIASED = "aliased"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class PersonEvent:
    """One thing that happened to one id.

    Attributes:
        before: Where it stood, e.g. record numbers or ids; never anything that names her.
        after: Where it stands now.
    """

    seq: int
    kind: PersonEventKind
    person_id: int
    run: int
    before: Any
    after: Any
    cause: str
    at: datetime


def append_events(con: Connection, rows: pa.Table, *, run: int, at: datetime) -> None:
    """Add events at the end of the chain, in the order of the rows.

    Args:
        con: Inside a transaction.
        rows: `kind`, `person_id`, `before` and `after` (JSON text or null), `cause`.
        run: The identity run that made them.
        at: When it did.
    """
    take(con, "event", rows.num_rows)  # nobody else may continue the chain meanwhile
    count = rows.num_rows
    rows = rows.append_column("run", pa.array(np.full(count, run)))
    rows = rows.append_column("at", pa.array([at] * count, pa.timestamp("us", "UTC")))
    values = [c for c in PERSON_EVENT.columns if c.name not in {"seq", "prev_hash", "hash"}]
    entries = zip(*(stored_values(rows, column) for column in values), strict=True)
    links = list(zip(*linked(seal_of(con, PERSON_EVENT), entries), strict=True))
    for name, column in zip(("seq", "prev_hash", "hash"), links, strict=False):
        rows = rows.append_column(name, pa.array(column))
    if count:
        insert_rows(con, PERSON_EVENT, rows)


def events_of(con: Connection, person_ids: Sequence[int]) -> list[PersonEvent]:
    """Return what happened to some ids, oldest first."""
    return _events(con, PERSON_EVENT.c.person_id.in_(person_ids))


def events_of_run(con: Connection, run: int) -> list[PersonEvent]:
    """Return what one identity run did, in its order."""
    return _events(con, PERSON_EVENT.c.run == run)


def last_merges(con: Connection, person_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return into whom, and in which run, each of the ids that are merged now was merged."""
    found = dict[int, tuple[int, int]]()
    for start in range(0, len(person_ids), _ASKED):
        part = person_ids[start : start + _ASKED]
        merged = PERSON.c.person_id.in_(part) & PERSON.c.merged_into.is_not(None)
        now = set(con.scalars(sa.select(PERSON.c.person_id).where(merged)))
        for event in events_of(con, part):
            if event.kind is PersonEventKind.ALIASED and event.person_id in now:
                found[event.person_id] = (event.after[0], event.run)
    return found


def _events(con: Connection, condition: sa.ColumnElement[bool]) -> list[PersonEvent]:
    statement = sa.select(PERSON_EVENT).where(condition).order_by(PERSON_EVENT.c.seq)
    return [_event(row) for row in con.execute(statement).mappings()]


def _event(row: sa.RowMapping) -> PersonEvent:
    values = {name: row[name] for name in PersonEvent.__dataclass_fields__}
    for name in ("before", "after"):
        values[name] = None if row[name] is None else msgspec.json.decode(row[name])
    return PersonEvent(**{**values, "kind": PersonEventKind(row["kind"])})
