"""The ledger of intake: a batch is announced before its first row, and accounted for at its end.

What events say of persons is in the vault before the events are in the lake, so a row is taken
for a duplicate only when all of it is kept. What a run that was killed has put into either store
was accepted; the ledger is made to say so before the next batch is opened, and the file, when it
comes again, brings the rest.
"""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from tuttuno.clock import Clock
from tuttuno.errors import TuttunoError
from tuttuno.intake.files import Found, digest_of
from tuttuno.intake.intake import Intake
from tuttuno.intake.lake_rows import lake_rows
from tuttuno.intake.people_side import give_traits
from tuttuno.intake.shapes import SHAPES
from tuttuno.schema.exchange import PEOPLE
from tuttuno.schema.lake import RECORD
from tuttuno.vault.batches import (
    Batch,
    BatchStatus,
    Counts,
    close_batch,
    open_batch,
    open_batches,
)
from tuttuno.vault.records import stream_records
from tuttuno.vault.vault import Connection


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
    """Account for batches whose run has died, before a new one begins."""
    with work.vault.read() as con:
        dead = tuple(open_batches(con))
    for batch in dead:
        kept = _people_of(batch, work) if batch.table == PEOPLE.name else _rows_of(batch, work)
        with work.vault.begin() as con:
            close_batch(
                con,
                batch.batch,
                Counts(received=kept, accepted=kept),
                clock(),
                status=BatchStatus.ABANDONED,
                reason="its run ended early; ingest the file again",
            )
    return dead


def announce(
    files: Sequence[Found], source: str, work: Intake, clock: Clock
) -> list[tuple[int, str]]:
    """Open a batch for each file; return its number and the file's digest."""
    digests = [digest_of(found.path) for found in files]
    with work.vault.begin() as con:
        return [
            (_open(con, found, source, digest, clock), digest)
            for found, digest in zip(files, digests, strict=True)
        ]


def open_for(found: Found, source: str, work: Intake, clock: Clock) -> int:
    """Open a batch for rows of a file that come from quarantine; it has no digest."""
    with work.vault.begin() as con:
        return _open(con, found, source, "", clock)


def refuse(batch: int, reason: str, work: Intake, clock: Clock) -> None:
    """Close the batch of a file that could not be taken in as a whole."""
    with work.vault.begin() as con:
        close_batch(con, batch, Counts(), clock(), status=BatchStatus.REFUSED, reason=reason)


def _open(con: Connection, found: Found, source: str, digest: str, clock: Clock) -> int:
    return open_batch(
        con,
        source=source,
        table=found.file.table.name,
        file=str(found.path),
        digest=digest,
        at=clock(),
    )


def _rows_of(batch: Batch, work: Intake) -> int:
    """Rows of the lake that a batch has brought; none where all goes in with the ledger."""
    shape = SHAPES.get(batch.table)
    if shape is None or shape.lake is None:
        return 0
    rows = work.lake.bind(work.engine, shape.lake, name="intake_known")
    mine = rows.filter(rows.batch == batch.batch)
    counted: int = work.engine.run(mine.agg(rows=mine.count()))["rows"][0].as_py()
    return counted


def _people_of(batch: Batch, work: Intake) -> int:
    """Count the records that a batch has brought to the vault, and give the lake their traits."""
    columns = ["record_key", "content", "batch", *PEOPLE.columns]
    with work.vault.read() as con:
        parts = [
            mine
            for part in stream_records(con, columns)
            if (mine := part.filter(_brought(part, batch.batch))).num_rows
        ]
    if not parts:
        return 0
    records = pa.Table.from_batches(parts)
    rows = work.engine.bind("intake_known", records.append_column("row", records["batch"]))
    give_traits(lake_rows(rows, SHAPES[PEOPLE.name], RECORD), batch.batch, work)
    counted: int = records.num_rows
    return counted


def _brought(records: pa.RecordBatch, batch: int) -> pa.Array:
    return pc.and_(pc.equal(records["batch"], batch), pc.is_valid(records["content"]))
