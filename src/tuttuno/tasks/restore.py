"""Restore: a project as it was when a backup was made, whoever was erased since left out."""

import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.compute as pc

from tuttuno.clock import Clock, utc_now
from tuttuno.errors import BadInput
from tuttuno.progress import Progress, silent
from tuttuno.tasks.archive import INBOX, LAKE, VAULT, read_contents, unpack
from tuttuno.tasks.back_up import print_of
from tuttuno.tasks.stores import Stores
from tuttuno.tasks.turn import turn
from tuttuno.vault import audit, backup, suppressions
from tuttuno.vault.beside import open_inbox
from tuttuno.vault.forget import forget_records
from tuttuno.vault.inbox import forget_messages
from tuttuno.vault.vault import Vault


class OtherKey(BadInput):
    """The backup belongs to a project with another key."""

    def __init__(self, file: Path) -> None:
        self.file = file
        super().__init__(
            f"{file} was made with another project key, so its lake would lead nowhere here",
            hint="put the keys/ of that project into a new folder and restore there",
        )


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back.

    Attributes:
        at: The moment whose state it is.
        release: The release that readers see again; None: there was none.
        files: How many files came back.
        erased: Records that were erased after the backup, and were erased again.
    """

    at: datetime
    release: int | None
    files: int
    erased: int


def restore(
    stores: Stores,
    file: Path,
    *,
    actor: str,
    clock: Clock = utc_now,
    progress: Progress = silent,
) -> Restored:
    """Put vault and lake back to the state of a backup; the settings are left as they are.

    The backup is read and compared to its end before anything is touched. Suppressions of
    today stay in force: whom they name is erased from what came back, before anybody is
    served. A restore that is cut short is finished by running it again.

    Raises:
        NotFound: There is no such file.
        DamagedBackup: It is not as it was made; the project is left alone.
        OtherKey: It belongs to another project.
        Busy: Something is being taken in or built.
        Unavailable: The disk is full, or somebody keeps the vault busy.
    """
    if read_contents(file).key_print != print_of(stores.key):
        raise OtherKey(file)
    lake = stores.lake.root
    with (
        turn(stores.root, "ingest"),
        turn(stores.root, "build"),
        TemporaryDirectory(prefix=".restore-", dir=lake.parent) as folder,
    ):
        contents = unpack(file, Path(folder), progress)
        erasures = _suppressed(stores.vault)
        _swap(Path(folder) / LAKE, lake, aside=Path(folder) / "replaced")
        backup.restore(stores.vault, Path(folder) / VAULT)
        _restore_inbox(stores.vault, Path(folder) / INBOX)
        erased = _erase_again(stores.vault, erasures)
        with stores.vault.begin() as con:
            audit.append(con, actor=actor, action="restore", subject=file.name, at=clock())
    return Restored(contents.at, contents.release, len(contents.files), erased)


def _restore_inbox(vault: Vault, file: Path) -> None:
    """Put the inbox back, so that it waits for what the lake does not have yet, and no more."""
    if vault.path is None or not file.is_file():
        return
    inbox = open_inbox(vault)
    backup.restore(inbox, file)
    inbox.close()


def _suppressed(vault: Vault) -> pa.Table:
    with vault.read() as con:
        return suppressions.read_suppressions(con)


def _swap(new: Path, lake: Path, *, aside: Path) -> None:
    new.mkdir(exist_ok=True, mode=0o700)
    with suppress(FileNotFoundError):
        lake.rename(aside)
    shutil.move(new, lake)


def _erase_again(vault: Vault, erasures: pa.Table) -> int:
    """Carry today's suppressions over, and forget whom they name."""
    records = erasures.filter(pc.equal(erasures["type"], suppressions.RECORD_TYPE))
    with vault.begin() as con:
        suppressions.suppress(con, erasures)
        forgotten = forget_records(con, records["key"].combine_chunks())
    if forgotten.records:
        vault.scrub()
    _forget_messages(vault, erasures)
    return forgotten.records


def _forget_messages(vault: Vault, erasures: pa.Table) -> None:
    """Delete what came live of whom they name; what came after an erasure is of somebody new."""
    inbox = open_inbox(vault)
    gone = 0
    with inbox.begin() as con:
        for cut in erasures["cutoff_at"].unique():
            keys = erasures.filter(pc.equal(erasures["cutoff_at"], cut))["key"].to_pylist()
            until = cut.as_py().replace(tzinfo=UTC)
            gone += forget_messages(con, keys, until=until)
    if gone:
        inbox.scrub()
    if inbox is not vault:
        inbox.close()
