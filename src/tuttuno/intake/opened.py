"""A file opened: staged, its columns found, its rows judged, and nothing kept yet."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import ibis

from tuttuno.engine.parquet import blaming
from tuttuno.engine.port import Engine
from tuttuno.intake.columns import check_columns, takes_of
from tuttuno.intake.files import Found
from tuttuno.intake.intake import Intake
from tuttuno.intake.mapping import Take
from tuttuno.intake.rows import broken, records_of, typed
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
    rows = typed(staged, found.file, takes)
    with blaming(found.path) if found.columnar else nullcontext():
        bad = work.engine.keep("intake_bad", broken(rows, rules))
        skipped = _skipped(work.engine, staged, found)
    some = work.engine.run(bad.limit(1)).num_rows > 0
    return Opened(
        found=found,
        shape=SHAPES[found.file.table.name],
        staged=staged,
        takes=takes,
        rules=rules,
        rows=rows.anti_join(bad, "row") if some else rows,
        bad=bad if some else None,
        skipped=skipped,
        folder=folder,
        at=at,
    )


def _skipped(engine: Engine, staged: Staged, found: Found) -> int:
    if not found.file.skip:
        return 0
    records = records_of(staged, found.file)
    kept: int = engine.run(records.agg(rows=records.count()))["rows"][0].as_py()
    return staged.count - kept
