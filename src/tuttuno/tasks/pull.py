"""Pull: ask a system for what changed since the last time, and take it in, each record once."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from tuttuno.clock import Clock, utc_now
from tuttuno.errors import Unknown
from tuttuno.intake.ingest import ingest
from tuttuno.intake.intake import Intake
from tuttuno.intake.report import FileReport
from tuttuno.intake.scratch import lent
from tuttuno.intake.section import BadMapping, Section
from tuttuno.intake.sources import shop_pull, tryton_pull
from tuttuno.intake.sources.shop_lists import can_pull, shop_pull_of
from tuttuno.intake.sources.tryton import NAME as TRYTON
from tuttuno.progress import Progress, silent
from tuttuno.tasks.ingest import Sources, mapping_for
from tuttuno.tasks.missed import Missed, known
from tuttuno.tasks.turn import turn
from tuttuno.vault.batches import done_files

#: The key under a source that says where to pull from.
PULL = "pull"

#: Seconds that what was pulled waits for another intake: doors go on taking in meanwhile.
PATIENCE = 600.0


@dataclass(frozen=True, slots=True)
class PullReport:
    """What a pull has brought.

    Attributes:
        files: What became of its rows.
        missed: What webhooks and files had not told before, list by list; of Tryton nothing,
            for it sends no webhooks.
    """

    files: tuple[FileReport, ...]
    missed: tuple[Missed, ...] = ()


def pull(
    name: str,
    *,
    root: Path,
    intake: Intake,
    sources: Sources,
    clock: Clock = utc_now,
    progress: Progress = silent,
) -> PullReport:
    """Take in what a source says anew; a pull that was killed is simply done again.

    While a source is asked, others take in: only what it has said needs their turn.

    Args:
        name: A source of the settings with `pull`.
        root: Of the project.
        intake: Where records go.
        sources: As in the settings.
        clock: The time of the batches.
        progress: Told of every page and table.

    Raises:
        Unknown: No source has this name.
        BadMapping: It does not say where to pull from.
        Unavailable: The system does not answer; what came before that is taken in.
        Busy: Another pull of the project is running, or another intake did not end in time.
    """
    section = _section(name, sources)
    work = _Pull(name, root, intake, sources, clock, progress)
    with turn(root, PULL), lent(intake.scratch / PULL) as folder:
        if section.text("format") == TRYTON:
            return work.tryton(section, folder)
        return work.shop(section, folder)


@dataclass(frozen=True, slots=True)
class _Pull:
    """One pull."""

    name: str
    root: Path
    intake: Intake
    sources: Sources
    clock: Clock
    progress: Progress

    def tryton(self, section: Section, folder: Path) -> PullReport:
        asked = tryton_pull.pull_of(section.section(PULL), root=self.root, environ=os.environ)
        reports: list[FileReport] = []
        for kind in asked.kinds:
            since = tryton_pull.watermark_of(self._done(), kind)
            found = tryton_pull.fetch(kind, asked, since, folder / kind, self.progress)
            if found is not None:
                reports += self._taken_in(found)
        return PullReport(tuple(reports))

    def shop(self, section: Section, folder: Path) -> PullReport:
        said, format_ = section.section(PULL), section.text("format")
        asked = shop_pull_of(said, format_, root=self.root, environ=os.environ)
        server = replace(asked.server, clock=self.clock)
        reports: list[FileReport] = []
        missed: list[Missed] = []
        for listing in asked.lists:
            mark = shop_pull.watermark_of(self._done(), listing.name)
            since = None if mark is None else mark - asked.overlap
            found = shop_pull.fetch(listing, server, since, folder, self.progress)
            if found is not None:
                brought, compared = self._compared(found)
                reports += brought
                missed.append(compared)
        return PullReport(tuple(reports), tuple(missed))

    def _compared(self, found: shop_pull.Fetched) -> tuple[tuple[FileReport, ...], Missed]:
        with turn(self.root, "ingest", patience=PATIENCE):
            before = known(self.intake)
            brought = self._in(found.path)
            return brought, before.missed(found, brought, self.clock())

    def _done(self) -> list[str]:
        mapping = mapping_for(self.name, None, sources=self.sources)
        with self.intake.vault.read() as con:
            return done_files(con, mapping.source or mapping.name)

    def _taken_in(self, path: Path) -> tuple[FileReport, ...]:
        with turn(self.root, "ingest", patience=PATIENCE):
            return self._in(path)

    def _in(self, path: Path) -> tuple[FileReport, ...]:
        mapping = mapping_for(self.name, None, sources=self.sources)
        return ingest([path], mapping, self.intake, clock=self.clock, progress=self.progress)


def _section(name: str, sources: Sources) -> Section:
    pulled = [each for each, declared in sources.items() if PULL in declared]
    if name not in sources:
        raise Unknown("source", name, pulled or sources)
    section = Section(f"sources.{name}", sources[name])
    format_ = section.text("format")
    if name not in pulled or not (format_ == TRYTON or can_pull(format_)):
        hint = "`pull = { url = ..., ... }` of a shop or a Tryton: see its page in docs/how-to"
        raise BadMapping(section.at(PULL), "does not say where to pull from", hint=hint)
    return section
