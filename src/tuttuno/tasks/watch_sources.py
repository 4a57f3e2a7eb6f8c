"""Watch live sources: who is silent, or sends less than expected, is said once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from time import monotonic

from tuttuno.clock import Clock, utc_now
from tuttuno.intake.expected import Alarm, Expected, Trouble, alarms
from tuttuno.progress import Progress, silent
from tuttuno.vault.batches import LedgerHour
from tuttuno.vault.door_hours import Heard, doors_by_hour, last_heard
from tuttuno.vault.vault import Vault

#: Seconds between two looks.
PAUSE = 60.0

_DAY = timedelta(hours=24)


def alarms_at(
    expected: Mapping[str, Expected],
    hours: Sequence[LedgerHour],
    heard: Sequence[Heard],
    at: datetime,
) -> tuple[Alarm, ...]:
    """Return what is wrong with sources at a moment, from the ledger of the live doors."""
    now = at.replace(minute=0, second=0, microsecond=0)
    day: dict[str, int] = {}
    for each in hours:
        if now - _DAY <= each.hour < now:
            day[each.source] = day.get(each.source, 0) + each.counts.received
    last = {each.source: each.last_at for each in heard}
    return alarms(expected, last=last, day=day, at=at)


class Watch:
    """Looks once a minute, however often it is called, and says what changed.

    Args:
        inbox: Where messages are counted.
        expected: Of each source.
        say: Told when something is wrong, and when it is well again.
        clock: The present moment.
    """

    def __init__(
        self,
        inbox: Vault,
        expected: Mapping[str, Expected],
        *,
        say: Progress = silent,
        clock: Clock = utc_now,
    ) -> None:
        self._inbox = inbox
        self._expected = expected
        self._say = say
        self._clock = clock
        self._looked = float("-inf")
        self._known: frozenset[tuple[str, Trouble]] = frozenset()

    def __call__(self) -> None:
        """Look, where it is time to."""
        if not self._expected or monotonic() - self._looked < PAUSE:
            return
        self._looked = monotonic()
        with self._inbox.read() as con:
            found = alarms_at(self._expected, doors_by_hour(con), last_heard(con), self._clock())
        for alarm in found:
            if (alarm.source, alarm.trouble) not in self._known:
                self._say(f"alarm: {alarm}", 0, None)
        now = frozenset((alarm.source, alarm.trouble) for alarm in found)
        for source, trouble in sorted(self._known - now):
            self._say(f"well again: {source} was {trouble}", 0, None)
        self._known = now
