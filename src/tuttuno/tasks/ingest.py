"""Ingest: take in files or folders, each record counted exactly once whatever becomes of it."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from tuttuno.clock import Clock, utc_now
from tuttuno.errors import BadInput, NotFound, Unknown
from tuttuno.intake.connector import connect
from tuttuno.intake.declared import parse_mapping
from tuttuno.intake.ingest import ingest as take_in
from tuttuno.intake.intake import Intake
from tuttuno.intake.mapping import Mapping as FileMappings
from tuttuno.intake.report import FileReport
from tuttuno.intake.scratch import lent
from tuttuno.intake.sources.catalogue import CONNECTORS, connected, connector_of
from tuttuno.intake.sources.exchange import EXCHANGE_FORMAT, exchange
from tuttuno.progress import Progress, silent
from tuttuno.tasks.turn import turn

Sources = Mapping[str, Mapping[str, Any]]


def ingest(
    paths: Sequence[Path],
    mapping: FileMappings,
    *,
    root: Path,
    intake: Intake,
    clock: Clock = utc_now,
    progress: Progress = silent,
) -> tuple[FileReport, ...]:
    """Take in files; a second run over the same files changes nothing.

    Raises:
        Busy: Another intake of the project is running.
        NotFound: A path is missing; nothing was taken in then.
        BadInput: No file of a path is known; nothing was taken in then. A file that turns out
            unreadable is refused in its report, and the others go on.
    """
    for path in paths:
        if not path.exists():
            raise NotFound(f"{path} does not exist", hint="name a file or a folder of files")
    with turn(root, "ingest"):
        return take_in(paths, mapping, intake, clock=clock, progress=progress)


@contextmanager
def spooled(stream: BinaryIO, mapping: FileMappings, scratch: Path) -> Iterator[Path]:
    """Lend what comes on a stream as a file; it lies on the disk, so its size does not matter.

    Args:
        stream: Read to its end.
        mapping: What it means.
        scratch: Where the file lies meanwhile, unreadable to others.

    Raises:
        BadInput: The mapping is of files that have names; on a stream nothing tells which.
    """
    if mapping.documents is None:
        what = f"`{mapping.name}` cannot be read from standard input"
        raise BadInput(what, hint="name its files, or pick a format such as `--as singer`")
    with lent(scratch / "stdin") as folder:
        path = folder / f"stdin{mapping.documents.endings[0]}"
        with path.open("wb") as file:
            shutil.copyfileobj(stream, file)
        yield path


def mapping_for(how: str | None, source: str | None, *, sources: Sources) -> FileMappings:
    """Return what the files mean: the exchange format, a system's own, or a declared mapping.

    With neither word given, the only declared source is meant, else the exchange format. A
    system's own format (`how`) is read as the section of the source says, where there is one.

    Raises:
        Unknown: No source or format has this name.
    """
    if how is None and source is None:
        how = next(iter(sources)) if len(sources) == 1 else EXCHANGE_FORMAT.name
    wanted = how or source or ""
    known = sources.get(wanted)
    if known is not None:
        return connected(known, name=wanted) or parse_mapping(known, name=wanted)
    connector = connector_of(how or "")
    if connector is not None:
        return connect(connector, sources.get(source or "", {}), name=source or connector.name)
    if how == EXCHANGE_FORMAT.name or how is None:
        return exchange(source or "")
    formats = [connector.name for connector in CONNECTORS]
    raise Unknown("format", wanted, [*sources, EXCHANGE_FORMAT.name, *formats])
