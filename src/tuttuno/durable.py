"""Files that outlive a power cut: flushed to the disk before anything points at them."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tuttuno.errors import BadInput, Unavailable


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


@contextmanager
def whole_file(file: Path) -> Iterator[Path]:
    """Lend an empty file that only its owner can read; it takes its name once all is on the disk.

    Whatever goes wrong before leaves no file behind, nor a journal that a database put beside it.

    Raises:
        BadInput: The file is there already.
        Unavailable: It cannot be written.
    """
    if file.exists():
        raise BadInput(f"{file} is there already", hint="choose another name")
    part = file.with_name(f"{file.name}.part")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield part
        _flush(part)
        part.rename(file)
        _flush(file.parent)
    except OSError as exc:
        raise Unavailable(f"cannot write {file}: {exc.strerror or exc}") from exc
    finally:
        for left in ("", "-wal", "-shm", "-journal"):
            Path(f"{part}{left}").unlink(missing_ok=True)


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
