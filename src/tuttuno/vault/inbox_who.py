"""Whom waiting messages speak of, by surrogate, on shelves in the order of arrival.

A group of new messages is filed in the one shelf that is being filled, a few pages of the disk,
and not all over what has come since the last release. Whoever looks somebody up looks through
every shelf, of which there are few: a release empties them.
"""

from collections.abc import Collection
from typing import Any, Final

import msgspec
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault.bulk import key_table
from tuttuno.vault.quick import quick
from tuttuno.vault.tables import INBOX, INBOX_WHO

#: Messages of one shelf; whoever changes it must file anew what waits.
SHELF: Final = 2_048

_FIRST: Final = sa.select(sa.func.min(INBOX.c.position))
_LAST: Final = sa.select(sa.func.max(INBOX.c.position))

_NAMED: Final = sa.select(INBOX_WHO.c.value_key, INBOX_WHO.c.position)


def _told(name: str, kind: type[sa.types.TypeEngine[Any]]) -> sa.Select[Any]:
    """What a parameter holds: a JSON list."""
    told = sa.func.json_each(sa.bindparam(name, type_=sa.Text))
    return sa.select(told.table_valued(sa.column("value", kind)).c.value)


_BOTH: Final = _NAMED.where(
    INBOX_WHO.c.shelf.in_(_told("shelves", sa.BigInteger)),
    INBOX_WHO.c.value_key.in_(_told("keys", sa.Text)),
)


def shelf_of(position: int) -> int:
    """Return the shelf of a message."""
    return position // SHELF


def spoken_of(con: Connection, value_keys: Collection[str]) -> list[tuple[str, int]]:
    """Return the messages whose body is still here and that speak of somebody, each with why.

    Args:
        con: Inside a transaction.
        value_keys: Surrogates of her records and identifiers.
    """
    shelves = _shelves(con)
    if not shelves or not value_keys:
        return []
    if con.dialect.name == "sqlite":
        keys = msgspec.json.encode(list(value_keys)).decode()
        with quick(con) as sent:
            rows = sent.rows(_BOTH, shelves=msgspec.json.encode(shelves).decode(), keys=keys)
        return [(row[0], row[1]) for row in rows]
    asked = key_table(con, pa.array(list(value_keys), pa.string()))
    mine = INBOX_WHO.c.value_key.in_(sa.select(asked.c.key))
    found = con.execute(_NAMED.where(INBOX_WHO.c.shelf.in_(shelves), mine))
    return [(row[0], row[1]) for row in found]


def take_down(con: Connection, positions: Collection[int]) -> None:
    """Forget of whom messages speak."""
    numbers = key_table(con, pa.array(list(positions), pa.int64()))
    shelves = {shelf_of(position) for position in positions}
    con.execute(
        sa.delete(INBOX_WHO)
        .where(INBOX_WHO.c.shelf.in_(shelves))
        .where(INBOX_WHO.c.position.in_(sa.select(numbers.c.key)))
    )


def take_down_through(con: Connection, position: int) -> None:
    """Forget of whom all messages up to one speak."""
    con.execute(
        sa.delete(INBOX_WHO)
        .where(INBOX_WHO.c.shelf <= shelf_of(position))
        .where(INBOX_WHO.c.position <= position)
    )


def _shelves(con: Connection) -> list[int]:
    with quick(con) as sent:
        first, last = sent.row(_FIRST), sent.row(_LAST)
    if first is None or last is None or first[0] is None:
        return []
    return list(range(shelf_of(first[0]), shelf_of(last[0]) + 1))
