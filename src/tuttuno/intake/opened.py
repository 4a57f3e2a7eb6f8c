"""A file opened: staged, its columns found, its rows judged, and nothing kept yet."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from tuttuno.engine.parquet import blaming
from tuttuno.engine.port import Engine
from tuttuno.intake.columns import check_columns, takes_of
from tuttuno.intake.files import Found
from tuttuno.intake.intake import Intake
from tuttuno.intake.layers import layers
from tuttuno.intake.mapping import Take
from tuttuno.intake.rows import problems, records_of, typed
from tuttuno.intake.rules import Rule, rules_of
from tuttuno.intake.shapes import SHAPES, Shape
from tuttuno.intake.staged import Staged
from tuttuno.intake.staging import stage, with_lookups


@dataclass(frozen=True, slots=True)
class Opened:
    """A file whose rows are known to be good or bad.

    Attributes:
        found: The file.
        shape: Of its table.
        staged: Its rows as they came.
        takes: Where each target comes from.
        rules: What was asked of each row.
        rows: Its good rows, as `reading.read` makes them.
        bad: `row` and `problem`, a position in `rules`; None where no row is bad.
        skipped: Rows that the mapping declares to be no records.
        folder: For files of this arrival alone.
        at: When it was opened.
    """

    found: Found
    shape: Shape
    staged: Staged
    takes: Mapping[str, Take]
    rules: tuple[Rule, ...]
    rows: ibis.Table
    bad: ibis.Table | None
    skipped: int
    folder: Path
    at: datetime

    @property
    def received(self) -> int:
        """Rows that arrived, readable or not."""
        return self.staged.count + len(self.staged.unreadable)


def open_file(found: Found, source: str, work: Intake, folder: Path, at: datetime) -> Opened:
    """Stage a file and judge its rows.

    Args:
        found: The file.
        source: Fills the column `source` where the file does not.
        work: Whose engine reads it.
        folder: For files of this arrival alone.
        at: The present moment; nothing that has happened is later.

    Raises:
        BadInput: No row of the file can be taken in.
    """
    staged = stage(found, work, folder)
    takes = takes_of(found.file, staged.columns, source=source)
    check_columns(found.path.name, found.file, takes, staged.columns)
    staged = with_lookups(staged, found, takes, work, folder)
    rules = rules_of(found.file.table, now=at)
    rows = typed(staged, found.file, takes, layers(work.engine))
    with blaming(found.path) if found.columnar else nullcontext():
        bad = _bad(work.engine, rows, rules)
        skipped = _skipped(work.engine, staged, found)
    return Opened(
        found=found,
        shape=SHAPES[found.file.table.name],
        staged=staged,
        takes=takes,
        rules=rules,
        rows=rows if bad is None else layers(work.engine)("good", rows.anti_join(bad, "row")),
        bad=bad,
        skipped=skipped,
        folder=folder,
        at=at,
    )


def _bad(engine: Engine, rows: ibis.Table, rules: tuple[Rule, ...]) -> ibis.Table | None:
    """Keep `row` and `problem` of the bad rows; None where there are none."""
    judged = problems(rows, rules)
    found = [
        bad
        for batch in engine.stream(judged)
        if (bad := batch.filter(pc.is_valid(batch["problem"]))).num_rows
    ]
    return engine.bind("intake_bad", pa.Table.from_batches(found)) if found else None


def _skipped(engine: Engine, staged: Staged, found: Found) -> int:
    if not found.file.skip:
        return 0
    records = records_of(staged, found.file)
    kept: int = engine.run(records.agg(rows=records.count()))["rows"][0].as_py()
    return staged.count - kept
