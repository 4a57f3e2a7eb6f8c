"""Files opened: their columns found, their rows judged, and nothing kept yet."""

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
from tuttuno.intake.intake import Intake
from tuttuno.intake.layers import layers
from tuttuno.intake.mapping import FileMapping, Take
from tuttuno.intake.rows import problems, typed
from tuttuno.intake.rules import Rule, rules_of
from tuttuno.intake.shapes import SHAPES, Shape
from tuttuno.intake.staged import Part, Staged
from tuttuno.intake.staging import together, with_counts, with_lookups


@dataclass(frozen=True, slots=True)
class Opened:
    """Files whose rows are known to be good or bad.

    Attributes:
        staged: Their rows as they came.
        file: What they hold.
        shape: Of their table.
        takes: Where each target comes from.
        rules: What was asked of each row.
        rows: Their good rows, as `reading.read` makes them.
        bad: `row` and `problem`, a position in `rules`; None where no row is bad.
        folder: For files of this arrival alone.
        at: When they were opened.
    """

    staged: Staged
    file: FileMapping
    shape: Shape
    takes: Mapping[str, Take]
    rules: tuple[Rule, ...]
    rows: ibis.Table
    bad: ibis.Table | None
    folder: Path
    at: datetime


def open_files(
    parts: tuple[Part, ...], source: str, work: Intake, folder: Path, at: datetime
) -> Opened:
    """Judge the rows of files that have the same columns.

    Args:
        parts: The files.
        source: Fills the column `source` where the files do not.
        work: Whose engine reads them.
        folder: For files of this arrival alone.
        at: The present moment; nothing that has happened is later.

    Raises:
        Damaged: One of the files cannot be read to its end.
        BadInput: None of their rows can be taken in.
    """
    staged, found = together(parts, work.engine), parts[0].found
    takes = takes_of(found.file, staged.columns, source=source)
    check_columns(found.path.name, found.file, takes, staged.columns)
    staged = with_lookups(staged, takes, work, folder)
    staged, takes = with_counts(staged, takes, work.engine)
    rules = rules_of(found.file.table, now=at)
    rows = typed(staged, found.file, takes, layers(work.engine))
    columnar = [part.found.path for part in parts if part.found.columnar]
    with blaming(columnar) if columnar else nullcontext():
        bad = _bad(work.engine, rows, rules)
    return Opened(
        staged=staged,
        file=found.file,
        shape=SHAPES[found.file.table.name],
        takes=takes,
        rules=rules,
        rows=rows if bad is None else layers(work.engine)("good", rows.anti_join(bad, "row")),
        bad=bad,
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
