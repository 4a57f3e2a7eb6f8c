"""What came through live doors, hour by hour: received, and the five things that became of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault.batches import Counts, LedgerHour
from tuttuno.vault.checks import check_of
from tuttuno.vault.quick import Quick
from tuttuno.vault.tables import DOOR_HOUR
from tuttuno.vault.tables.columns import stored

_COUNTS = tuple(Counts.__dataclass_fields__)
_CHANGED: Final = (*_COUNTS, "last_at")

_THIS: Final = (DOOR_HOUR.c.source == sa.bindparam("of")) & (
    sa.type_coerce(DOOR_HOUR.c.hour, sa.BigInteger) == sa.bindparam("at")
)
_BEFORE: Final = (
    sa.select(*DOOR_HOUR.c[_COUNTS], sa.type_coerce(DOOR_HOUR.c.last_at, sa.BigInteger))
    .where(_THIS)
    .with_for_update()
)
_CHANGE: Final = (
    sa.update(DOOR_HOUR)
    .where(_THIS)
    .values({name: sa.bindparam(f"new_{name}") for name in (*_CHANGED, "check")})
)


class Verdict(StrEnum):
    """What became of one message at the door."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"
    REJECTED = "rejected"


#: One message that came: its source, when, and what became of it.
Came = tuple[str, datetime, Verdict]


@dataclass(frozen=True, slots=True)
class Heard:
    """A source that speaks live, and when it was last heard."""

    source: str
    last_at: datetime


def count_came(sent: Quick, came: Sequence[Came]) -> None:
    """Add messages to the hours they came in."""
    counts: dict[tuple[str, datetime], Counter[str]] = {}
    last: dict[tuple[str, datetime], datetime] = {}
    # Messages of one request came at one moment, so there are few moments among many messages.
    for (source, at, verdict), times in Counter(came).items():
        place = (source, at.replace(minute=0, second=0, microsecond=0))
        counts.setdefault(place, Counter())[verdict] += times
        last[place] = max(last.get(place, at), at)
    for place in sorted(counts):
        _add(sent, place, counts[place], last[place])


def doors_by_hour(con: Connection, *, source: str | None = None) -> list[LedgerHour]:
    """Return the conservation law of live messages per source and hour, latest hour first."""
    statement = sa.select(*DOOR_HOUR.c["source", "hour", *_COUNTS]).order_by(
        DOOR_HOUR.c.hour.desc(), DOOR_HOUR.c.source
    )
    if source is not None:
        statement = statement.where(DOOR_HOUR.c.source == source)
    return [LedgerHour(row[0], row[1], Counts(*row[2:])) for row in con.execute(statement)]


def last_heard(con: Connection) -> list[Heard]:
    """Return when each source was last heard, by name."""
    statement = (
        sa.select(
            DOOR_HOUR.c.source, sa.func.max(DOOR_HOUR.c.last_at, type_=DOOR_HOUR.c.last_at.type)
        )
        .group_by(DOOR_HOUR.c.source)
        .order_by(DOOR_HOUR.c.source)
    )
    return [Heard(*tuple(row)) for row in con.execute(statement)]


def _add(sent: Quick, place: tuple[str, datetime], came: Counter[str], last_at: datetime) -> None:
    source, hour = place[0], stored(DOOR_HOUR.c.hour, place[1])
    told = stored(DOOR_HOUR.c.last_at, last_at)
    more = Counts(received=came.total(), **came)
    before = sent.row(_BEFORE, of=source, at=hour)
    if before is None:
        sent.add(DOOR_HOUR, (source, hour, *more.row, told))
        return
    counts = (Counts(*before[:-1]) + more).row
    row = (*counts, max(before[-1], told))
    new = {f"new_{name}": value for name, value in zip(_CHANGED, row, strict=True)}
    sent.run(_CHANGE, of=source, at=hour, new_check=check_of((source, hour, *row)), **new)
