"""How events keep to the tracking plan: counted by source, event, property, rule and day.

Nothing that an event says of a person is here: names of events and properties, counts, moments,
and the message id of one example of each violation.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault.rows import add_row, change_row, find_row
from tuttuno.vault.tables import PLAN_EVENT, PLAN_VIOLATION

#: Names of events and properties that are told apart for each source; more are `OTHER`.
NAMES = 1_000

#: What names are called that are too many, too long, or may hold what names a person.
OTHER = "(other)"


@dataclass(frozen=True, slots=True)
class Event:
    """Events of one name from one source, of one day."""

    source: str
    event: str
    day: datetime


@dataclass(frozen=True, slots=True)
class Broken:
    """One rule broken at one property; an empty `property` is the event as a whole."""

    of: Event
    property: str
    rule: str


@dataclass(slots=True)
class Events:
    """How many events were checked, and how many of them broke the plan at least once."""

    checked: int = 0
    violating: int = 0


@dataclass(slots=True)
class Violations:
    """How many events broke a rule, first and last when, and the message id of the last."""

    times: int
    first_at: datetime
    last_at: datetime
    example: str

    def and_more(self, other: "Violations") -> "Violations":
        """Return both together; in whatever order they came, the outcome is the same."""
        last = max((self.last_at, self.example), (other.last_at, other.example))
        first = min(self.first_at, other.first_at)
        return Violations(self.times + other.times, first, *last)


@dataclass(slots=True)
class PlanCounts:
    """Counts of some events, before they are added to what is there."""

    events: dict[Event, Events] = field(default_factory=dict)
    violations: dict[Broken, Violations] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EventTotal:
    """Events of one name from one source, over some days."""

    source: str
    event: str
    checked: int
    violating: int


@dataclass(frozen=True, slots=True)
class ViolationTotal:
    """How often one rule was broken at one property, over some days.

    Attributes:
        example: The message id of an event that broke it, of the latest day.
    """

    source: str
    event: str
    property: str
    rule: str
    times: int
    first_at: datetime
    last_at: datetime
    example: str


def add_counts(con: Connection, counts: PlanCounts) -> None:
    """Add counts to those of the same source, event, property, rule and day.

    Whoever calls it does so in the transaction that ends his claim, so that each event is
    counted once however often he was killed before.
    """
    named = _Names(con)
    events: dict[Event, Events] = {}
    for event, more in counts.events.items():
        sums = events.setdefault(named.event(event), Events())
        sums.checked += more.checked
        sums.violating += more.violating
    violations: dict[Broken, Violations] = {}
    for broken, found in counts.violations.items():
        place = named.broken(broken)
        before = violations.get(place)
        violations[place] = found if before is None else before.and_more(found)
    for event, sums in events.items():
        _add_events(con, event, sums)
    for broken, found in violations.items():
        _add_violations(con, broken, found)


def event_totals(con: Connection, *, since: datetime | None = None) -> list[EventTotal]:
    """Return how many events were checked, by source and event."""
    table = PLAN_EVENT.c
    wanted = (
        sa.select(table.source, table.event, *_sums(table.checked, table.violating))
        .where(*_since(table.day, since))
        .group_by(table.source, table.event)
        .order_by(table.source, table.event)
    )
    return [EventTotal(*row[:2], *map(int, row[2:])) for row in con.execute(wanted)]


def violation_totals(con: Connection, *, since: datetime | None = None) -> list[ViolationTotal]:
    """Return what was broken, the most frequent first."""
    wanted = sa.select(PLAN_VIOLATION).where(*_since(PLAN_VIOLATION.c.day, since))
    found: dict[tuple[str, str, str, str], Violations] = {}
    for row in con.execute(wanted).mappings():
        place = (row["source"], row["event"], row["property"], row["rule"])
        one = Violations(row["times"], row["first_at"], row["last_at"], row["example"])
        found[place] = found[place].and_more(one) if place in found else one
    totals = [
        ViolationTotal(*place, one.times, one.first_at, one.last_at, one.example)
        for place, one in found.items()
    ]
    return sorted(
        totals, key=lambda one: (-one.times, one.source, one.event, one.property, one.rule)
    )


def _sums(*columns: sa.ColumnElement[int]) -> list[sa.ColumnElement[int]]:
    return [sa.func.sum(column) for column in columns]


def _since(
    column: sa.ColumnElement[datetime], since: datetime | None
) -> list[sa.ColumnElement[bool]]:
    return [] if since is None else [column >= since]


class _Names:
    """The names that are told apart; a sender who makes up ever new ones does not fill the disk."""

    def __init__(self, con: Connection) -> None:
        self._known: dict[str, set[tuple[str, str]]] = {}
        names = sa.select(*PLAN_EVENT.c["source", "event"]).distinct()
        self._keep((source, event, "") for source, event in con.execute(names))
        places = sa.select(*PLAN_VIOLATION.c["source", "event", "property"]).distinct()
        self._keep((row[0], row[1], row[2]) for row in con.execute(places))

    def _keep(self, names: Iterable[tuple[str, str, str]]) -> None:
        for source, event, place in names:
            self._known.setdefault(source, set()).add((event, place))

    def _room(self, source: str, event: str, place: str) -> bool:
        known = self._known.setdefault(source, set())
        if (event, place) in known:
            return True
        if len(known) >= NAMES:
            return False
        known.add((event, place))
        return True

    def event(self, event: Event) -> Event:
        """Return it under the name under which it is counted."""
        if self._room(event.source, event.event, ""):
            return event
        return Event(event.source, OTHER, event.day)

    def broken(self, broken: Broken) -> Broken:
        """Return it under the names under which it is counted."""
        of = self.event(broken.of)
        if not broken.property or self._room(of.source, of.event, broken.property):
            return Broken(of, broken.property, broken.rule)
        return Broken(of, OTHER, broken.rule)


def _add_events(con: Connection, event: Event, more: Events) -> None:
    key = {"source": event.source, "event": event.event, "day": event.day}
    before = find_row(con, PLAN_EVENT, key)
    if before is None:
        add_row(con, PLAN_EVENT, {**key, "checked": more.checked, "violating": more.violating})
        return
    new = {
        "checked": before["checked"] + more.checked,
        "violating": before["violating"] + more.violating,
    }
    change_row(con, PLAN_EVENT, key, new)


def _add_violations(con: Connection, broken: Broken, more: Violations) -> None:
    of = broken.of
    key = {
        "source": of.source,
        "event": of.event,
        "property": broken.property,
        "rule": broken.rule,
        "day": of.day,
    }
    before = find_row(con, PLAN_VIOLATION, key)
    if before is None:
        add_row(con, PLAN_VIOLATION, {**key, **_told(more)})
        return
    held = Violations(before["times"], before["first_at"], before["last_at"], before["example"])
    change_row(con, PLAN_VIOLATION, key, _told(held.and_more(more)))


def _told(found: Violations) -> dict[str, Any]:
    return {
        "times": found.times,
        "first_at": found.first_at,
        "last_at": found.last_at,
        "example": found.example,
    }
