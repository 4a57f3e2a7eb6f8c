"""Folders for files of one arrival: personal, unreadable to others, and gone afterwards."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def lent(path: Path) -> Iterator[Path]:
    """Lend a folder that nobody else can read, and leave nothing of it."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True, mode=0o700)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
