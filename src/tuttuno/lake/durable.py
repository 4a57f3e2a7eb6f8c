"""Files that outlive a power cut: flushed to the disk before anything points at them."""

import os
from collections.abc import Iterable
from pathlib import Path

from tuttuno.errors import Unavailable


def settle(files: Iterable[Path]) -> None:
    """Flush files, and then the folders that name them, to the disk.

    A file system may keep a rename and lose the bytes, or keep the bytes and lose the name;
    both were seen. A failed flush is never tried again: the system may have dropped the
    bytes already and would say that all is well.
    """
    chosen = tuple(files)
    for path in chosen:
        _flush(path)
    settle_folders({path.parent for path in chosen})


def settle_folders(folders: Iterable[Path]) -> None:
    """Flush the names that folders hold to the disk, the innermost folder first."""
    for path in sorted(folders, reverse=True):
        _flush(path)


def _flush(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as exc:
        hint = "check the disk, then start again: what is not flushed is not relied on"
        raise Unavailable(f"cannot flush {path} to the disk: {exc}", hint=hint) from exc
