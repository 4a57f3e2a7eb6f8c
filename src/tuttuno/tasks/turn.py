"""Whose turn it is: work that may not run twice at once takes a lock on the project."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tuttuno.errors import Unavailable


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
def turn(root: Path, what: str) -> Iterator[None]:
    """Hold the project's lock for one kind of work.

    The lock belongs to the open file, so it ends with the process, however that dies; a file
    left behind by a killed process locks nobody out.

    Raises:
        Busy: Somebody else holds it.
    """
    with (root / f".{what}.lock").open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            file.seek(0)
            raise Busy(what, file.read().strip()) from exc
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
