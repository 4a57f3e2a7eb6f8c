"""The vault as one thing: open it, read one consistent state of it, change it or leave it."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.errors import BadInput, NotFound, Unavailable
from tuttuno.vault import postgres, sqlite
from tuttuno.vault.turns import Turns

__all__ = [
    "HEAD",
    "BadAddress",
    "Connection",
    "Vault",
    "WrongVersion",
    "open_vault",
    "translated",
    "version",
]

#: The migration that this code is written for.
HEAD: Final = "0010"

_VERSION: Final = sa.table("alembic_version", sa.column("version_num", sa.String))


class WrongVersion(BadInput):
    """The vault was made by an older or a newer version of the program."""

    def __init__(self, found: str | None, needed: str) -> None:
        self.found = found
        self.needed = needed
        if found is not None and found > needed:
            super().__init__(
                f"the vault has schema {found}, newer than {needed}, the last this program knows",
                hint="install the version of tuttuno that made it, or a later one",
            )
        else:
            super().__init__(
                f"the vault has schema {found or 'none'}, this program needs {needed}",
                hint="keep a copy of the project, then run `tuttuno doctor --migrate`",
            )


@dataclass(frozen=True, slots=True)
class Vault:
    """An open vault.

    Attributes:
        url: Its address, without a password.
        path: The file, when it is one.
        engine: The SQLAlchemy engine, for migrations and integrity checks.
        patience: Seconds to wait for another writer before giving up.
        fits: Set once the schema is known to be the right one.
        turns: In which the threads of this process write into a file.
    """

    url: str
    path: Path | None
    engine: sa.Engine = field(repr=False)
    patience: float = 30.0
    fits: Event = field(default_factory=Event, repr=False)
    turns: Turns = field(default_factory=Turns, repr=False)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Change the vault: all of the block is kept, or nothing when it raises.

        In SQLite there is one writer at a time; others wait for it, first come, first served
        among the threads of one process.
        """
        turn = self.turns.mine(self.patience) if self.path else nullcontext()
        with turn, self._connected(writes=True) as con, con.begin():
            yield con

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Read one state of the vault, whatever is written meanwhile."""
        with self._connected(writes=False) as con, con.begin():
            yield con

    def scrub(self) -> None:
        """Make sure that deleted rows are gone from the disk, not only from sight.

        Raises:
            Unavailable: Somebody has been reading for too long; try again.
        """
        with translated():
            (sqlite if self.path else postgres).scrub(self.engine)

    def move_log(self) -> None:
        """Do beside whoever writes what one of them would have to do later, and wait for."""
        if self.path:
            sqlite.move_log(self.engine)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    @contextmanager
    def _connected(self, *, writes: bool) -> Iterator[Connection]:
        if self.path and not self.path.is_file():
            if self.fits.is_set():  # it was there before
                raise Unavailable(f"the vault at {self.path} is gone", hint="see whether it moved")
            raise NotFound(f"there is no vault at {self.path}", hint="`tuttuno init` makes one")
        options = (sqlite if self.path else postgres).options(writes=writes)
        with translated(), self.engine.connect() as con:
            con.execution_options(**options)
            self._check_version(con)
            yield con

    def _check_version(self, con: Connection) -> None:
        if not self.fits.is_set():
            found = version(con)
            con.rollback()
            if found != HEAD:
                raise WrongVersion(found, HEAD)
            self.fits.set()


def open_vault(url: str, *, patience: float = 30.0) -> Vault:
    """Open a vault by its address; nothing is read or made yet.

    Args:
        url: `sqlite:////absolute/path/vault.sqlite` or `postgresql://user@host/name`.
        patience: Seconds to wait for another writer before giving up.

    Raises:
        BadInput: The address is of neither kind, or lacks a file name.
    """
    try:
        address = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise BadAddress(url) from error
    match address.get_backend_name():
        case "sqlite" if address.database and address.database != ":memory:":
            path = Path(address.database)
            return Vault(str(address), path, sqlite.engine(path, patience), patience)
        case "postgresql":
            address = address.set(drivername="postgresql+psycopg")
            made = postgres.engine(address, patience)
            return Vault(address.render_as_string(), None, made, patience)
        case _:
            raise BadAddress(url)


class BadAddress(BadInput):
    """The text does not lead to a vault."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__(
            f"{url!r} is not the address of a vault",
            hint="write sqlite:////folder/vault.sqlite or postgresql://user@host/name",
        )


def version(con: Connection) -> str | None:
    """Return the schema that the vault has now; None for an empty one."""
    if not sa.inspect(con).has_table(_VERSION.name):
        return None
    found: str | None = con.scalar(sa.select(_VERSION.c.version_num))
    return found


@contextmanager
def translated() -> Iterator[None]:
    """Say in our words that the database did not answer; let mistakes of ours through."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        trouble: Any = error.orig
        reason = sqlite.trouble(trouble) or postgres.trouble(trouble)
        if reason is None:
            raise
        what, hint = reason
        raise Unavailable(f"{what} ({trouble})".replace("\n", " "), hint=hint) from error
