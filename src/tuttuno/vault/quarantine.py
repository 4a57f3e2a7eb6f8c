"""Quarantine: rows that break a rule, kept as they came until somebody has looked at them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault.bulk import insert_rows
from tuttuno.vault.counters import take
from tuttuno.vault.rows import change_row
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
    quarantine_no: int = 0


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
        rows: Rows, or a table of `batch`, `source`, `table_name`, `file`, `row`, `column`,
            `rule`, `value`, `message`, `payload` (JSON text), `record_key`, `at`.
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
    grain = QUARANTINE.c["source", "table_name", "rule"]
    statement = (
        sa.select(*grain, rows)
        .where(QUARANTINE.c.state == QuarantineState.OPEN)
        .group_by(*grain)
        .order_by(rows.desc(), *grain)
    )
    return [RuleCount(*tuple(row)) for row in con.execute(statement)]


def take_open(
    con: Connection, where: QuarantineFilter, *, limit: int = 10_000
) -> list[Quarantined]:
    """Return rows to try again and mark them as retried, in this one transaction.

    When the transaction fails they are open again, so none is lost and none is tried twice.
    """
    found = browse(con, where, limit=limit)
    settle(con, [row.quarantine_no for row in found], QuarantineState.RETRIED)
    return found


def settle(con: Connection, numbers: Sequence[int], state: QuarantineState) -> int:
    """Say what became of rows; return how many of the numbers exist."""
    return sum(change_row(con, QUARANTINE, {"quarantine_no": n}, {"state": state}) for n in numbers)


def _conditions(where: QuarantineFilter) -> list[sa.ColumnElement[bool]]:
    wanted = {
        "source": where.source,
        "table_name": where.table,
        "rule": where.rule,
        "batch": where.batch,
        "state": where.state,
    }
    return [QUARANTINE.c[name] == value for name, value in wanted.items() if value is not None]


def _table(rows: Sequence[Quarantined]) -> pa.Table:
    same = ("batch", "source", "file", "row", "column", "rule", "value", "message", "record_key")
    columns: dict[str, list[Any]] = {name: [getattr(row, name) for row in rows] for name in same}
    columns["table_name"] = [row.table for row in rows]
    columns["payload"] = [_json(row.payload) for row in rows]
    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    at = pa.array([row.at for row in rows], pa.timestamp("us", "UTC"))
    return table.append_column("at", at)


def _json(payload: Mapping[str, Any] | None) -> str | None:
    return None if payload is None else msgspec.json.encode(payload).decode()


def _quarantined(row: sa.RowMapping) -> Quarantined:
    values = dict(row)
    del values["check"]
    values["table"] = values.pop("table_name")
    values["state"] = QuarantineState(values["state"])
    payload = values["payload"]
    values["payload"] = None if payload is None else msgspec.json.decode(payload)
    return Quarantined(**values)
