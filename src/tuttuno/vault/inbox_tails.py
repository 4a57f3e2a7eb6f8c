"""What the inbox still holds of many people at once, for those who look them up at the till."""

from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault.inbox import Kept, kept
from tuttuno.vault.inbox_who import spoken_of
from tuttuno.vault.quick import quick
from tuttuno.vault.tables import INBOX

_ANY = sa.select(INBOX.c.position).limit(1)


def anything_waits(con: Connection) -> bool:
    """Tell whether the inbox holds any message that no release holds yet."""
    with quick(con) as sent:
        return sent.row(_ANY) is not None


def tails_of(con: Connection, value_keys: Sequence[str], *, limit: int) -> list[tuple[str, Kept]]:
    """Return the latest good messages that speak of somebody, each with the key that found it.

    Args:
        con: Inside a transaction of the inbox.
        value_keys: Surrogates of all who are meant.
        limit: Messages of one key at most.
    """
    found: dict[int, list[str]] = {}
    turns: Counter[str] = Counter()
    named = spoken_of(con, value_keys)
    for key, position in sorted(named, key=lambda one: one[1], reverse=True):
        turns[key] += 1
        if turns[key] <= limit:
            found.setdefault(position, []).append(key)
    if not found:
        return []
    statement = sa.select(INBOX).where(INBOX.c.position.in_(found), INBOX.c.rule.is_(None))
    rows = con.execute(statement.order_by(INBOX.c.position.desc())).mappings()
    return [(key, kept(row)) for row in rows for key in found[row["position"]]]
