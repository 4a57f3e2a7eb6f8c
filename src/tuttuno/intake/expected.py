"""What is expected of each source: for how long it may be silent, and how much it sends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a source does when all is well; nothing is expected of one that says nothing.

    Attributes:
        silent_hours: After so many hours without a message something is wrong; 0: never.
        least_a_day: Fewer messages than this in a day are too few; 0: none are too few.
        webhook: Who is told beside the log: an address, or `env:NAME` or `file:PATH` where it
            is; empty: nobody.
    """

    silent_hours: float = 0
    least_a_day: int = 0
    webhook: str = ""


class Trouble(StrEnum):
    """What can be wrong with a source."""

    SILENT = "silent"
    FEW = "few"


@dataclass(frozen=True, slots=True)
class Alarm:
    """A source that does not do what is expected of it.

    Attributes:
        source: Its name.
        trouble: What is wrong.
        seen: Hours of silence, infinite where it was never heard; or messages of a day.
        expected: Hours at most, or messages at least.
    """

    source: str
    trouble: Trouble
    seen: float
    expected: float

    def __str__(self) -> str:
        if self.trouble is Trouble.FEW:
            return f"{self.source} sent {self.seen:.0f} messages in a day, not {self.expected:.0f}"
        said = f"is silent for {self.seen:.1f} hours"
        if self.seen == float("inf"):
            said = "has never been heard"
        return f"{self.source} {said}, and {self.expected:g} hours were expected"


def alarms(
    expected: Mapping[str, Expected],
    *,
    last: Mapping[str, datetime],
    day: Mapping[str, int],
    at: datetime,
) -> tuple[Alarm, ...]:
    """Return what is wrong at a moment, by source.

    Args:
        expected: By source.
        last: When each was last heard; one that never was is absent.
        day: Messages of each in the last 24 whole hours; one that is absent sent none.
        at: That moment.
    """
    found = []
    for source, wanted in sorted(expected.items()):
        silent = (at - last[source]) / timedelta(hours=1) if source in last else float("inf")
        if 0 < wanted.silent_hours < silent:
            found.append(Alarm(source, Trouble.SILENT, silent, wanted.silent_hours))
        sent = day.get(source, 0)
        if sent < wanted.least_a_day:
            found.append(Alarm(source, Trouble.FEW, sent, wanted.least_a_day))
    return tuple(found)
