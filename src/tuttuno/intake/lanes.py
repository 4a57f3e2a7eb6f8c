"""Two lanes of an intake: who people are, and what happened, side by side.

The vault keeps one core busy, and the lake all the others. So the files that mostly speak of
persons are taken in beside those of sales and touches. What the second lane has to say to the
vault waits until the first has said all of its own: the vault comes to hold the same, in the
same order, as if one had followed the other.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from enum import Enum, auto
from threading import Event

from tuttuno.errors import Unavailable
from tuttuno.intake.intake import Intake
from tuttuno.schema import exchange
from tuttuno.vault.vault import Connection, Vault


class Lane(Enum):
    """When a file is taken in."""

    FIRST = auto()  # what everything else refers to
    WHO = auto()  # what is mostly for the vault
    WHAT = auto()  # what is mostly for the lake


_LANES = {
    exchange.STORES.name: Lane.FIRST,
    exchange.PRODUCTS.name: Lane.FIRST,
    exchange.PEOPLE.name: Lane.WHO,
    exchange.MEMBERSHIPS.name: Lane.WHO,
    exchange.CONSENTS.name: Lane.WHO,
}


def lane_of(table: str) -> Lane:
    """Return the lane of the files of an exchange table."""
    return _LANES.get(table, Lane.WHAT)


def side_by_side(
    work: Intake, who: Callable[[Intake], object], what: Callable[[Intake], object]
) -> None:
    """Do both; the second may write to the vault when the first has ended well.

    Raises:
        Exception: What the first ended with, else what the second ended with.
    """
    turn = _Turn()
    patient = _Patient(
        **{each.name: getattr(work.vault, each.name) for each in fields(Vault)}, turn=turn
    )
    with work.engine.room() as room, ThreadPoolExecutor(1, "what") as pool:
        other = pool.submit(what, replace(work, engine=room, vault=patient))
        try:
            who(work)
            turn.come.set()
            other.result()
        except BaseException:
            turn.missed.set()
            turn.come.set()
            room.cancel()
            raise


@dataclass(frozen=True, slots=True)
class _Turn:
    """Whether those who go first have ended, and whether badly."""

    come: Event = field(default_factory=Event)
    missed: Event = field(default_factory=Event)


@dataclass(frozen=True, slots=True)
class _Patient(Vault):
    """A vault that is written to when the turn has come."""

    turn: _Turn = field(default_factory=_Turn)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Wait for the turn, then change the vault."""
        self.turn.come.wait()
        if self.turn.missed.is_set():
            raise Unavailable("the intake was stopped", hint="ingest the same files again")
        with Vault.begin(self) as con:
            yield con
