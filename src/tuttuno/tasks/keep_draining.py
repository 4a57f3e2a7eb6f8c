"""Keep draining: in the background of a server, what came in is taken in a few seconds later."""

from collections.abc import Callable
from threading import Event, Thread
from types import TracebackType
from typing import Self

from tuttuno.errors import TuttunoError
from tuttuno.progress import Progress, silent
from tuttuno.tasks.drain import Drained
from tuttuno.tasks.turn import Busy
from tuttuno.vault.inbox_claims import count_waiting
from tuttuno.vault.vault import Vault

#: Seconds between two looks at the inbox.
PAUSE = 3.0


class Drainer:
    """A thread that takes in what waits; use it as a context.

    What goes wrong is said and tried again: messages wait safely in the inbox meanwhile.

    Args:
        inbox: Where messages wait.
        drain: Takes all of them in.
        say: Told of what goes wrong.
        pause: Seconds between two looks.
    """

    def __init__(
        self,
        inbox: Vault,
        drain: Callable[[], Drained],
        *,
        say: Progress = silent,
        pause: float = PAUSE,
    ) -> None:
        self._inbox = inbox
        self._drain = drain
        self._say = say
        self._pause = pause
        self._stop = Event()
        self._thread = Thread(target=self._run, name="drain", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._pause):
            try:
                self._once()
            except Busy:
                continue
            except TuttunoError as trouble:
                self._say(f"what came in waits: {trouble}", 0, None)

    def _once(self) -> None:
        with self._inbox.read() as con:
            waits = count_waiting(con)
        if waits:
            self._drain()
