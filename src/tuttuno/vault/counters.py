"""Numbers that only rise: ids of records, batches and persons, and the vault's change number."""

from typing import Final

import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault.quick import quick
from tuttuno.vault.tables import COUNTER

_LAST: Final = sa.select(COUNTER.c.value).where(COUNTER.c.name == sa.bindparam("of"))


def take(con: Connection, name: str, count: int = 1) -> int:
    """Reserve `count` numbers of a kind and return the first, from 1; none is ever given twice.

    Whoever takes of the same kind waits until this transaction has ended, so a smaller number
    is always visible before a larger one.
    """
    with quick(con) as sent:
        return sent.take(name, count)


def last(con: Connection, name: str) -> int:
    """Return the highest number of a kind that was given; 0 when none was."""
    with quick(con) as sent:
        row = sent.row(_LAST, of=name)
    return 0 if row is None else int(row[0])


def change_number(con: Connection) -> int:
    """Return the number under which all of this transaction's changes are filed."""
    with quick(con) as sent:
        return sent.change_number()


def last_change(con: Connection) -> int:
    """Return the number of the last change that can be seen; 0 in an empty vault."""
    return last(con, "change")
