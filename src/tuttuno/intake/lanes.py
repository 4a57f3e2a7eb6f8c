"""Lanes of an intake: each table in one of its own, the engine's work and the vault's side by side.

The vault keeps one core busy, and the engine all the others. What a table has to say to the
vault waits until the tables before it have said all of theirs: the vault comes to hold the same,
in the same order, as if one had followed the other. Meanwhile the engine goes on with the next
table, one at a time.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, fields, replace
from functools import partial
from threading import Event

from tuttuno.errors import Unavailable
from tuttuno.intake.intake import Intake
from tuttuno.schema import exchange
from tuttuno.vault.vault import Connection, Vault

#: What everything else refers to; it is taken in before the lanes part.
FIRST: frozenset[str] = frozenset({exchange.STORES.name, exchange.PRODUCTS.name})

#: What a lane does with the doors that it is given.
Job = Callable[[Intake], object]


def side_by_side(work: Intake, jobs: Sequence[Job]) -> None:
    """Do all; each may write to the vault when those before it have ended well.

    Raises:
        Exception: What the first of those that failed by themselves ended with.
    """
    if len(jobs) < 2:
        for job in jobs:
            job(work)
        return
    lanes = [_Lane() for _ in jobs]
    with ExitStack() as lent:
        rooms = [lent.enter_context(work.engine.room()) for _ in jobs]
        pool = lent.enter_context(ThreadPoolExecutor(len(jobs), "lane"))
        started = [
            partial(_follow, job, replace(work, engine=room), lane, before)
            for job, room, lane, before in zip(
                jobs, rooms, lanes, [_passed(), *lanes], strict=False
            )
        ]
        others = [pool.submit(each) for each in started[1:]]
        try:
            started[0]()
            for other in others:
                other.result()
        except BaseException:
            for lane in lanes:
                lane.fail()
            work.engine.cancel()
            raise


@dataclass(frozen=True, slots=True)
class _Lane:
    """How far a lane has come.

    Attributes:
        arrived: The engine has done its part in it.
        ended: It has ended.
        missed: It has not ended well, or one before it has not.
    """

    arrived: Event = field(default_factory=Event)
    ended: Event = field(default_factory=Event)
    missed: Event = field(default_factory=Event)

    def go_on(self) -> None:
        """Do nothing when all is well so far.

        Raises:
            Unavailable: Whoever comes behind is to stop.
        """
        if self.missed.is_set():
            raise Unavailable("the intake was stopped", hint="ingest the same files again")

    def fail(self) -> None:
        """Keep those behind from writing, and from waiting."""
        self.missed.set()
        self.arrived.set()
        self.ended.set()


def _passed() -> _Lane:
    lane = _Lane()
    lane.arrived.set()
    lane.ended.set()
    return lane


def _follow(job: Job, work: Intake, lane: _Lane, before: _Lane) -> None:
    doors = {each.name: getattr(work.vault, each.name) for each in fields(Vault)}
    patient = _Patient(**doors, before=before)
    try:
        before.arrived.wait()
        before.go_on()
        job(replace(work, vault=patient, rests=lane.arrived.set))
        before.ended.wait()
        before.go_on()
    except BaseException:
        lane.fail()
        raise
    lane.arrived.set()
    lane.ended.set()


@dataclass(frozen=True, slots=True)
class _Patient(Vault):
    """A vault that is written to when the lane before has ended."""

    before: _Lane = field(default_factory=_Lane)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Wait for the turn, then change the vault."""
        self.before.ended.wait()
        self.before.go_on()
        with Vault.begin(self) as con:
            yield con
