"""A backup in one file: a tar of vault, lake and settings, each with its SHA-256, never a key."""

import hashlib
import os
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO

import msgspec

from tuttuno.durable import whole_file
from tuttuno.errors import NotFound, Unavailable
from tuttuno.progress import Progress, silent
from tuttuno.vault.backup import DamagedBackup

#: Names inside the archive.
CONTENTS, VAULT, SETTINGS, LAKE = "contents.json", "vault.sqlite", "tuttuno.toml", "lake"
INBOX = "inbox.sqlite"

FORMAT = 1
_PIECE = 1 << 20


class Held(msgspec.Struct, frozen=True):
    """A file in a backup: its size in bytes and the SHA-256 of its content, in hex."""

    size: int
    sha256: str


class Contents(msgspec.Struct, frozen=True):
    """What a backup says of itself; its first file.

    Attributes:
        format: Of the archive; this program reads `FORMAT`.
        program: The version of the program that wrote it.
        at: The moment whose state it holds.
        key_print: Tells whether a project key is the one that the surrogates were made with.
        release: The release that readers saw; None: there was none.
        files: Every other file, by its name inside the archive.
    """

    format: int
    program: str
    at: datetime
    key_print: str
    release: int | None
    files: Mapping[str, Held]


@dataclass(frozen=True, slots=True)
class Part:
    """A file on its way into a backup: where it is, and its name inside."""

    path: Path
    name: str


def weighed(parts: list[Part], progress: Progress = silent) -> dict[str, Held]:
    """Measure the files of a backup to be."""
    held = {}
    for done, part in enumerate(parts):
        digest = hashlib.sha256()
        with part.path.open("rb") as file:
            for piece in _pieces(file):
                digest.update(piece)
        held[part.name] = Held(part.path.stat().st_size, digest.hexdigest())
        progress("measure", done + 1, len(parts))
    return held


def write_archive(
    file: Path, contents: Contents, parts: list[Part], progress: Progress = silent
) -> int:
    """Write a backup that only its owner can read; return its size in bytes.

    It has its name once all of it is on the disk.

    Raises:
        BadInput: The file is there already.
        Unavailable: It cannot be written.
    """
    with whole_file(file) as part, tarfile.open(part, mode="w") as archive:
        text = msgspec.json.encode(contents)
        archive.addfile(_entry(CONTENTS, len(text)), BytesIO(text))
        for done, each in enumerate(parts):
            with each.path.open("rb") as source:
                archive.addfile(_entry(each.name, contents.files[each.name].size), source)
            progress("write", done + 1, len(parts))
    return file.stat().st_size


def read_contents(file: Path) -> Contents:
    """Return what a backup says of itself.

    Raises:
        NotFound: There is no such file.
        DamagedBackup: It is no backup, or one that this program cannot read.
    """
    with _opened(file) as archive:
        return _contents(file, archive)


def read_settings(file: Path) -> str:
    """Return the settings in a backup, without unpacking the rest.

    Raises:
        NotFound: There is no such file.
        DamagedBackup: It is no backup, or holds no settings.
    """
    with _opened(file) as archive:
        _contents(file, archive)
        for name, _, source in _entries(file, archive):
            if name == SETTINGS:
                return source.read().decode("utf-8", "replace")
    raise DamagedBackup(file, "it holds no settings")


def unpack(file: Path, folder: Path, progress: Progress = silent) -> Contents:
    """Put all files of a backup into an empty folder, each compared with its SHA-256.

    Raises:
        NotFound: There is no such file.
        DamagedBackup: Something is missing, changed or not listed.
        Unavailable: The folder cannot be written.
    """
    with _opened(file) as archive:
        contents = _contents(file, archive)
        seen = set()
        for name, size, source in _entries(file, archive):
            if name == CONTENTS:
                continue
            held = contents.files.get(name)
            if held is None or held.size != size or name in seen:
                raise DamagedBackup(file, f"{name} is not as it was listed")
            if _copied(source, folder / name) != held.sha256:
                raise DamagedBackup(file, f"{name} was changed")
            seen.add(name)
            progress("read", len(seen), len(contents.files))
    missing = sorted(set(contents.files) - seen)
    if missing:
        raise DamagedBackup(file, f"{missing[0]} is missing")
    return contents


@contextmanager
def _opened(file: Path) -> Iterator[tarfile.TarFile]:
    if not file.is_file():
        raise NotFound(f"there is no backup {file}")
    try:
        with tarfile.open(file, mode="r:") as archive:
            yield archive
    except (tarfile.TarError, EOFError) as exc:
        raise DamagedBackup(file, f"it cannot be read to its end ({exc})") from exc
    except OSError as exc:
        raise Unavailable(f"cannot read {file}: {exc.strerror or exc}") from exc


def _contents(file: Path, archive: tarfile.TarFile) -> Contents:
    for name, _, source in _entries(file, archive):
        if name != CONTENTS:
            break
        try:
            contents = msgspec.json.decode(source.read(), type=Contents)
        except msgspec.DecodeError as exc:
            raise DamagedBackup(file, f"its {CONTENTS} cannot be read: {exc}") from exc
        if contents.format != FORMAT:
            raise DamagedBackup(file, f"it has format {contents.format}, not {FORMAT}")
        for listed in contents.files:
            _refuse_foreign(file, listed)
        return contents
    raise DamagedBackup(file, f"it does not begin with {CONTENTS}")


def _entries(file: Path, archive: tarfile.TarFile) -> Iterator[tuple[str, int, IO[bytes]]]:
    for entry in archive:
        source = archive.extractfile(entry) if entry.isreg() else None
        if source is None:
            raise DamagedBackup(file, f"{entry.name} is no file")
        yield entry.name, entry.size, source


def _refuse_foreign(file: Path, name: str) -> None:
    """Refuse a name that would be written anywhere but where a backup belongs."""
    path = PurePosixPath(name)
    known = name in {VAULT, SETTINGS, INBOX} or path.parts[:1] == (LAKE,)
    if not known or path.is_absolute() or ".." in path.parts or "\0" in name:
        raise DamagedBackup(file, f"it lists {name!r}, which is no part of a project")


def _copied(source: IO[bytes], target: Path) -> str:
    digest = hashlib.sha256()
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
            for piece in _pieces(source):
                digest.update(piece)
                out.write(piece)
            out.flush()
            os.fsync(out.fileno())
    except OSError as exc:
        raise Unavailable(f"cannot write {target}: {exc.strerror or exc}") from exc
    return digest.hexdigest()


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece
