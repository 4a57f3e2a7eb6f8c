"""Identity runs: when, under which configuration, and how far each had read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.errors import NotFound
from tuttuno.vault.counters import take
from tuttuno.vault.quick import quick
from tuttuno.vault.rows import add_row, change_row
from tuttuno.vault.tables import RUN
from tuttuno.vault.tables.columns import EPOCH

_LAST: Final = (
    sa.select(*RUN.c["run_no", "config_hash", "change", "at", "metrics"])
    .where(RUN.c.status == "done")
    .order_by(RUN.c.run_no.desc())
    .limit(1)
)


class RunStatus(StrEnum):
    """How a run ended."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Run:
    """One identity run.

    Attributes:
        change: The last change number it had read; the next run starts after it.
    """

    run_no: int
    config_hash: str
    change: int
    status: RunStatus
    at: datetime
    metrics: Mapping[str, Any]


def open_run(con: Connection, *, config_hash: str, change: int, at: datetime) -> int:
    """Announce a run; return its number, larger than every one before."""
    number = take(con, "run")
    row = {"run_no": number, "config_hash": config_hash, "change": change, "at": at}
    add_row(con, RUN, {**row, "status": RunStatus.RUNNING, "metrics": {}})
    return number


def close_run(
    con: Connection,
    run: int,
    *,
    metrics: Mapping[str, Any],
    status: RunStatus = RunStatus.DONE,
) -> None:
    """Enter how a run ended.

    Raises:
        NotFound: No run has this number.
    """
    if not change_row(con, RUN, {"run_no": run}, {"status": status, "metrics": dict(metrics)}):
        raise NotFound(f"there is no identity run {run}")


def last_run(con: Connection) -> Run | None:
    """Return the last run that is done; None before the first."""
    with quick(con) as sent:
        row = sent.row(_LAST)
    if row is None:
        return None
    number, config_hash, change, at, metrics = row
    moment = EPOCH + timedelta(microseconds=at)
    found = msgspec.json.decode(metrics)
    return Run(number, config_hash, change, RunStatus.DONE, moment, found)


def runs(con: Connection, *, limit: int = 50, status: RunStatus | None = None) -> list[Run]:
    """Return runs, latest first."""
    statement = sa.select(RUN).order_by(RUN.c.run_no.desc()).limit(limit)
    if status is not None:
        statement = statement.where(RUN.c.status == status)
    return [_run(row) for row in con.execute(statement).mappings()]


def _run(row: sa.RowMapping) -> Run:
    values = {name: row[name] for name in Run.__dataclass_fields__}
    return Run(**{**values, "status": RunStatus(row["status"])})
