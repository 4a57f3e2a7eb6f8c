"""Watch sources: who is silent, or sends less than expected, is said once."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Self, TypeAlias

from tuttuno.clock import Clock, utc_now
from tuttuno.intake.bell import Bell, Unheard
from tuttuno.intake.expected import Alarm, Expected, Trouble, alarms
from tuttuno.progress import Progress, silent
from tuttuno.tasks.turn import Busy, turn
from tuttuno.vault.batches import LedgerHour, last_files, ledger_by_hour
from tuttuno.vault.door_hours import Heard, doors_by_hour, last_heard
from tuttuno.vault.vault import Connection, Vault

#: Seconds between two looks.
PAUSE = 60.0

#: Calls that wait for an address which does not answer; older ones are let go.
_WAITING = 100

_DAY = timedelta(hours=24)

_Told: TypeAlias = dict[str, object]


def alarms_now(
    expected: Mapping[str, Expected], inbox: Vault, vault: Vault, at: datetime
) -> tuple[Alarm, ...]:
    """Return what is wrong with sources: those with a live door by it, the others by their files.

    Args:
        expected: By source.
        inbox: Where messages are counted.
        vault: Where the rows of files are.
        at: The present moment.
    """
    if not expected:
        return ()
    with inbox.read() as con:
        hours, heard = doors_by_hour(con), last_heard(con)
    live = {each.source for each in heard}
    if expected.keys() - live:
        with vault.read() as con:
            files, sent = _of_files(con, live)
        hours, heard = [*hours, *files], [*heard, *sent]
    return alarms_at(expected, hours, heard, at)


def _of_files(con: Connection, live: set[str]) -> tuple[list[LedgerHour], list[Heard]]:
    hours = [each for each in ledger_by_hour(con) if each.source not in live]
    sent = [Heard(*each) for each in last_files(con) if each[0] not in live]
    return hours, sent


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
    """Looks once a minute, however often it is called, and says what changed; use it as a context.

    Of several processes that serve one project only one looks.

    Args:
        look: Finds what is wrong at a moment.
        root: The project.
        bells: Told what is said of their source.
        say: Told when something is wrong, and when it is well again.
        clock: The present moment.
    """

    def __init__(
        self,
        look: Callable[[datetime], Sequence[Alarm]],
        root: Path,
        *,
        bells: Mapping[str, Bell] = {},
        say: Progress = silent,
        clock: Clock = utc_now,
    ) -> None:
        self._look = look
        self._root = root
        self._bells = bells
        self._say = say
        self._clock = clock
        self._looked = float("-inf")
        self._mine = ExitStack()
        self._is_mine = False
        self._known: dict[tuple[str, Trouble], Alarm] = {}
        self._untold = {source: deque[_Told](maxlen=_WAITING) for source in bells}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._mine.close()

    def __call__(self) -> None:
        """Look, where it is time to."""
        if monotonic() - self._looked < PAUSE:
            return
        self._looked = monotonic()
        if not self._has_turn():
            return
        now = {(alarm.source, alarm.trouble): alarm for alarm in self._look(self._clock())}
        for place in sorted(now.keys() - self._known.keys()):
            self._tell(now[place], f"alarm: {now[place]}", well=False)
        for place in sorted(self._known.keys() - now.keys()):
            source, trouble = place
            self._tell(self._known[place], f"well again: {source} was {trouble}", well=True)
        self._known = now
        for source in self._bells:
            self._ring(source)

    def _has_turn(self) -> bool:
        if not self._is_mine:
            try:
                self._mine.enter_context(turn(self._root, "watching"))
            except Busy:
                return False
            self._is_mine = True
        return True

    def _tell(self, alarm: Alarm, text: str, *, well: bool) -> None:
        self._say(text, 0, None)
        if alarm.source in self._untold:
            self._untold[alarm.source].append(_told(alarm, text, self._clock(), well=well))

    def _ring(self, source: str) -> None:
        """Tell what waits, in its order; what is not taken is told at the next look."""
        while self._untold[source]:
            try:
                self._bells[source].ring(self._untold[source][0])
            except Unheard as trouble:
                self._say(f"the alarm of {source} was not heard: {trouble}", 0, None)
                return
            self._untold[source].popleft()


def _told(alarm: Alarm, text: str, at: datetime, *, well: bool) -> _Told:
    """What an address is told; chats show `text`, programs read the rest."""
    return {
        "text": f"tuttuno: {text}",
        "source": alarm.source,
        "alarm": alarm.trouble,
        "state": "well" if well else "alarm",
        "seen": None if alarm.seen == float("inf") else alarm.seen,
        "expected": alarm.expected,
        "at": at.isoformat(),
    }
