"""Rows that wait in quarantine, judged again by the mapping and the rules of today.

What passes now is taken in by a batch of its own, which has received these rows and no others;
what does not has not moved. So each row is received once by the file that brought it, and once
more by the batch that took it out of quarantine, and both batches keep the law.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from tuttuno.clock import Clock, utc_now
from tuttuno.engine.port import ParquetFiles
from tuttuno.errors import BadInput
from tuttuno.intake.aside import SHOWN, UNREADABLE, BadRows
from tuttuno.intake.faults import Fault, faults_of
from tuttuno.intake.files import Found
from tuttuno.intake.intake import Intake
from tuttuno.intake.layers import swept
from tuttuno.intake.ledger import open_for, refuse, settle_abandoned
from tuttuno.intake.mapping import FileMapping
from tuttuno.intake.mapping import Mapping as Declared
from tuttuno.intake.opened import Opened, open_files
from tuttuno.intake.report import FileReport
from tuttuno.intake.scratch import lent
from tuttuno.intake.settle import settle
from tuttuno.intake.staged import Part, counted
from tuttuno.intake.staging import POSITION
from tuttuno.progress import Progress, silent
from tuttuno.vault import quarantine
from tuttuno.vault.batches import Counts
from tuttuno.vault.quarantine import Quarantined, QuarantineFilter, QuarantineState
from tuttuno.vault.vault import Connection

_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Rows of one file that wait, and what the file means today."""

    path: Path
    file: FileMapping
    rows: tuple[Quarantined, ...]


def retry_quarantine(
    mapping: Declared,
    work: Intake,
    *,
    table: str | None = None,
    rule: str | None = None,
    clock: Clock = utc_now,
    progress: Progress = silent,
) -> tuple[FileReport, ...]:
    """Take in what is held back of one source and is good by now.

    Lines that could not be read as rows stay: they can only be sent again.

    Args:
        mapping: What the files of the source mean today.
        work: Where records go.
        table: Only rows of this exchange table.
        rule: Only rows that broke this rule.
        clock: The time of the batches.
        progress: Told of every file.

    Returns:
        One report for each file that has rows waiting; `received` is what was taken out.
    """
    settle_abandoned(work, clock)
    source = mapping.source or mapping.name
    where = QuarantineFilter(source=source, table=table, rule=rule)
    reports: list[FileReport] = []
    for waiting in _waiting(where, mapping, work):
        progress(f"trying {waiting.path.name} again", len(reports), None)
        reports.append(_try(waiting, mapping, source, work, clock))
    return tuple(reports)


def _waiting(where: QuarantineFilter, mapping: Declared, work: Intake) -> Iterator[_Waiting]:
    """Rows that wait, file by file; those of files that mean nothing today are left alone."""
    held = [row for row in _open_rows(where, work) if row.rule != UNREADABLE and row.payload]
    held.sort(key=lambda row: (row.file, row.table, row.quarantine_no))
    for (name, table), rows in groupby(held, key=lambda row: (row.file, row.table)):
        path = Path(name)
        file = mapping.file_of(path.name, table)
        if file is not None:
            yield _Waiting(path, file, tuple(rows))


def _open_rows(where: QuarantineFilter, work: Intake) -> list[Quarantined]:
    rows: list[Quarantined] = []
    with work.vault.read() as con:
        while page := quarantine.browse(
            con, where, limit=_PAGE, after=rows[-1].quarantine_no if rows else 0
        ):
            rows += page
    return rows


def _try(
    waiting: _Waiting, mapping: Declared, source: str, work: Intake, clock: Clock
) -> FileReport:
    found = Found(waiting.path, waiting.file)
    batch = open_for(found, source, work, clock)
    with lent(work.scratch / f"intake-{batch}") as folder, swept(work.engine):
        part = _laid_out(waiting, mapping, batch, folder)
        try:
            opened = open_files((part,), mapping.source, work, folder, clock())
        except BadInput as exc:
            refuse(batch, str(exc), work, clock)
            return FileReport(
                source=source,
                table=waiting.file.table.name,
                file=str(waiting.path),
                batch=batch,
                counts=Counts(),
                refused=str(exc),
            )

        def fate(con: Connection, bad: ibis.Table | None) -> BadRows:
            return _taken_out(con, bad, waiting.rows, batch, opened, work)

        return settle(opened, source, work, clock, fate=fate)[0]


def _laid_out(waiting: _Waiting, mapping: Declared, batch: int, folder: Path) -> Part:
    """Lay rows out as their file was, every column as text."""
    payloads = [row.payload or {} for row in waiting.rows]
    columns = _columns(payloads, waiting.file, mapping)
    table = pa.table(
        {
            name: pa.array([_text(row.get(name)) for row in payloads], pa.string())
            for name in columns
        }
    )
    path = folder / f"{batch}.parquet"
    pq.write_table(table, path)
    files = ParquetFiles(
        (str(path.absolute()),), ibis.Schema.from_pyarrow(table.schema), row_column=POSITION
    )
    found = Found(waiting.path, waiting.file)
    return Part(found, batch, "", files, {name: name for name in columns}, table.num_rows)


def _columns(
    payloads: Sequence[Mapping[str, Any]], file: FileMapping, mapping: Declared
) -> list[str]:
    """Columns that any row has, and those that all should have: a null one is in no payload."""
    needed = {*file.used, *map(counted, file.counted)}
    if file.columns is None:
        needed = set(file.table.required) - ({"source"} if mapping.source else set())
    return sorted(needed.union(*payloads))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _taken_out(
    con: Connection,
    bad: ibis.Table | None,
    rows: Sequence[Quarantined],
    batch: int,
    opened: Opened,
    work: Intake,
) -> BadRows:
    """Mark the rows that passed; the others stay, each with what is wrong with it today."""
    found = work.engine.run(bad.select("row", "problem")).to_pylist() if bad is not None else []
    still = {each["row"]: each["problem"] for each in found}
    passed = [row.quarantine_no for place, row in enumerate(rows, 1) if place not in still]
    quarantine.settle(con, passed, QuarantineState.RETRIED, retried_by=batch)
    faults = faults_of(opened.rules)
    judged = [(rows[place - 1], faults[problem]) for place, problem in sorted(still.items())]
    now = [_judged(row, fault, opened) for row, fault in judged if not _as_before(row, fault)]
    if now:
        quarantine.judge_again(con, now)
    return BadRows(left={batch: len(still)})


def _as_before(row: Quarantined, fault: Fault) -> bool:
    return (row.rule, row.column) == (fault.rule, fault.column)


def _judged(row: Quarantined, fault: Fault, opened: Opened) -> Quarantined:
    take = opened.takes.get(fault.column or "")
    seen = None if take is None else (row.payload or {}).get(take.column or "")
    value = None if seen is None else str(seen)[:SHOWN]
    return replace(row, rule=fault.rule, column=fault.column, value=value, message=fault.message)
