"""The ledger of intake: a batch is announced before its first row, and accounted for at its end.

Whichever store decides what is a duplicate is written last: the lake for what happened, the
vault for what is known of persons. So a row can be taken for a duplicate only when all of it is
kept, and a run that was killed is simply done again.
"""

from tuttuno.clock import Clock
from tuttuno.errors import TuttunoError
from tuttuno.intake.files import Found, digest_of
from tuttuno.intake.intake import Intake
from tuttuno.intake.shapes import SHAPES
from tuttuno.vault.batches import (
    Batch,
    BatchStatus,
    Counts,
    batches_of_digest,
    close_batch,
    open_batch,
    open_batches,
)
from tuttuno.vault.quarantine import QuarantineFilter, browse

_PAGE = 10_000


class LawBroken(TuttunoError):
    """Rows are unaccounted for: a mistake of the program, never of the data."""

    def __init__(self, file: str, counts: Counts) -> None:
        self.file = file
        self.counts = counts
        super().__init__(
            f"{file}: {counts.difference} of {counts.received} rows are unaccounted for",
            hint="please report this file; its batch stays open",
        )


def settle_abandoned(work: Intake, clock: Clock) -> tuple[Batch, ...]:
    """Account for batches whose run has died, before a new one begins.

    What such a run had put into the lake was accepted: it is there, and a second ingest of the
    file will find it to be a duplicate. All else of it is as if it had never come.
    """
    with work.vault.read() as con:
        dead = tuple(open_batches(con))
    for batch in dead:
        landed = _rows_of(batch, work)
        with work.vault.begin() as con:
            close_batch(
                con,
                batch.batch,
                Counts(received=landed, accepted=landed),
                clock(),
                status=BatchStatus.ABANDONED,
                reason="its run ended early; ingest the file again",
            )
    return dead


def announce(found: Found, source: str, work: Intake, clock: Clock) -> tuple[int, str]:
    """Open a batch for a file; return its number and the file's digest."""
    digest = digest_of(found.path)
    with work.vault.begin() as con:
        number = open_batch(
            con,
            source=source,
            table=found.file.table.name,
            file=str(found.path),
            digest=digest,
            at=clock(),
        )
    return number, digest


def refuse(batch: int, reason: str, work: Intake, clock: Clock) -> None:
    """Close the batch of a file that could not be taken in as a whole."""
    with work.vault.begin() as con:
        close_batch(con, batch, Counts(), clock(), status=BatchStatus.REFUSED, reason=reason)


def rows_aside(digest: str, table: str, work: Intake) -> frozenset[int]:
    """Numbers of the rows that an earlier ingest of this very file has put into quarantine."""
    with work.vault.read() as con:
        earlier = [
            batch
            for batch in batches_of_digest(con, digest)
            if batch.table == table and batch.counts.quarantined
        ]
        rows = set()
        for batch in earlier:
            where, after = QuarantineFilter(batch=batch.batch, state=None), 0
            while page := browse(con, where, limit=_PAGE, after=after):
                rows.update(each.row for each in page if each.row is not None)
                after = page[-1].quarantine_no
    return frozenset(rows)


def _rows_of(batch: Batch, work: Intake) -> int:
    """Rows of the lake that a batch has brought; none where the vault decides."""
    shape = SHAPES.get(batch.table)
    if shape is None or shape.lake is None or shape.vault_decides:
        return 0
    rows = work.lake.bind(work.engine, shape.lake, name="intake_known")
    mine = rows.filter(rows.batch == batch.batch)
    counted: int = work.engine.run(mine.agg(rows=mine.count()))["rows"][0].as_py()
    return counted
