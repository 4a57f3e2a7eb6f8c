"""Live messages checked against the tracking plan while they are taken in, and counted."""

from datetime import datetime

import msgspec

from tuttuno.intake.tracking.check import Checked, Checker
from tuttuno.intake.tracking.plan import TrackingPlan
from tuttuno.vault.inbox import Kept
from tuttuno.vault.plan_counts import (
    OTHER,
    Broken,
    Event,
    Events,
    PlanCounts,
    Violations,
    add_counts,
)
from tuttuno.vault.vault import Connection

_LONGEST = 100


class PlanTally:
    """Counts the messages of one claim; they are written where the claim is closed.

    Args:
        plan: What was agreed on.
    """

    def __init__(self, plan: TrackingPlan) -> None:
        self._sources = plan.sources
        self._checker = Checker(plan)
        self.counts = PlanCounts()

    def see(self, message: Kept) -> None:
        """Check a good message; one of a source that sends no events is passed over."""
        if message.source not in self._sources:
            return
        try:
            event = msgspec.json.decode(message.body)
        except (msgspec.DecodeError, RecursionError):
            return  # its file is refused in the same claim, and it waits in quarantine
        if isinstance(event, dict):
            found = self._checker.check(event, source=message.source, kind=message.kind)
            self._count(message, found)

    def write(self, con: Connection) -> None:
        """Add what was counted to what is known; in the transaction that closes the claim."""
        add_counts(con, self.counts)

    def _count(self, message: Kept, found: Checked) -> None:
        at, name = message.received_at, _shown(message.message_id)
        event = Event(message.source, found.name, _day(at))
        sums = self.counts.events.setdefault(event, Events())
        sums.checked += 1
        sums.violating += bool(found.violations)
        for each in found.violations:
            place = Broken(event, each.property, each.rule)
            one, before = Violations(1, at, at, name), self.counts.violations.get(place)
            self.counts.violations[place] = one if before is None else before.and_more(one)


def _day(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _shown(message_id: str) -> str:
    """An id that is an address would tell who sent the message."""
    return OTHER if "@" in message_id or len(message_id) > _LONGEST else message_id
