"""What the inbox still holds of many people at once, for those who look them up at the till."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault.bulk import look_up
from tuttuno.vault.inbox import Kept, kept
from tuttuno.vault.tables import INBOX, INBOX_WHO

_NAMED: Final = (INBOX_WHO.c.value_key, INBOX_WHO.c.position.label("message"))


def tails_of(con: Connection, value_keys: Sequence[str], *, limit: int) -> list[tuple[str, Kept]]:
    """Return the latest good messages that speak of somebody, each with the key that found it.

    Args:
        con: Inside a transaction of the inbox.
        value_keys: Surrogates of all who are meant.
        limit: Messages of one key at most.
    """
    asked = pa.array(value_keys, pa.string())
    named = look_up(con, asked, INBOX_WHO.c.value_key, *_NAMED)
    found: dict[int, list[str]] = {}
    turns: Counter[str] = Counter()
    for row in named.sort_by([("message", "descending")]).to_pylist():
        turns[row["value_key"]] += 1
        if turns[row["value_key"]] <= limit:
            found.setdefault(row["message"], []).append(row["value_key"])
    if not found:
        return []
    statement = sa.select(INBOX).where(INBOX.c.position.in_(found), INBOX.c.rule.is_(None))
    rows = con.execute(statement.order_by(INBOX.c.position.desc())).mappings()
    return [(key, kept(row)) for row in rows for key in found[row["position"]]]
