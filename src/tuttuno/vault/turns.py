"""Writers of one process take turns: whoever asks first writes first, and nobody is left out.

SQLite lets one writer in at a time and has the others try again now and then, so that under
load one of them can lose every time until its patience ends.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from tuttuno.errors import Unavailable


class Turns:
    """A queue of threads; the first of them has its turn."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._queue: deque[Lock] = deque()

    @contextmanager
    def mine(self, patience: float) -> Iterator[None]:
        """Wait for the turn, and give it to the next at the end.

        Args:
            patience: Seconds to wait.

        Raises:
            Unavailable: The turn did not come.
        """
        mine = self._queued()
        if not mine.acquire(timeout=patience):
            self._leave(mine)
            raise Unavailable(
                "another thread keeps the vault busy", hint="try again when it is done"
            )
        try:
            yield
        finally:
            self._leave(mine)

    def _queued(self) -> Lock:
        mine = Lock()
        with self._lock:
            if self._queue:
                mine.acquire()
            self._queue.append(mine)
        return mine

    def _leave(self, mine: Lock) -> None:
        with self._lock:
            first = self._queue[0] is mine
            self._queue.remove(mine)
            if first and self._queue:
                self._queue[0].release()
