"""The vault in a file: SQLite set up so that what it accepts is on the disk, and private."""

import os
import sqlite3
import sys
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final, NoReturn
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.pool import ConnectionPoolEntry

from tuttuno.errors import Unavailable

#: Every connection gets these. Temporary data stays in memory, for it would hold names.
PRAGMAS: Final = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "secure_delete=ON",
    "foreign_keys=ON",
    "temp_store=MEMORY",
    "trusted_schema=OFF",
    "cache_size=-131072",  # KiB; below this, an index of random keys is read again and again
    "journal_size_limit=67108864",
    "wal_autocheckpoint=8000",  # pages; whoever commits waits for all of them to be moved
)

#: Seconds between two tries to write while another process does. SQLite by itself waits longer
#: from try to try, up to a tenth of a second, and whoever writes often is in between every time.
_AGAIN: Final = 0.001

#: Of `sysexits.h`: an input or output error.
EXIT_IO_ERROR: Final = 74

_FAILED_FSYNC: Final = frozenset({"SQLITE_IOERR_FSYNC", "SQLITE_IOERR_DIR_FSYNC"})

_TROUBLE: Final = {
    "SQLITE_BUSY": ("another process keeps the vault busy", "try again when it is done"),
    "SQLITE_LOCKED": ("another connection keeps the vault busy", "try again when it is done"),
    "SQLITE_IOERR": ("the disk failed under the vault", "look at the disk before anything else"),
    "SQLITE_FULL": ("the disk of the vault is full", "free some space; nothing was lost"),
    "SQLITE_CANTOPEN": ("the vault cannot be opened", "look at who owns its folder"),
    "SQLITE_READONLY": ("the vault may not be written", "look at who owns its folder"),
    "SQLITE_CORRUPT": ("the vault is damaged", "restore a backup"),
    "SQLITE_NOTADB": ("the vault is damaged or not a vault", "restore a backup"),
}


def engine(path: Path, patience: float) -> sa.Engine:
    """Return an engine on a file that must exist when the first connection is made."""

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            f"file:{quote(str(path))}?mode=rw",
            uri=True,
            timeout=patience,
            isolation_level=None,  # we begin and commit by ourselves
            check_same_thread=False,  # the pool gives a connection to one thread at a time
        )

    made = sa.create_engine(
        "sqlite:///" + str(path),
        creator=connect,
        pool_timeout=patience,
        hide_parameters=True,  # they are names and addresses, and errors end in logs
    )
    sa.event.listen(made, "connect", _set_up)
    sa.event.listen(made, "begin", partial(_begin, patience))
    sa.event.listen(made, "handle_error", _exit_on_failed_fsync)
    return made


def sealed_engine(path: Path) -> sa.Engine:
    """Return an engine on a file that nobody writes, such as a backup; it is not touched."""

    def connect() -> sqlite3.Connection:
        address = f"file:{quote(str(path))}?mode=ro&immutable=1"
        return sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)

    return sa.create_engine("sqlite:///" + str(path), creator=connect, hide_parameters=True)


def copy_all(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Replace all of one database by all of another, in one step or not at all.

    Raises:
        Unavailable: Somebody else kept writing.
    """

    def give_up(status: int, _left: int, _total: int) -> None:
        if status in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            what, hint = _TROUBLE["SQLITE_BUSY"]
            raise Unavailable(what, hint=hint)

    source.backup(target, progress=give_up)


def options(*, writes: bool) -> dict[str, Any]:
    """Return what a connection must know about its coming transaction."""
    return {"writes": writes}


def make_file(path: Path) -> None:
    """Make the empty file of a new vault, for its owner's eyes only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    keep_private(path)


def keep_private(path: Path) -> None:
    """Take the vault away from everybody but its owner; `-wal` and `-shm` follow it."""
    for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        if name.exists() and name.stat().st_mode & 0o077:
            name.chmod(0o600)


def scrub(engine: sa.Engine) -> None:
    """Write the log into the file and cut it: the last copies of deleted rows go with it."""
    raw = engine.raw_connection()
    try:
        ((busy, _, _),) = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.Error as error:
        exit_on_failed_fsync(error)
        raise
    finally:
        raw.close()
    if busy:
        raise Unavailable(
            "somebody is reading the vault, so deleted rows are still in its log",
            hint="run this again when they are done",
        )


def move_log(engine: sa.Engine) -> None:
    """Write what the log holds into the file, as far as nobody has to wait for it."""
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    except sqlite3.Error as error:
        exit_on_failed_fsync(error)  # of all else whoever writes next is told
    finally:
        raw.close()


def damage(con: Connection) -> list[str]:
    """Return what SQLite itself finds wrong with its pages and indexes."""
    try:
        found = con.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    except (sa.exc.DatabaseError, UnicodeDecodeError) as error:
        return [str(error)]
    return [line for line in found if line != "ok"]


def trouble(error: Any) -> tuple[str, str] | None:
    """Return what is wrong and what to do, when the machine is to blame and not the program."""
    name = getattr(error, "sqlite_errorname", None) or ""
    return _TROUBLE.get("_".join(name.split("_")[:2]))


def exit_on_failed_fsync(error: Any) -> None:
    """End the process when the disk did not confirm a write.

    After a failed fsync the kernel may call pages clean that never reached the disk, so a
    second one succeeds and lies. Only a new process that reads the file again knows the truth.
    """
    if getattr(error, "sqlite_errorname", None) in _FAILED_FSYNC:
        _exit_now(error)


def _exit_now(error: Any) -> NoReturn:
    sys.stderr.write(f"error: the disk did not confirm a write to the vault ({error}); exiting\n")
    sys.stderr.flush()
    os._exit(EXIT_IO_ERROR)


def _set_up(raw: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    try:
        for pragma in PRAGMAS:
            raw.execute(f"PRAGMA {pragma}")
    except UnicodeDecodeError as error:  # SQLite quotes what it cannot read, byte by byte
        what, hint = _TROUBLE["SQLITE_CORRUPT"]
        raise Unavailable(what, hint=hint) from error


def _begin(patience: float, con: Connection) -> None:
    if con.get_execution_options().get("writes", True):
        _begin_to_write(con, patience)
    else:
        con.exec_driver_sql("BEGIN")
    con.info.clear()


def _begin_to_write(con: Connection, patience: float) -> None:
    raw: Any = con.connection.driver_connection
    raw.execute("PRAGMA busy_timeout=0")
    try:
        until = monotonic() + patience
        while not _begun(raw) and monotonic() < until:
            sleep(_AGAIN)
        if not raw.in_transaction:
            con.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        raw.execute(f"PRAGMA busy_timeout={round(1000 * patience)}")


def _begun(raw: sqlite3.Connection) -> bool:
    """Begin to write if nobody else does; what else is wrong is told as that of any statement."""
    try:
        raw.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            return False
        raise
    return True


def _exit_on_failed_fsync(context: ExceptionContext) -> None:
    exit_on_failed_fsync(context.original_exception)
