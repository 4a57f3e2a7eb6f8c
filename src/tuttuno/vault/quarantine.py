"""Quarantine: rows that break a rule, kept as they came until somebody has looked at them."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault.bulk import insert_rows, look_up, put_rows
from tuttuno.vault.checks import checked_columns
from tuttuno.vault.counters import take
from tuttuno.vault.tables import QUARANTINE


class QuarantineState(StrEnum):
    """What became of a row kept aside."""

    OPEN = "open"
    RETRIED = "retried"  # taken in by a later batch
    DISMISSED = "dismissed"  # somebody decided that it is of no use


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One row and the rule it breaks.

    Attributes:
        row: Its number in the file, the first row after the header being 1; None: not known.
        column: The column at fault; None when it is the row as a whole.
        value: What was seen there.
        payload: The whole row as it came, by column.
        record_key: The record it speaks of, where that can be told; it is erased with her.
        retried_by: The batch that took it in; None unless retried.
        quarantine_no: 0 until it is kept.
    """

    batch: int
    source: str
    table: str
    file: str
    row: int | None
    column: str | None
    rule: str
    value: str | None
    message: str
    payload: Mapping[str, Any] | None
    at: datetime
    record_key: str | None = None
    state: QuarantineState = QuarantineState.OPEN
    retried_by: int | None = None
    quarantine_no: int = 0

    @property
    def content(self) -> str | None:
        """What it is known by when it comes again: a digest of who sent what; None: nothing."""
        if self.payload is None:
            return None
        told = msgspec.json.encode((self.source, self.table, self.payload), order="sorted")
        return hashlib.sha256(told).hexdigest()


#: Its columns as they come before anything became of the row.
_PLAIN = tuple(Quarantined.__dataclass_fields__)[:12]
_FATE = ("state", "retried_by")


@dataclass(frozen=True, slots=True)
class QuarantineFilter:
    """Which rows to show; None: any."""

    source: str | None = None
    table: str | None = None
    rule: str | None = None
    batch: int | None = None
    state: QuarantineState | None = QuarantineState.OPEN


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How many rows of one table of one source break one rule and are still open."""

    source: str
    table: str
    rule: str
    rows: int


def put(con: Connection, rows: pa.Table | Sequence[Quarantined]) -> int:
    """Keep rows aside; return how many.

    Args:
        con: Inside a transaction.
        rows: Rows, or a table of `batch`, `source`, `table`, `file`, `row`, `column`,
            `rule`, `value`, `message`, `payload` (JSON text), `record_key`, `at`, `content`.
    """
    table = rows if isinstance(rows, pa.Table) else _table(rows)
    first = take(con, "quarantine", table.num_rows)
    numbers = np.arange(first, first + table.num_rows, dtype=np.int64)
    table = table.append_column("quarantine_no", pa.array(numbers))
    if "state" not in table.column_names:
        table = table.append_column(
            "state", pa.array([QuarantineState.OPEN.value] * table.num_rows, pa.string())
        )
    insert_rows(con, QUARANTINE, table)
    return len(table)


def browse(
    con: Connection,
    where: QuarantineFilter = QuarantineFilter(),
    *,
    limit: int = 50,
    after: int = 0,
) -> list[Quarantined]:
    """Return a page of rows, oldest first.

    Args:
        con: Inside a transaction.
        where: Which rows.
        limit: How many at most.
        after: Only those with a larger number: the last one of the page before.
    """
    statement = (
        sa.select(QUARANTINE)
        .where(QUARANTINE.c.quarantine_no > after, *_conditions(where))
        .order_by(QUARANTINE.c.quarantine_no)
        .limit(limit)
    )
    return [_quarantined(row) for row in con.execute(statement).mappings()]


def count_by_rule(con: Connection) -> list[RuleCount]:
    """Return how many open rows break which rule, the most frequent first."""
    rows = sa.func.count().label("rows")
    grain = QUARANTINE.c["source", "table", "rule"]
    statement = (
        sa.select(*grain, rows)
        .where(QUARANTINE.c.state == QuarantineState.OPEN)
        .group_by(*grain)
        .order_by(rows.desc(), *grain)
    )
    return [RuleCount(*tuple(row)) for row in con.execute(statement)]


def open_numbers(con: Connection, numbers: Sequence[int]) -> set[int]:
    """Return which of some numbers belong to rows that are still held back."""
    asked = pa.array(numbers, pa.int64())
    found = look_up(con, asked, QUARANTINE.c.quarantine_no, *QUARANTINE.c["quarantine_no", "state"])
    still_open = pc.equal(found["state"], QuarantineState.OPEN.value)
    return set(found.filter(still_open)["quarantine_no"].to_pylist())


def settle(
    con: Connection,
    numbers: Sequence[int],
    state: QuarantineState,
    *,
    retried_by: int | None = None,
) -> int:
    """Say what became of rows; return how many of the numbers exist.

    Args:
        con: Inside a transaction.
        numbers: `quarantine_no` of each.
        state: What became of them.
        retried_by: The batch that took them in.
    """
    asked = pa.array(sorted(set(numbers)), pa.int64())
    kept = [column for column in checked_columns(QUARANTINE) if column.name not in _FATE]
    rows = look_up(con, asked, QUARANTINE.c.quarantine_no, *kept).drop_columns("position")
    count: int = rows.num_rows
    rows = rows.append_column("state", pa.array([state.value] * count, pa.string()))
    rows = rows.append_column("retried_by", pa.array([retried_by] * count, pa.int64()))
    put_rows(con, QUARANTINE, rows)
    return count


def judge_again(con: Connection, rows: Sequence[Quarantined]) -> None:
    """Keep what is wrong with rows today, in the place of what was wrong with them before."""
    table = _table(rows).append_column("state", pa.array([row.state.value for row in rows]))
    numbers = pa.array([row.quarantine_no for row in rows], pa.int64())
    put_rows(con, QUARANTINE, table.append_column("quarantine_no", numbers))


def held_before(con: Connection, rows: Sequence[Quarantined]) -> set[str]:
    """Return by which `content` rows of one batch are known from other batches, settled or not."""
    mine = {row.batch for row in rows}
    contents = {content for row in rows if (content := row.content) is not None}
    if not contents:
        return set()
    asked = pa.array(sorted(contents), pa.string())
    found = look_up(con, asked, QUARANTINE.c.content, *QUARANTINE.c["content", "batch"])
    pairs = zip(found["content"].to_pylist(), found["batch"].to_pylist(), strict=True)
    return {content for content, batch in pairs if batch not in mine}


def count_by_batch(con: Connection) -> tuple[Mapping[int, int], Mapping[int, int]]:
    """Return how many rows each batch put aside, and how many each batch took in from there."""
    return _counts(con, QUARANTINE.c.batch), _counts(con, QUARANTINE.c.retried_by)


def _counts(con: Connection, column: sa.Column[int]) -> Mapping[int, int]:
    counted = sa.select(column, sa.func.count()).where(column.is_not(None)).group_by(column)
    return {row[0]: row[1] for row in con.execute(counted)}


def _conditions(where: QuarantineFilter) -> list[sa.ColumnElement[bool]]:
    wanted = {
        "source": where.source,
        "table": where.table,
        "rule": where.rule,
        "batch": where.batch,
        "state": where.state,
    }
    return [QUARANTINE.c[name] == value for name, value in wanted.items() if value is not None]


def _table(rows: Sequence[Quarantined]) -> pa.Table:
    same = [*(name for name in _PLAIN if name not in {"payload", "at"}), "content"]
    columns: dict[str, list[Any]] = {name: [getattr(row, name) for row in rows] for name in same}
    columns["payload"] = [_json(row.payload) for row in rows]
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    at = pa.array([row.at for row in rows], pa.timestamp("us", "UTC"))
    return table.append_column("at", at)


def _json(payload: Mapping[str, Any] | None) -> str | None:
    return None if payload is None else msgspec.json.encode(payload).decode()


def _quarantined(row: sa.RowMapping) -> Quarantined:
    values = dict(row)
    del values["check"], values["content"]
    values["state"] = QuarantineState(values["state"])
    payload = values["payload"]
    values["payload"] = None if payload is None else msgspec.json.decode(payload)
    return Quarantined(**values)
