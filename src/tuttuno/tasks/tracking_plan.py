"""The tracking plan: what events have broken of it, and what events in a file would break."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import msgspec

from tuttuno.errors import BadInput, NotFound
from tuttuno.intake.tracking.check import Checker, Violation
from tuttuno.intake.tracking.plan import PlannedEvent, TrackingPlan
from tuttuno.vault.plan_counts import EventTotal, ViolationTotal, event_totals, violation_totals
from tuttuno.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Only:
    """Which counts are meant; empty: all of them.

    Attributes:
        source: Who sent the events.
        event: Their name.
        rule: That was broken.
        since: From this day on (UTC), included.
    """

    source: str = ""
    event: str = ""
    rule: str = ""
    since: date | None = None

    def means(self, one: EventTotal | ViolationTotal) -> bool:
        """Tell whether a count is meant, whatever its rule."""
        return self.source in {"", one.source} and self.event in {"", one.event}


@dataclass(frozen=True, slots=True)
class Broken:
    """One violation beside the events among which it was found.

    Attributes:
        total: How often, when, where.
        checked: Events of that name from that source.
        owner: Who answers for the event; empty: nobody has said so.
    """

    total: ViolationTotal
    checked: int
    owner: str

    @property
    def share(self) -> float | None:
        """Of the events that were checked; None: none was."""
        return self.total.times / self.checked if self.checked else None


@dataclass(frozen=True, slots=True)
class Findings:
    """How events have kept to the plan.

    Attributes:
        events: By source and name.
        violations: The most frequent first.
    """

    events: tuple[EventTotal, ...]
    violations: tuple[Broken, ...]

    @property
    def checked(self) -> int:
        """Events that were checked."""
        return sum(each.checked for each in self.events)

    @property
    def violating(self) -> int:
        """Events that broke at least one rule."""
        return sum(each.violating for each in self.events)

    @property
    def share(self) -> float | None:
        """Violating events of those checked; None: none was checked."""
        return self.violating / self.checked if self.checked else None


@dataclass(frozen=True, slots=True)
class InFile:
    """What the events of a file break.

    Attributes:
        events: How many there were.
        violating: How many of them break something.
        found: Number of the event from 1, its name, what it breaks.
    """

    events: int
    violating: int
    found: tuple[tuple[int, str, Violation], ...]


def findings(inbox: Vault, plan: TrackingPlan, only: Only | None = None) -> Findings:
    """Return how live events have kept to the plan since the first of them was checked."""
    wanted = only or Only()
    since = None if wanted.since is None else datetime.combine(wanted.since, time(), UTC)
    with inbox.read() as con:
        totals = event_totals(con, since=since)
        broken = violation_totals(con, since=since)
    checked = {(each.source, each.event): each.checked for each in totals}
    return Findings(
        tuple(each for each in totals if wanted.means(each)),
        tuple(
            Broken(each, checked.get((each.source, each.event), 0), _owner(plan, each.event))
            for each in broken
            if wanted.means(each) and wanted.rule in {"", each.rule}
        ),
    )


def check_file(path: Path, plan: TrackingPlan, *, source: str = "") -> InFile:
    """Check events that were not sent yet, e.g. those of a test of the shop.

    Args:
        path: Events in JSON: one, a list, a batch as clients send it, or one on each line.
        plan: What was agreed on.
        source: Who would send them; empty: whoever may.

    Raises:
        NotFound: There is no such file.
        BadInput: The file cannot be read, or something in it is no event.
    """
    checker = Checker(plan)
    found: list[tuple[int, str, Violation]] = []
    count = violating = 0
    for count, event in enumerate(_events(path), 1):
        checked = checker.check(event, source=source)
        violating += bool(checked.violations)
        found += [(count, checked.name, each) for each in checked.violations]
    return InFile(count, violating, tuple(found))


def told(event: PlannedEvent) -> dict[str, Any]:
    """Return an event of the plan as JSON tells it."""
    properties = {
        path: {name: value for name, value in msgspec.to_builtins(each).items() if _says(value)}
        for path, each in event.properties.items()
    }
    return {
        "event": event.name,
        "meaning": event.meaning,
        "owner": event.owner or None,
        "sources": list(event.sources),
        "built_in": event.built_in,
        "properties": properties,
    }


def told_findings(found: Findings) -> dict[str, Any]:
    """Return findings as JSON tells them."""
    return {
        "checked": found.checked,
        "violating": found.violating,
        "share": found.share,
        "events": [msgspec.to_builtins(each) for each in found.events],
        "violations": [
            {
                **msgspec.to_builtins(each.total),
                "checked": each.checked,
                "share": each.share,
                "owner": each.owner or None,
            }
            for each in found.violations
        ],
    }


def _says(value: object) -> bool:
    """A bound of zero says something; nothing, no text and no flag do not."""
    return bool(value) or (isinstance(value, int | float) and not isinstance(value, bool))


def _owner(plan: TrackingPlan, event: str) -> str:
    planned = plan.events.get(event)
    return "" if planned is None else planned.owner


def _events(path: Path) -> Iterator[dict[str, Any]]:
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"{path} does not exist", hint="name a file of events in JSON") from None
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    for number, one in enumerate(_values(text, path), 1):
        if not isinstance(one, dict):
            raise BadInput(f"{path}: number {number} is no event", hint="an event is an object")
        yield one


def _values(text: bytes, path: Path) -> list[Any]:
    try:
        whole = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return _lines(text, path)
    if isinstance(whole, dict) and isinstance(whole.get("batch"), list):
        whole = whole["batch"]
    return whole if isinstance(whole, list) else [whole]


def _lines(text: bytes, path: Path) -> list[Any]:
    try:
        return [msgspec.json.decode(line) for line in text.splitlines() if line.strip()]
    except msgspec.DecodeError as error:
        raise BadInput(f"{path} is neither JSON nor lines of it: {error}") from error
