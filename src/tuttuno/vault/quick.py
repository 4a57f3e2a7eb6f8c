"""A few rows in microseconds: statements put together once, and sent as they are.

For one record at a time, where building a statement or an Arrow table would take longer than
the database does. Values go in and out as they are stored (see `tables.columns`).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import chain
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from tuttuno.vault import postgres, sqlite
from tuttuno.vault.checks import Stored, check_of
from tuttuno.vault.tables import COUNTER

#: Rows of one statement, largest first; of few sizes, so that the driver keeps them parsed.
_SIZES: Final = (256, 32, 4, 1)

_LAST: Final = (
    sa.select(COUNTER.c.value).where(COUNTER.c.name == sa.bindparam("of")).with_for_update()
)
_RAISE: Final = (
    sa.update(COUNTER)
    .where(COUNTER.c.name == sa.bindparam("of"))
    .values(value=sa.bindparam("now"), check=sa.bindparam("sum"))
)


class _Prepared(NamedTuple):
    text: str
    names: tuple[str, ...] | None  # the order of the values; None where they go by name
    fixed: dict[str, Any]  # values that the statement itself names


class Quick:
    """The driver's own connection inside a transaction."""

    def __init__(self, con: Connection) -> None:
        self._con = con
        self._dialect = con.dialect
        self._raw: Any = con.connection.driver_connection

    def rows(self, statement: sa.Executable, **values: Stored) -> list[tuple[Any, ...]]:
        """Return the rows of a query; `values` are those of its `bindparam`s."""
        found: list[tuple[Any, ...]] = self.run(statement, **values).fetchall()
        return found

    def row(self, statement: sa.Executable, **values: Stored) -> tuple[Any, ...] | None:
        """Return the first row of a query; None where it has none."""
        found: tuple[Any, ...] | None = self.run(statement, **values).fetchone()
        return found

    def run(self, statement: sa.Executable, **values: Stored) -> Any:
        """Send a statement and return the driver's cursor."""
        made = _prepared(self._dialect, statement)
        sent = made.fixed | values if made.fixed else values
        if made.names is None:
            return self._raw.execute(made.text, sent)
        return self._raw.execute(made.text, [sent[name] for name in made.names])

    def add(self, table: sa.Table, row: Sequence[Stored]) -> None:
        """Add one whole row, columns in the table's order; its checksum is put behind it."""
        whole = (*row, check_of(row)) if "check" in table.columns else tuple(row)
        made = _adding(self._dialect, table)
        names = [column.name for column in table.columns]
        self._raw.execute(made.text, whole if made.names else dict(zip(names, whole, strict=True)))

    def add_many(self, table: sa.Table, rows: Sequence[tuple[Stored, ...]]) -> None:
        """Add whole rows with their checksums, columns in the table's order, many at a time.

        With one row to a statement SQLite hands the interpreter's lock back after each, and
        every busy thread beside it makes every row wait for its turn.
        """
        if self._dialect.name == "postgresql":
            postgres.copy_rows(self._con, table, rows)
            return
        self.send_many(table, rows)

    def send_many(
        self, table: sa.Table, rows: Sequence[tuple[Stored, ...]], *, replaces: bool = False
    ) -> None:
        """Do so in SQLite; with `replaces` in the place of rows with the same primary key."""
        start = 0
        for size in _SIZES:
            text = _adding_many(self._dialect, table, size, replaces=replaces)
            while len(rows) - start >= size:
                values = tuple(chain.from_iterable(rows[start : start + size]))
                self._raw.execute(text, values)
                start += size

    def take(self, name: str, count: int = 1) -> int:
        """Reserve numbers of a kind, as `counters.take` does."""
        row = self.row(_LAST, of=name)
        if row is None:
            start = _starting(self._dialect.name)
            self.run(start, name=name, value=0, check=check_of((name, 0)))
            row = self.row(_LAST, of=name)
        last = int(row[0]) if row else 0
        self.run(_RAISE, of=name, now=last + count, sum=check_of((name, last + count)))
        return last + 1

    def change_number(self) -> int:
        """Return the number under which this transaction's changes are filed."""
        info = self._con.info
        if "change" not in info:
            info["change"] = self.take("change")
        number: int = info["change"]
        return number


@contextmanager
def quick(con: Connection) -> Iterator[Quick]:
    """Speak to the driver; what it complains of is told as if SQLAlchemy had sent it."""
    with complaints(con):
        yield Quick(con)


@contextmanager
def complaints(con: Connection) -> Iterator[None]:
    """Tell what the driver complains of as if SQLAlchemy had sent the statement."""
    try:
        yield
    except con.dialect.loaded_dbapi.Error as error:
        sqlite.exit_on_failed_fsync(error)
        raise _told(error, con.dialect) from None


def _told(error: Any, dialect: sa.Dialect) -> BaseException:
    if getattr(error, "sqlstate", None):
        return postgres.without_details(error, dialect, None)
    kind = dialect.loaded_dbapi.Error
    told: BaseException = sa.exc.DBAPIError.instance(
        None, None, error, kind, hide_parameters=True, dialect=dialect
    )
    return told


@lru_cache(maxsize=256)
def _prepared(dialect: sa.Dialect, statement: sa.ClauseElement) -> _Prepared:
    made: Any = statement.compile(dialect=dialect)
    names = tuple(made.positiontup) if made.positional else None
    fixed = {name: value for name, value in made.params.items() if value is not None}
    return _Prepared(str(made), names, fixed)


@lru_cache
def _starting(dialect: str) -> sa.Insert:
    insert: Any = postgresql.insert if dialect == "postgresql" else sqlite_insert
    started: sa.Insert = insert(COUNTER).on_conflict_do_nothing()
    return started


@lru_cache(maxsize=64)
def _adding(dialect: sa.Dialect, table: sa.Table) -> _Prepared:
    return _prepared(dialect, sa.insert(table))


@lru_cache(maxsize=256)
def _adding_many(dialect: sa.Dialect, table: sa.Table, size: int, *, replaces: bool) -> str:
    row = dict.fromkeys(column.name for column in table.columns)
    adding = sa.insert(table).prefix_with("OR REPLACE") if replaces else sa.insert(table)
    return str(adding.values([row] * size).compile(dialect=dialect))
