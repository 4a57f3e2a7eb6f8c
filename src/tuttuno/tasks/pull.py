"""Pull: ask a system for what changed since the last time, and take it in, each record once."""

import os
from pathlib import Path

from tuttuno.clock import Clock, utc_now
from tuttuno.errors import Unknown
from tuttuno.intake.ingest import ingest
from tuttuno.intake.intake import Intake
from tuttuno.intake.report import FileReport
from tuttuno.intake.scratch import lent
from tuttuno.intake.section import BadMapping, Section
from tuttuno.intake.sources.tryton import NAME as TRYTON
from tuttuno.intake.sources.tryton_pull import fetch, pull_of, watermark_of
from tuttuno.progress import Progress, silent
from tuttuno.tasks.ingest import Sources, mapping_for
from tuttuno.tasks.turn import turn
from tuttuno.vault.batches import done_files

#: The key under a source that says where to pull from.
PULL = "pull"


def pull(
    name: str,
    *,
    root: Path,
    intake: Intake,
    sources: Sources,
    clock: Clock = utc_now,
    progress: Progress = silent,
) -> tuple[FileReport, ...]:
    """Take in what a source says anew; a pull that was killed is simply done again.

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
        Busy: Another intake of the project is running.
    """
    section = _section(name, sources)
    asked = pull_of(section.section(PULL), root=root, environ=os.environ)
    mapping = mapping_for(name, None, sources=sources)
    source, reports = mapping.source or mapping.name, list[FileReport]()
    with turn(root, "ingest"), lent(intake.scratch / "pull") as folder:
        for kind in asked.kinds:
            with intake.vault.read() as con:
                since = watermark_of(done_files(con, source), kind)
            found = fetch(kind, asked, since, folder / kind, progress)
            if found is not None:
                reports += ingest([found], mapping, intake, clock=clock, progress=progress)
    return tuple(reports)


def _section(name: str, sources: Sources) -> Section:
    pulled = [each for each, declared in sources.items() if PULL in declared]
    if name not in sources:
        raise Unknown("source", name, pulled or sources)
    section = Section(f"sources.{name}", sources[name])
    if name not in pulled or section.text("format") != TRYTON:
        hint = f'`format = "{TRYTON}"` and `pull = {{ url = ..., user = ..., password = ... }}`'
        raise BadMapping(section.at(PULL), "does not say where to pull from", hint=hint)
    return section
