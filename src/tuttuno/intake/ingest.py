"""Ingest: files in, every row accounted for, whatever is wrong with some of them.

Files are staged, their rows are judged, what they say of persons goes to the vault and what
happened to the lake, and the ledger is closed. Bad rows wait in quarantine; a file that cannot
be read as a whole is refused, and the others go on. Files of one table that have the same
columns are taken in together, each as a batch of its own. Files of documents are laid out as
rows first, and a file is a batch for each table it has rows of.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from pathlib import Path

from tuttuno.clock import Clock, utc_now
from tuttuno.engine.parquet import Damaged
from tuttuno.errors import BadInput
from tuttuno.intake.arrived import Documents
from tuttuno.intake.files import Found, find_files, in_reading_order
from tuttuno.intake.intake import Intake
from tuttuno.intake.lanes import FIRST, side_by_side
from tuttuno.intake.layers import swept
from tuttuno.intake.ledger import announce, refuse, settle_abandoned
from tuttuno.intake.mapping import Mapping
from tuttuno.intake.opened import open_files
from tuttuno.intake.report import FileReport
from tuttuno.intake.scratch import lent
from tuttuno.intake.settle import settle
from tuttuno.intake.staged import Part
from tuttuno.intake.staging import stage
from tuttuno.intake.unfold import Sheet, one_sheet_each, unfold
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
        progress: Told of every table.

    Returns:
        One report for each file, in the order in which they were read.

    Raises:
        NotFound: A path does not exist.
        NoMeaning: A file belongs to no table; nothing was taken in.
    """
    found = find_files(paths, mapping, skip_unknown=skip_unknown)
    settle_abandoned(work, clock)
    run = _Run(mapping, work, clock)
    reports: list[FileReport] = []

    def take_in(table: str, some: Callable[[], list[FileReport]]) -> None:
        progress(f"reading {table}", len(reports), len(found))
        reports.extend(some())

    if mapping.documents is not None:
        for files in _alike(found):
            take_in(mapping.name, partial(run.documents, files, mapping.documents))
    else:
        _in_lanes([run.announced(files) for files in _alike(found)], run, take_in)
    progress("reading", len(found), len(found))
    return tuple(sorted(reports, key=lambda report: report.batch))


def _alike(found: Iterable[Found]) -> list[tuple[Found, ...]]:
    """Files of one folder that mean the same together."""
    groups = groupby(found, key=lambda each: (id(each.file), each.path.parent))
    return [tuple(files) for _, files in groups]


def _in_lanes(
    announced: Sequence["_Announced"],
    run: "_Run",
    take_in: Callable[[str, Callable[[], list[FileReport]]], None],
) -> None:
    """Take in what others refer to, then every other table in a lane of its own."""

    def follow(files: Sequence[_Announced], work: Intake) -> None:
        for each in files:
            take_in(each.table, partial(replace(run, work=work).take_in, each))

    tables = {name: list(files) for name, files in groupby(announced, lambda each: each.table)}
    for name in [name for name in tables if name in FIRST]:
        follow(tables.pop(name), run.work)
    side_by_side(run.work, [partial(follow, files) for files in tables.values()])


@dataclass(frozen=True, slots=True)
class _Announced:
    """Files of one meaning, each with its batch in the ledger and its digest."""

    files: tuple[Found, ...]
    batches: list[tuple[int, str]]

    @property
    def table(self) -> str:
        return self.files[0].file.table.name


@dataclass(frozen=True, slots=True)
class _Run:
    """One ingest: its mapping, its stores, its clock."""

    mapping: Mapping
    work: Intake
    clock: Clock

    @property
    def source(self) -> str:
        """Who sent the files."""
        return self.mapping.source or self.mapping.name

    def announced(self, files: tuple[Found, ...]) -> _Announced:
        """Open a batch for each file."""
        return _Announced(files, announce(files, self.source, self.work, self.clock))

    def take_in(self, announced: _Announced) -> list[FileReport]:
        """Take in files that mean the same."""
        reports: list[FileReport] = []
        with lent(self.work.scratch / f"intake-{announced.batches[0][0]}") as folder:
            parts = []
            for found, (batch, digest) in zip(announced.files, announced.batches, strict=True):
                try:
                    parts.append(stage(found, self.work, folder, batch=batch, digest=digest))
                except BadInput as exc:
                    reports.append(self._refused(found, batch, exc))
            for group in _of_one_shape(parts):
                reports += self._together(group, folder)
        return reports

    def documents(self, files: tuple[Found, ...], documents: Documents) -> list[FileReport]:
        """Take in files of documents: all that they say of one table together, table by table."""
        sheets, reports = one_sheet_each(self.mapping.files), []
        found: dict[str, list[Sheet]] = {name: [] for name in sheets}
        with lent(self.work.scratch / "intake-documents") as folder:
            for nth, file in enumerate(files):
                try:
                    for sheet in unfold(file, sheets, documents, folder / str(nth)):
                        found[sheet.found.file.table.name].append(sheet)
                except BadInput as exc:
                    batches = announce((file,), self.source, self.work, self.clock)
                    reports.append(self._refused(file, batches[0][0], exc))
            for table in sorted(found, key=in_reading_order):
                reports += self._sheets(found[table], folder)
        return reports

    def _sheets(self, sheets: list[Sheet], folder: Path) -> list[FileReport]:
        if not sheets:
            return []
        files = [sheet.found for sheet in sheets]
        batches = announce(files, self.source, self.work, self.clock)
        parts = tuple(
            sheet.part(batch, digest)
            for sheet, (batch, digest) in zip(sheets, batches, strict=True)
        )
        return self._together(parts, folder)

    def _together(self, parts: tuple[Part, ...], folder: Path) -> list[FileReport]:
        """Take in files of the same columns; a damaged one is left out, and the rest go on."""
        if not parts:
            return []
        inner = folder / str(parts[0].batch)
        with swept(self.work.engine):
            try:
                opened = open_files(parts, self.mapping.source, self.work, inner, self.clock())
            except Damaged as exc:
                bad = next(part for part in parts if part.found.path == exc.path)
                rest = tuple(part for part in parts if part is not bad)
                return [self._refused(bad.found, bad.batch, exc), *self._together(rest, folder)]
            except BadInput as exc:
                return [self._refused(part.found, part.batch, exc) for part in parts]
            return list(settle(opened, self.source, self.work, self.clock))

    def _refused(self, found: Found, batch: int, error: BadInput) -> FileReport:
        refuse(batch, str(error), self.work, self.clock)
        return FileReport(
            source=self.source,
            table=found.file.table.name,
            file=str(found.path),
            batch=batch,
            counts=Counts(),
            refused=str(error),
        )


def _of_one_shape(parts: list[Part]) -> list[tuple[Part, ...]]:
    """Files with the same columns of the same types together."""
    shapes: dict[object, list[Part]] = {}
    for part in parts:
        shape = (tuple(part.columns.items()), part.files.schema, part.found.columnar)
        shapes.setdefault(shape, []).append(part)
    return [tuple(group) for group in shapes.values()]
