"""Whose turn it is: work that may not run twice at once takes a lock on the project."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import IO

from tuttuno.errors import Unavailable

#: Seconds between two tries.
_PAUSE = 0.1


class Busy(Unavailable):
    """Another process does the same work on the same project."""

    def __init__(self, what: str, holder: str) -> None:
        self.what = what
        self.holder = holder
        by = f" (process {holder})" if holder else ""
        super().__init__(
            f"another {what} of this project is running{by}", hint="wait for it, or stop it"
        )


@contextmanager
def turn(root: Path, what: str, *, patience: float = 0) -> Iterator[None]:
    """Hold the project's lock for one kind of work; wait for it some seconds at most.

    The lock belongs to the open file, so it ends with the process, however that dies; a file
    left behind by a killed process locks nobody out.

    Raises:
        Busy: Somebody else holds it.
    """
    with (root / f".{what}.lock").open("a+", encoding="ascii") as file:
        give_up = monotonic() + patience
        while not _taken(file):
            if monotonic() >= give_up:
                file.seek(0)
                raise Busy(what, file.read().strip())
            sleep(_PAUSE)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _taken(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
