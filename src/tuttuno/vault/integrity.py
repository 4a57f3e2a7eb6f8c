"""Integrity: whether every row of the vault still says what was written into it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault import sqlite
from tuttuno.vault.bulk import stored_rows
from tuttuno.vault.chains import Seal, broken_links
from tuttuno.vault.checks import check_of, checked_columns
from tuttuno.vault.tables import (
    AUDIT,
    IDENTIFIER_VALUE,
    MEMBERSHIP,
    METADATA,
    PERSON,
    PERSON_EVENT,
    RECORD,
    RECORD_IDENTIFIER,
)

#: Numbers that must lead to a row; without foreign keys for the sake of bulk loads.
_LINKS: Final = (
    (RECORD_IDENTIFIER.c.record_no, RECORD.c.record_no),
    (RECORD_IDENTIFIER.c.value_no, IDENTIFIER_VALUE.c.value_no),
    (MEMBERSHIP.c.person_id, PERSON.c.person_id),
)

#: What a driver may say of a text that is none any more.
_UNREADABLE: Final = (sa.exc.DatabaseError, UnicodeDecodeError)


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """One thing that is not as it was written.

    Attributes:
        table: Where; `database` when the file as a whole is damaged.
        key: The row's primary key, by column; empty when it cannot be told.
        what: What is wrong with it.
    """

    table: str
    key: Mapping[str, Any]
    what: str

    def __str__(self) -> str:
        key = ", ".join(f"{name} {value}" for name, value in self.key.items())
        return f"{self.table}{' ' if key else ''}{key}: {self.what}"


def broken_rows(con: Connection, *, seals: Mapping[str, Seal] | None = None) -> Iterator[BrokenRow]:
    """Yield everything in the vault that has changed without us.

    Rows are compared with their checksums, chains with themselves, numbers with what they lead
    to, and in SQLite pages and indexes with each other, which tells of rows that are missing.

    Args:
        con: Inside a transaction; everything is read once.
        seals: Seals of `audit` and `person_event`, taken earlier and kept elsewhere.
    """
    if con.dialect.name == "sqlite":
        yield from (BrokenRow("database", {}, text) for text in sqlite.damage(con))
    for table in METADATA.sorted_tables:
        if "check" in table.columns:
            yield from _as_far_as_readable(table, _changed(con, table))
    for chain in (PERSON_EVENT, AUDIT):
        known = (seals or {}).get(chain.name)
        yield from _as_far_as_readable(chain, _unchained(con, chain, known))
    for column, target in _LINKS:
        yield from _as_far_as_readable(column.table, _orphans(con, column, target))


def count_rows(con: Connection) -> int:
    """Return how many rows `broken_rows` looks at."""
    guarded = [t for t in METADATA.sorted_tables if "check" in t.columns or "hash" in t.columns]
    return sum(con.scalar(sa.select(sa.func.count()).select_from(t)) or 0 for t in guarded)


def _as_far_as_readable(table: sa.FromClause, found: Iterator[BrokenRow]) -> Iterator[BrokenRow]:
    try:
        yield from found
    except _UNREADABLE as error:
        yield BrokenRow(str(table), {}, f"the rows cannot be read ({error})")


def _unchained(con: Connection, chain: sa.Table, known: Seal | None) -> Iterator[BrokenRow]:
    for seq in broken_links(con, chain, known):
        yield BrokenRow(chain.name, {"seq": seq}, "the chain of hashes is broken here")


def _changed(con: Connection, table: sa.Table) -> Iterator[BrokenRow]:
    columns = checked_columns(table)
    places = [(column.name, columns.index(column)) for column in table.primary_key.columns]
    for rows in stored_rows(con, sa.select(*columns, table.c.check)):
        for row in rows:
            if check_of(row[:-1]) != row[-1]:
                key = {name: row[at] for name, at in places}
                yield BrokenRow(table.name, key, "the row does not match its checksum")


def _orphans(
    con: Connection, column: sa.Column[int], target: sa.Column[int]
) -> Iterator[BrokenRow]:
    exists = sa.exists().where(target == column)
    for (number,) in con.execute(sa.select(column).where(~exists).distinct()):
        what = f"there is no row of {target.table.name} with this number"
        yield BrokenRow(column.table.name, {column.name: number}, what)
