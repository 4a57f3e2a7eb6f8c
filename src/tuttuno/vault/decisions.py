"""Decisions of stewards: two records must, or cannot, be one person; they survive every rebuild."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.errors import NotFound
from tuttuno.vault.counters import change_number, take
from tuttuno.vault.rows import add_row, change_row
from tuttuno.vault.tables import DECISION


class Verdict(StrEnum):
    """What a steward decided."""

    MUST = "must"  # the two are one person
    CANNOT = "cannot"  # they are two


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision on two records.

    Attributes:
        a_key: `record_key` of the one record; the smaller of the two.
        b_key: `record_key` of the other.
        revoked_at: When it was taken back; None while it holds.
    """

    decision_no: int
    a_key: str
    b_key: str
    verdict: Verdict
    author: str
    reason: str
    at: datetime
    revoked_at: datetime | None


def decide(
    con: Connection,
    records: tuple[str, str],
    verdict: Verdict,
    *,
    author: str,
    reason: str,
    at: datetime,
) -> int:
    """Keep a decision on two records (`record_key`s); return its number.

    An earlier decision on the same two that says otherwise is revoked by it.
    """
    change = change_number(con)
    a_key, b_key = sorted(records)
    for old in decisions_on(con, a_key, b_key):
        revoke(con, old.decision_no, at=at)
    number = take(con, "decision")
    row = {"decision_no": number, "a_key": a_key, "b_key": b_key, "verdict": verdict}
    add_row(con, DECISION, {**row, "author": author, "reason": reason, "at": at, "change": change})
    return number


def revoke(con: Connection, decision: int, *, at: datetime) -> None:
    """Take a decision back; it stays on record.

    Raises:
        NotFound: No decision has this number.
    """
    changes = {"revoked_at": at, "change": change_number(con)}
    if not change_row(con, DECISION, {"decision_no": decision}, changes):
        raise NotFound(f"there is no decision {decision}", hint="see `tuttuno steward review`")


def decisions(con: Connection, *, since_change: int | None = None) -> list[Decision]:
    """Return the decisions that hold, oldest first.

    Args:
        con: Inside a transaction.
        since_change: Those made or revoked after a change number instead, revoked ones included.
    """
    if since_change is None:
        return _decisions(con, DECISION.c.revoked_at.is_(None))
    return _decisions(con, DECISION.c.change > since_change)


def decisions_on(con: Connection, a_key: str, b_key: str) -> list[Decision]:
    """Return the decisions that hold between two records."""
    a_key, b_key = sorted((a_key, b_key))
    pair = (DECISION.c.a_key == a_key) & (DECISION.c.b_key == b_key)
    return _decisions(con, pair & DECISION.c.revoked_at.is_(None))


def _decisions(con: Connection, condition: sa.ColumnElement[bool]) -> list[Decision]:
    statement = sa.select(DECISION).where(condition).order_by(DECISION.c.decision_no)
    return [_decision(row) for row in con.execute(statement).mappings()]


def _decision(row: sa.RowMapping) -> Decision:
    values = {name: row[name] for name in Decision.__dataclass_fields__}
    return Decision(**{**values, "verdict": Verdict(row["verdict"])})
