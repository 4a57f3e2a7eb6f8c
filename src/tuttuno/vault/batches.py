"""The ledger: every row that ever arrived, and what became of it."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from operator import add, attrgetter

import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.errors import NotFound
from tuttuno.vault.counters import take
from tuttuno.vault.rows import add_row, change_row, find_row
from tuttuno.vault.tables import BATCH
from tuttuno.vault.tables.columns import Moment

_HOUR = 3_600_000_000  # microseconds


class BatchStatus(StrEnum):
    """How far a batch has come."""

    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"  # the file as a whole could not be taken in
    ABANDONED = "abandoned"  # its run died, and another batch did the work again


@dataclass(frozen=True, slots=True)
class Counts:
    """The conservation law: received rows, and the five things that can become of one."""

    received: int = 0
    accepted: int = 0
    duplicate: int = 0
    quarantined: int = 0
    suppressed: int = 0
    rejected: int = 0

    @property
    def difference(self) -> int:
        """Rows that are unaccounted for: positive when some were lost; 0 is the law.

        >>> Counts(received=3, accepted=2, duplicate=1).difference
        0
        """
        kept = self.accepted + self.duplicate + self.quarantined
        return self.received - kept - self.suppressed - self.rejected

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*map(add, self.row, other.row))

    @property
    def row(self) -> tuple[int, ...]:
        """The counts in their order above."""
        return _row(self)


_COUNTS = tuple(Counts.__dataclass_fields__)
_row: Callable[[Counts], tuple[int, ...]] = attrgetter(*_COUNTS)


@dataclass(frozen=True, slots=True)
class Batch:
    """One file of one table, as the ledger knows it.

    Attributes:
        digest: SHA-256 of the file, hex.
        counts: All zero while the batch is open.
        reason: Why it was refused or abandoned; None otherwise.
    """

    batch: int
    source: str
    table: str
    file: str
    digest: str
    status: BatchStatus
    opened_at: datetime
    closed_at: datetime | None
    counts: Counts
    reason: str | None


@dataclass(frozen=True, slots=True)
class LedgerHour:
    """What became of the rows of one source whose batches were opened within one hour (UTC)."""

    source: str
    hour: datetime
    counts: Counts


def open_batch(
    con: Connection, *, source: str, table: str, file: str, digest: str, at: datetime
) -> int:
    """Announce a batch before its first row is kept; return its number, never given before."""
    number = take(con, "batch")
    row = {"batch_no": number, "source": source, "table": table, "file": file}
    add_row(
        con,
        BATCH,
        {
            **row,
            "digest": digest,
            "status": BatchStatus.OPEN,
            "opened_at": at,
            **asdict(Counts()),
        },
    )
    return number


def close_batch(
    con: Connection,
    batch: int,
    counts: Counts,
    at: datetime,
    *,
    status: BatchStatus = BatchStatus.DONE,
    reason: str | None = None,
) -> None:
    """Enter what became of the rows.

    Raises:
        NotFound: No batch has this number.
    """
    changes = {"status": status, "closed_at": at, "reason": reason, **asdict(counts)}
    if not change_row(con, BATCH, {"batch_no": batch}, changes):
        raise NotFound(f"no batch has number {batch}", hint="see `tuttuno batches`")


def batch_of(con: Connection, batch: int) -> Batch | None:
    """Return one batch, or None."""
    row = find_row(con, BATCH, {"batch_no": batch})
    return None if row is None else _batch(row)


def batches(con: Connection, *, limit: int = 50, before: int | None = None) -> list[Batch]:
    """Return batches, latest first.

    Args:
        con: Inside a transaction.
        limit: How many at most.
        before: Only those with a smaller number: the last one of the page before.
    """
    statement = sa.select(BATCH).order_by(BATCH.c.batch_no.desc()).limit(limit)
    if before is not None:
        statement = statement.where(BATCH.c.batch_no < before)
    return _batches(con, statement)


def accepted_since(con: Connection, at: datetime, *, most: int) -> int:
    """Add up what batches opened after a moment accepted; of the latest `most` batches alone."""
    latest = sa.select(BATCH.c.opened_at, BATCH.c.accepted).order_by(BATCH.c.batch_no.desc())
    lately = latest.limit(most).subquery()
    added = sa.cast(sa.func.coalesce(sa.func.sum(lately.c.accepted), 0), sa.BigInteger)
    return int(con.scalar(sa.select(added).where(lately.c.opened_at > at)) or 0)


def open_batches(con: Connection) -> list[Batch]:
    """Return the batches whose run has not ended, or died, oldest first."""
    statement = sa.select(BATCH).where(BATCH.c.status == BatchStatus.OPEN)
    return _batches(con, statement.order_by(BATCH.c.batch_no))


def batches_of_digest(con: Connection, digest: str) -> list[Batch]:
    """Return the batches that were made from this very content, oldest first."""
    statement = sa.select(BATCH).where(BATCH.c.digest == digest)
    return _batches(con, statement.order_by(BATCH.c.batch_no))


def done_files(con: Connection, source: str) -> list[str]:
    """Return the names of the files of a source that were taken in, each once."""
    statement = sa.select(BATCH.c.file).where(
        BATCH.c.source == source, BATCH.c.status == BatchStatus.DONE
    )
    return list(con.scalars(statement.distinct()))


def last_files(con: Connection) -> list[tuple[str, datetime]]:
    """Return when each source last sent a file with rows in it, by name."""
    latest = sa.func.max(BATCH.c.opened_at, type_=BATCH.c.opened_at.type)
    statement = (
        sa.select(BATCH.c.source, latest)
        .where(BATCH.c.status == BatchStatus.DONE, BATCH.c.received > 0, BATCH.c.digest != "")
        .group_by(BATCH.c.source)
        .order_by(BATCH.c.source)
    )
    return [(row[0], row[1]) for row in con.execute(statement)]


def ledger_by_hour(con: Connection, *, source: str | None = None) -> list[LedgerHour]:
    """Return the conservation law per source and hour, latest hour first.

    Open batches are left out: their rows have not become anything yet.
    """
    opened = sa.type_coerce(BATCH.c.opened_at, sa.BigInteger)
    hour = sa.type_coerce(opened - opened % _HOUR, Moment).label("hour")
    sums = [sa.cast(sa.func.sum(BATCH.c[name]), sa.BigInteger).label(name) for name in _COUNTS]
    statement = (
        sa.select(BATCH.c.source, hour, *sums)
        .where(BATCH.c.status != BatchStatus.OPEN)
        .group_by(BATCH.c.source, hour)
        .order_by(hour.desc(), BATCH.c.source)
    )
    if source is not None:
        statement = statement.where(BATCH.c.source == source)
    return [LedgerHour(row[0], row[1], Counts(*row[2:])) for row in con.execute(statement)]


def _batches(con: Connection, statement: sa.Select[tuple[object, ...]]) -> list[Batch]:
    return [_batch(row) for row in con.execute(statement).mappings()]


def _batch(row: sa.RowMapping) -> Batch:
    return Batch(
        batch=row["batch_no"],
        source=row["source"],
        table=row["table"],
        file=row["file"],
        digest=row["digest"],
        status=BatchStatus(row["status"]),
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        counts=Counts(*(row[name] for name in _COUNTS)),
        reason=row["reason"],
    )


def total(ledger: Sequence[LedgerHour]) -> Counts:
    """Add up the ledger."""
    return sum((line.counts for line in ledger), Counts())
