"""Back up: one state of a project, in one file, while pages are served."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tuttuno import __version__
from tuttuno.clock import Clock, utc_now
from tuttuno.progress import Progress, silent
from tuttuno.schema.keyed import keyed
from tuttuno.tasks.archive import (
    FORMAT,
    INBOX,
    LAKE,
    SETTINGS,
    VAULT,
    Contents,
    Part,
    weighed,
    write_archive,
)
from tuttuno.tasks.stores import Stores
from tuttuno.tasks.turn import turn
from tuttuno.vault import backup, releases
from tuttuno.vault.beside import open_inbox
from tuttuno.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What is in a new backup.

    Attributes:
        at: The moment whose state it holds.
        release: The release that readers saw; None: there was none.
        files: How many files are in it.
        size: Of the backup, in bytes.
    """

    at: datetime
    release: int | None
    files: int
    size: int


def back_up(
    stores: Stores, file: Path, *, clock: Clock = utc_now, progress: Progress = silent
) -> BackedUp:
    """Write vault, lake and settings of one moment into a new file; the keys stay out.

    Keys and data in one place would be worth stealing: whoever has both can tell who bought
    what. Nothing is taken in or built meanwhile, so vault and lake agree; readers go on.

    Raises:
        BadInput: The file is there already.
        Busy: Something is being taken in or built.
        Unavailable: The file cannot be written.
    """
    with (
        turn(stores.root, "ingest"),
        turn(stores.root, "build"),
        TemporaryDirectory(prefix=".backup-", dir=stores.root) as folder,
    ):
        at = clock()
        backup.back_up(stores.vault, Path(folder) / VAULT)
        parts = [
            Part(Path(folder) / VAULT, VAULT),
            *_inbox(stores.vault, Path(folder) / INBOX),
            Part(stores.root / SETTINGS, SETTINGS),
            *_lake(stores.lake.root),
        ]
        with stores.vault.read() as con:
            current = releases.current(con)
        contents = Contents(
            format=FORMAT,
            program=__version__,
            at=at,
            key_print=print_of(stores.key),
            release=None if current is None else current.number,
            files=weighed(parts, progress),
        )
        size = write_archive(file, contents, parts, progress)
    return BackedUp(at, contents.release, len(parts), size)


def print_of(key: bytes) -> str:
    """Return what tells one project key from another and gives neither away."""
    return keyed(key, "backup")


def _inbox(vault: Vault, file: Path) -> list[Part]:
    """What came live; in a server it is a part of the vault."""
    if vault.path is None:
        return []
    inbox = open_inbox(vault)
    backup.back_up(inbox, file)
    inbox.close()
    return [Part(file, INBOX)]


def _lake(root: Path) -> list[Part]:
    """Every table with its log; what a killed run left behind is not worth keeping."""
    found = (path for path in sorted(root.rglob("*")) if path.is_file())
    return [
        Part(path, f"{LAKE}/{path.relative_to(root).as_posix()}")
        for path in found
        if not any(_is_scratch(step) for step in path.relative_to(root).parts)
    ]


def _is_scratch(name: str) -> bool:
    return name.startswith((".", "_staging-")) or name.endswith(".tmp")
