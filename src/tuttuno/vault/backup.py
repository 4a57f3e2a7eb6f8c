"""Backups: the whole vault in one private file, made while people work, checked before use."""

import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.durable import whole_file
from tuttuno.errors import BadInput, NotFound, Unavailable
from tuttuno.vault import sqlite
from tuttuno.vault.bulk import insert_stored, stored_rows
from tuttuno.vault.integrity import broken_rows
from tuttuno.vault.migration import migrate
from tuttuno.vault.tables import METADATA
from tuttuno.vault.vault import HEAD, Vault, WrongVersion, open_vault, translated, version


class DamagedBackup(BadInput):
    """The file is not a backup, or not as it was made."""

    def __init__(self, file: Path, reason: str) -> None:
        self.file = file
        self.reason = reason
        super().__init__(f"{file} is not a sound backup: {reason}", hint="use another one")


def back_up(vault: Vault, file: Path) -> int:
    """Write one state of the vault into a new file; return its size in bytes.

    The file is SQLite whatever the vault runs on, only its owner can read it, and it has its
    name only once all of it is on the disk. Others read and write meanwhile.

    Raises:
        BadInput: The file is there already.
        Unavailable: It cannot be written.
    """
    try:
        with whole_file(file) as part, translated():
            (_copy_file if vault.path else _copy_server)(vault, part)
    except sqlite3.Error as error:
        raise Unavailable(f"cannot write {file}: {error}") from error
    return file.stat().st_size


def restore(vault: Vault, file: Path) -> None:
    """Put the vault back to the state of a backup, all of it or nothing.

    What was written since is gone, erasures too: they must be done again before anybody is
    served. A backup of an older program is brought up to date.

    Raises:
        NotFound: There is no such file.
        DamagedBackup: It is not as it was made; the vault is left alone.
        WrongVersion: It was made by a newer program; the vault is left alone.
    """
    if not file.is_file():
        raise NotFound(f"there is no backup {file}")
    saved = Vault(str(file), file, sqlite.sealed_engine(file))
    saved.fits.set()
    try:
        _examine(saved, file)
        migrate(vault)
        with translated():
            (_restore_file if vault.path else _restore_server)(vault, saved)
    finally:
        saved.close()
    migrate(vault)


def _examine(saved: Vault, file: Path) -> None:
    try:
        with saved.engine.connect() as con:
            found = version(con)
            if found is None:
                raise DamagedBackup(file, "it is another kind of database")
            if found > HEAD:
                raise WrongVersion(found, HEAD)
            broken = next(broken_rows(con), None) if found == HEAD else None
    except sa.exc.DatabaseError as error:
        raise DamagedBackup(file, str(error.orig)) from error
    if broken:
        raise DamagedBackup(file, str(broken))


def _copy_file(vault: Vault, part: Path) -> None:
    source = vault.engine.raw_connection()
    with closing(source), closing(sqlite3.connect(part)) as target:
        sqlite.copy_all(_driver(source), target)
        target.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it


def _copy_server(vault: Vault, part: Path) -> None:
    saved = open_vault(f"sqlite:///{part}")
    migrate(saved)
    with vault.read() as source, saved.begin() as target:
        _copy_rows(source, target)
    saved.close()
    with closing(sqlite3.connect(part)) as target_file:
        target_file.execute("PRAGMA journal_mode=DELETE")


def _restore_file(vault: Vault, saved: Vault) -> None:
    source, target = saved.engine.raw_connection(), vault.engine.raw_connection()
    with closing(source), closing(target):
        sqlite.copy_all(_driver(source), _driver(target))


def _driver(pooled: sa.PoolProxiedConnection) -> sqlite3.Connection:
    if not isinstance(pooled.driver_connection, sqlite3.Connection):
        raise TypeError(pooled.driver_connection)
    return pooled.driver_connection


def _restore_server(vault: Vault, saved: Vault) -> None:
    with saved.read() as source, vault.begin() as target:
        for table in reversed(METADATA.sorted_tables):
            target.execute(sa.delete(table))
        _copy_rows(source, target)


def _copy_rows(source: Connection, target: Connection) -> None:
    for table in METADATA.sorted_tables:
        insert_stored(target, table, stored_rows(source, sa.select(*table.columns)))
