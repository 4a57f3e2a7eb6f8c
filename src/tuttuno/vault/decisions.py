"""Decisions of stewards: two records are one person, or two; a detail is pinned. All are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.errors import NotFound
from tuttuno.vault.bulk import look_up, plain_rows, read_rows
from tuttuno.vault.counters import change_number, take
from tuttuno.vault.rows import add_row, change_row
from tuttuno.vault.tables import DECISION, RECORD

_ONE, _OTHER = RECORD.alias("one"), RECORD.alias("other")
_ENDS = DECISION.join(_ONE, _ONE.c.record_key == DECISION.c.a_key).join(
    _OTHER, _OTHER.c.record_key == DECISION.c.b_key
)
_PAIR = (
    _ONE.c.record_no.label("one"),
    _OTHER.c.record_no.label("other"),
    DECISION.c.verdict,
    DECISION.c.decision_no,
    DECISION.c.revoked_at,
)


class Verdict(StrEnum):
    """What a steward decided."""

    MUST = "must"  # the two are one person
    CANNOT = "cannot"  # they are two
    PIN = "pin"  # a detail of a person is what this record says


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision on two records, or on a detail that one record tells.

    Attributes:
        a_key: `record_key` of the one record; the smaller of the two.
        b_key: `record_key` of the other; of a pin, the same.
        revoked_at: When it was taken back; None while it holds.
        change: The change number of the act that made it, or that took it back: decisions of
            one act have the same.
        field: What is pinned; None for a decision on two records.
    """

    decision_no: int
    a_key: str
    b_key: str
    verdict: Verdict
    author: str
    reason: str
    at: datetime
    revoked_at: datetime | None
    change: int
    field: str | None = None


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


def pin_detail(
    con: Connection, record_key: str, field: str, *, author: str, reason: str, at: datetime
) -> int:
    """Keep the decision that a detail of a person is what one of her records says."""
    change, number = change_number(con), take(con, "decision")
    row = {"decision_no": number, "a_key": record_key, "b_key": record_key, "verdict": Verdict.PIN}
    said = {"author": author, "reason": reason, "at": at, "change": change, "field": field}
    add_row(con, DECISION, row | said)
    return number


def pins_about(con: Connection, record_keys: Sequence[str]) -> list[Decision]:
    """Return the pins that hold on any of some records, oldest first."""
    found = plain_rows(con, record_keys, DECISION.c.a_key, *DECISION.c["decision_no", "verdict"])
    pins = [number for _, number, verdict in found if verdict == Verdict.PIN.value]
    if not pins:
        return []
    return _decisions(con, DECISION.c.decision_no.in_(pins) & DECISION.c.revoked_at.is_(None))


def revoke(con: Connection, decision: int, *, at: datetime) -> None:
    """Take a decision back; it stays on record.

    Raises:
        NotFound: No decision has this number.
    """
    changes = {"revoked_at": at, "change": change_number(con)}
    if not change_row(con, DECISION, {"decision_no": decision}, changes):
        raise NotFound(f"there is no decision {decision}", hint="see `tuttuno steward decisions`")


def reinstate(con: Connection, taken_back: Sequence[Decision]) -> None:
    """Let decisions hold again that were taken back; those of one act are one act again."""
    acts: dict[tuple[str, str, datetime], int] = {}
    change_number(con)
    for one in taken_back:
        act = (one.author, one.reason, one.at)
        if act not in acts:
            acts[act] = take(con, "change")
        changes = {"revoked_at": None, "change": acts[act]}
        change_row(con, DECISION, {"decision_no": one.decision_no}, changes)


def decision_of(con: Connection, decision: int) -> Decision:
    """Return one decision.

    Raises:
        NotFound: No decision has this number.
    """
    found = _decisions(con, DECISION.c.decision_no == decision)
    if not found:
        raise NotFound(f"there is no decision {decision}", hint="see `tuttuno steward decisions`")
    return found[0]


def decisions_of_change(con: Connection, change: int) -> list[Decision]:
    """Return the decisions that one act made or took back."""
    return _decisions(con, DECISION.c.change == change)


def decisions_about(con: Connection, record_keys: Sequence[str]) -> list[Decision]:
    """Return the decisions that hold and touch any of some records."""
    touches = DECISION.c.a_key.in_(record_keys) | DECISION.c.b_key.in_(record_keys)
    return _decisions(con, touches & DECISION.c.revoked_at.is_(None))


def decided_pairs(con: Connection, record_nos: pa.Array | None = None) -> pa.Table:
    """Return `one`, `other` (record numbers) and `verdict` of the decisions that hold.

    Oldest first. One on a record that the vault no longer has, or not yet, is left out.

    Args:
        con: Inside a transaction.
        record_nos: Only those that touch one of these records.
    """
    if record_nos is None:
        found = read_rows(con, sa.select(*_PAIR).select_from(_ENDS))
    else:
        ends = (_ONE.c.record_no, _OTHER.c.record_no)
        parts = [look_up(con, record_nos, end, *_PAIR, through=_ENDS) for end in ends]
        found = pa.concat_tables(parts).drop_columns("position")
        if found.num_rows:
            found = found.group_by(found.column_names).aggregate([])
    on_two = pc.not_equal(found["verdict"], Verdict.PIN.value)
    holds = found.filter(pc.and_(pc.is_null(found["revoked_at"]), on_two)).sort_by("decision_no")
    return holds.select(["one", "other", "verdict"])


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
