"""Taking messages out of the inbox: a claim of many at a time, open until vault and lake have them.

A claim that was opened is handed out again, with the very same messages, until it is closed; so
whoever dies at work leaves nothing behind that the next one does not finish.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault.counters import take
from tuttuno.vault.inbox import Kept, kept
from tuttuno.vault.inbox_names import file_all_names
from tuttuno.vault.inbox_who import take_down_through
from tuttuno.vault.rows import add_row, change_row
from tuttuno.vault.tables import INBOX, INBOX_CLAIM

#: Rows handed out at a time.
_PAGE = 2_000


@dataclass(frozen=True, slots=True)
class Claim:
    """Messages from one position to another, both included."""

    number: int
    first: int
    last: int


def claim(con: Connection, *, limit: int, at: datetime) -> Claim | None:
    """Return the open claim, else open one on what has waited longest; None: nothing waits."""
    wanted = sa.select(INBOX_CLAIM).where(INBOX_CLAIM.c.closed_at.is_(None))
    found = con.execute(wanted.order_by(INBOX_CLAIM.c.claim_no)).mappings().first()
    if found is not None:
        return Claim(found["claim_no"], found["first"], found["last"])
    waiting = (
        sa.select(INBOX.c.position)
        .where(INBOX.c.position > drained_through(con))
        .order_by(INBOX.c.position)
        .limit(limit)
    )
    positions = con.execute(waiting).scalars().all()
    if not positions:
        return None
    opened = Claim(take(con, "inbox_claim"), positions[0], positions[-1])
    row = {"claim_no": opened.number, "first": opened.first, "last": opened.last}
    add_row(con, INBOX_CLAIM, {**row, "opened_at": at})
    return opened


def claimed(con: Connection, one: Claim) -> Iterator[Kept]:
    """Yield the messages of a claim in the order in which they came."""
    after = one.first - 1
    while True:
        page = con.execute(
            sa.select(INBOX)
            .where(INBOX.c.position > after, INBOX.c.position <= one.last)
            .order_by(INBOX.c.position)
            .limit(_PAGE)
        )
        rows = [kept(row) for row in page.mappings()]
        yield from rows
        if len(rows) < _PAGE:
            return
        after = rows[-1].position


def close_claim(con: Connection, one: Claim, at: datetime) -> None:
    """Say that vault and lake have all of a claim."""
    change_row(con, INBOX_CLAIM, {"claim_no": one.number}, {"closed_at": at})


def drained_through(con: Connection) -> int:
    """Return the position up to which everything is in vault and lake; 0: nothing yet."""
    closed = sa.select(sa.func.max(INBOX_CLAIM.c.last)).where(INBOX_CLAIM.c.closed_at.is_not(None))
    return con.scalar(closed) or 0


def count_waiting(con: Connection) -> int:
    """Return how many messages wait to be taken in."""
    behind = INBOX.c.position > drained_through(con)
    return con.scalar(sa.select(sa.func.count()).select_from(INBOX).where(behind)) or 0


def waiting_since(con: Connection) -> datetime | None:
    """Return when the message that waits longest has come; None: nothing waits."""
    behind = INBOX.c.position > drained_through(con)
    oldest = sa.select(INBOX.c.received_at).where(behind).order_by(INBOX.c.position).limit(1)
    found: datetime | None = con.scalar(oldest)
    return found


def forget_through(con: Connection, position: int) -> int:
    """Delete the bodies of messages that a release holds; return how many there were.

    Args:
        con: Inside a transaction.
        position: Up to here, included; what waits is never deleted.
    """
    last = min(position, drained_through(con))
    file_all_names(con)
    take_down_through(con, last)
    gone: int = con.execute(sa.delete(INBOX).where(INBOX.c.position <= last)).rowcount
    return gone
