"""One file on its way in, and what became of its good rows."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import ibis
from sqlalchemy import Connection

from tuttuno.intake.files import Found
from tuttuno.intake.shapes import Shape


def _nothing(_con: Connection) -> None:
    """Leave nothing to be written."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file whose rows have been judged.

    Attributes:
        found: The file.
        source: Who sent it, as the ledger and quarantine know him.
        batch: Its number in the ledger.
        shape: Of its table.
        typed: Its good rows as they were read, local times and all.
        placed: The same with clock and country of their store.
        rows: The same in UTC.
        scratch: A folder for files of this arrival alone.
    """

    found: Found
    source: str
    batch: int
    shape: Shape
    typed: ibis.Table
    placed: ibis.Table
    rows: ibis.Table
    scratch: Path


@dataclass(frozen=True, slots=True)
class Landed:
    """What became of good rows.

    Attributes:
        accepted: Rows that are now part of the picture.
        duplicate: Rows that were part of it already, or are older than what is.
        older: How many of the duplicates are older versions.
        faults: Rows that turned out bad after all: `row` and `late`, a position in
            `faults.LATE`.
        months: Months of the lake that changed.
        finish: What is left to be written in the transaction that closes the batch.
    """

    accepted: int
    duplicate: int
    older: int = 0
    faults: ibis.Table | None = None
    months: tuple[str, ...] = ()
    finish: Callable[[Connection], None] = _nothing
