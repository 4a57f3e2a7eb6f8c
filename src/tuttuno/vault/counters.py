"""Numbers that only rise: ids of records, batches and persons, and the vault's change number."""

from collections.abc import Callable
from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from tuttuno.vault.checks import check_of
from tuttuno.vault.tables import COUNTER

_INSERT: Final[dict[str, Callable[..., sqlite.Insert | postgresql.Insert]]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


def take(con: Connection, name: str, count: int = 1) -> int:
    """Reserve `count` numbers of a kind and return the first, from 1; none is ever given twice.

    Whoever takes of the same kind waits until this transaction has ended, so a smaller number
    is always visible before a larger one.
    """
    wanted = sa.select(COUNTER.c.value).where(COUNTER.c.name == name).with_for_update()
    last = con.scalar(wanted)
    if last is None:
        _start(con, name)
        last = con.scalar(wanted) or 0
    changed = {"value": last + count, "check": check_of((name, last + count))}
    con.execute(sa.update(COUNTER).where(COUNTER.c.name == name).values(changed))
    return last + 1


def last(con: Connection, name: str) -> int:
    """Return the highest number of a kind that was given; 0 when none was."""
    return con.scalar(sa.select(COUNTER.c.value).where(COUNTER.c.name == name)) or 0


def change_number(con: Connection) -> int:
    """Return the number under which all of this transaction's changes are filed."""
    if "change" not in con.info:
        con.info["change"] = take(con, "change")
    number: int = con.info["change"]
    return number


def last_change(con: Connection) -> int:
    """Return the number of the last change that can be seen; 0 in an empty vault."""
    return last(con, "change")


def _start(con: Connection, name: str) -> None:
    row = {"name": name, "value": 0, "check": check_of((name, 0))}
    con.execute(_INSERT[con.dialect.name](COUNTER).values(row).on_conflict_do_nothing())
