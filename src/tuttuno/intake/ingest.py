"""Ingest: files in, every row accounted for, whatever is wrong with some of them.

A file is staged, its rows are judged, what they say of persons goes to the vault and what
happened to the lake, and the ledger is closed. Bad rows wait in quarantine; a file that cannot
be read as a whole is refused, and the others go on.
"""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tuttuno.clock import Clock, utc_now
from tuttuno.errors import BadInput
from tuttuno.intake.files import Found, find_files
from tuttuno.intake.intake import Intake
from tuttuno.intake.ledger import announce, refuse, rows_aside, settle_abandoned
from tuttuno.intake.mapping import Mapping
from tuttuno.intake.opened import open_file
from tuttuno.intake.report import FileReport
from tuttuno.intake.settle import settle
from tuttuno.progress import Progress, silent
from tuttuno.vault.batches import Counts


def ingest(
    paths: Iterable[Path],
    mapping: Mapping,
    work: Intake,
    *,
    skip_unknown: bool = False,
    clock: Clock = utc_now,
    progress: Progress = silent,
) -> tuple[FileReport, ...]:
    """Take in files and folders; a second run over the same files changes nothing.

    Only one may run at a time in a project: batches left open are taken for those of a run
    that died.

    Args:
        paths: Files, and folders whose files are meant.
        mapping: What the files mean.
        work: Where records go.
        skip_unknown: Pass over files that belong to no table, instead of refusing all.
        clock: The time of the batches; nothing that has happened may be later.
        progress: Told of every file.

    Returns:
        One report for each file, in the order in which they were read.

    Raises:
        NotFound: A path does not exist.
        NoMeaning: A file belongs to no table; nothing was taken in.
    """
    found = find_files(paths, mapping, skip_unknown=skip_unknown)
    settle_abandoned(work, clock)
    reports = []
    for place, each in enumerate(found):
        progress(f"reading {each.path.name}", place, len(found))
        reports.append(_take_in(each, mapping, work, clock))
    progress("reading", len(found), len(found))
    return tuple(reports)


def _take_in(found: Found, mapping: Mapping, work: Intake, clock: Clock) -> FileReport:
    source = mapping.source or mapping.name
    batch, digest = announce(found, source, work, clock)
    with _folder(work.scratch / f"intake-{batch}") as folder:
        try:
            opened = open_file(found, mapping.source, work, folder, clock())
        except BadInput as exc:
            refuse(batch, str(exc), work, clock)
            return FileReport(
                source, found.file.table.name, str(found.path), batch, Counts(), refused=str(exc)
            )
        known = rows_aside(digest, found.file.table.name, work)
        return settle(opened, batch, source, work, known=known, clock=clock)


@contextmanager
def _folder(path: Path) -> Iterator[Path]:
    """Lend a folder that nobody else can read, and leave nothing of it."""
    path.mkdir(parents=True, mode=0o700)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
