"""Work done side by side: Python computes in one lane while the engine does in another."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Event
from typing import TypeVar

from tuttuno.errors import Unavailable

T = TypeVar("T")

#: One lane waits for Python while the engine works for the other; more would hold more in memory.
LANES = 2


class Stopped(Unavailable):
    """Work beside this failed, or was interrupted: this is not worth ending."""

    def __init__(self) -> None:
        super().__init__("the work was stopped", hint="see what stopped it")


class Halt:
    """Told when work need not be ended any more."""

    def __init__(self) -> None:
        self._come = Event()

    def call(self) -> None:
        """Stop everybody who asks."""
        self._come.set()

    def __call__(self) -> None:
        """Go on, unless the work is to be stopped.

        Raises:
            Stopped: It is.
        """
        if self._come.is_set():
            raise Stopped


def side_by_side(
    pieces: Sequence[Callable[[Halt], T]], *, stop: Callable[[], None], lanes: int = LANES
) -> list[T]:
    """Do pieces of work, each in one of a few lanes, in their order as lanes become free.

    What they return comes in that order.

    Args:
        pieces: Given a `Halt` that they ask before each step.
        stop: Stops what steps under way are waiting for.
        lanes: How many are done at a time.

    Raises:
        Exception: What the first piece that failed ended with; all have ended by then.
    """
    halt = Halt()
    with ThreadPoolExecutor(lanes, "lane") as pool:
        running = [pool.submit(piece, halt) for piece in pieces]
        try:
            ended, _ = wait(running, return_when=FIRST_EXCEPTION)
            return [each.result() for each in running if each in ended]
        except BaseException:
            halt.call()
            stop()
            raise


@contextmanager
def beside(work: Callable[[], T]) -> Iterator[Callable[[], T]]:
    """Do work in a lane of its own while something else is done; both have ended at the end.

    Lends a function that waits for what the work makes, and returns it.

    Raises:
        Exception: What the work ended with, unless the other thing failed.
    """
    with ThreadPoolExecutor(1, "beside") as pool:
        other = pool.submit(work)
        yield other.result
        other.result()
