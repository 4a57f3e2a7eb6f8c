"""Which files are meant, and which table each belongs to, before the first one is opened."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from tuttuno.errors import BadInput, NotFound
from tuttuno.intake.mapping import FileMapping, Mapping
from tuttuno.intake.sources.exchange import TRUTH
from tuttuno.schema.exchange import EXCHANGE

#: Endings that can be read; each may be followed by one of `PACKED`.
READABLE = (".csv", ".tsv", ".txt", ".parquet")
PACKED = (".gz", ".zst")

#: Files that people and programs leave in a folder of data and that hold no records.
_BESIDE = ("readme", "license", "licence", "manifest", "checksums", "sha256sums")
_BESIDE_ENDINGS = (".md", ".toml", ".sha256", ".md5", ".log", ".pdf", ".sql", ".py")

#: Archives and spreadsheets, which hold what can be read.
_BOOKS = (".zip", ".7z", ".tar", ".tgz", ".tar.gz", ".xlsx", ".xls", ".ods")

_ORDER = {table.name: place for place, table in enumerate(EXCHANGE)}


@dataclass(frozen=True, slots=True)
class Found:
    """One file to take in, and what it holds."""

    path: Path
    file: FileMapping

    @property
    def packed(self) -> bool:
        """True for a compressed CSV."""
        return self.path.suffix in PACKED

    @property
    def columnar(self) -> bool:
        """True for Parquet."""
        return self.path.suffix == ".parquet"


class NoMeaning(BadInput):
    """Files that belong to no table; nothing has been taken in."""

    def __init__(self, paths: Sequence[Path], mapping: Mapping) -> None:
        self.paths = tuple(paths)
        names = ", ".join(path.name for path in paths[:5]) + (", …" if len(paths) > 5 else "")
        super().__init__(
            f"no table of {mapping.name!r} is meant by {names}; nothing was taken in",
            hint=_nearest(paths[0], mapping),
        )


def find_files(
    paths: Iterable[Path], mapping: Mapping, *, skip_unknown: bool = False
) -> tuple[Found, ...]:
    """Find the files of a mapping, in the order in which tables refer to each other.

    Args:
        paths: Files, and folders whose files are meant; folders below them are not.
        mapping: Says which table a file name belongs to.
        skip_unknown: Pass over files that belong to no table, instead of refusing all.

    Raises:
        NotFound: A path does not exist.
        NoMeaning: A file belongs to no table. All or nothing: a typing error in one name must
            not leave half a delivery inside.
    """
    named = list(dict.fromkeys(file for path in paths for file in _files(path)))
    found, unknown = [], []
    for path in named:
        file = next((each for each in mapping.files if each.matches(path.name)), None)
        if file is not None and readable(path.name, _endings(mapping)):
            found.append(Found(path, file))
        else:
            unknown.append(path)
    if unknown and not skip_unknown:
        raise NoMeaning(unknown, mapping)
    found.sort(key=lambda each: (in_reading_order(each.file.table.name), each.path.name))
    return tuple(found)


def in_reading_order(table: str) -> int:
    """Return the place of a table: what others refer to comes first."""
    return _ORDER[table]


def digest_of(path: Path) -> str:
    """SHA-256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        inside = sorted(each for each in path.iterdir() if each.is_file())
        return [each for each in inside if not _beside(each)]
    if not path.is_file():
        raise NotFound(f"{path} does not exist", hint="name a file or a folder of files")
    return [path]


def _beside(path: Path) -> bool:
    name = path.name.lower()
    return (
        name.startswith((".", "_", "~", *_BESIDE))
        or name.endswith(_BESIDE_ENDINGS)
        or path.name.partition(".")[0] in TRUTH
    )


def _endings(mapping: Mapping) -> tuple[str, ...]:
    return mapping.documents.endings if mapping.documents else READABLE


def readable(name: str, endings: tuple[str, ...] = READABLE) -> bool:
    """True for the name of a file that can be read, packed or not."""
    for ending in PACKED:
        name = name.removesuffix(ending)
    return name.endswith(endings)


def _nearest(path: Path, mapping: Mapping) -> str:
    endings = _endings(mapping)
    if not readable(path.name, endings):
        first = "unpack it, or export it as CSV: " if path.name.endswith(_BOOKS) else ""
        return f"{first}it must end in {', '.join(endings)}, the text ones also with .gz or .zst"
    if any(each.columns is not None for each in mapping.files):
        return f"its files are called {', '.join(each.pattern for each in mapping.files)}"
    known = list(dict.fromkeys(each.table.name for each in mapping.files))
    stem = path.name.partition(".")[0]
    close = get_close_matches(stem.lower(), known, n=1)
    listed = f"tables: {', '.join(known)}"
    return f"did you mean {close[0]}{path.name.removeprefix(stem)}? {listed}" if close else listed
