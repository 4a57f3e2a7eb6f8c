"""Rows on their way in, and what became of them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import ibis

from tuttuno.intake.shapes import Shape
from tuttuno.intake.tally import Tally
from tuttuno.vault.vault import Connection


def _nothing(_con: Connection) -> None:
    """Leave nothing to be written."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Good rows of files that are taken in together.

    Attributes:
        source: Who sent them, as the ledger and quarantine know him.
        batches: The batches of the files; the first stands for all of them.
        shape: Of their table.
        typed: The rows as they were read, local times and all.
        placed: The same with clock and country of their store.
        rows: The same in UTC.
        scratch: A folder for files of this arrival alone.
    """

    source: str
    batches: tuple[int, ...]
    shape: Shape
    typed: ibis.Table
    placed: ibis.Table
    rows: ibis.Table
    scratch: Path

    @property
    def batch(self) -> int:
        """The number that stands for all of them."""
        return self.batches[0]

    def without(self, barred: ibis.Table) -> "Arrival":
        """Return the same less some rows, given as a table of `row`."""
        return replace(
            self,
            typed=self.typed.anti_join(barred, "row"),
            placed=self.placed.anti_join(barred, "row"),
            rows=self.rows.anti_join(barred, "row"),
        )


@dataclass(frozen=True, slots=True)
class Landed:
    """What became of good rows.

    Attributes:
        accepted: Batch -> rows that are now part of the picture.
        verdicts: `row, verdict` of those that met others, `versions.Verdict`; None: no row did.
        faults: Rows that turned out bad after all: `row` and `late`, a position in
            `faults.LATE`; None: no row did.
        months: Months of the lake that changed.
        suppressed: Batch -> rows that were kept out before any of this.
        finish: What is left to be written in the transaction that closes the batches.
    """

    accepted: Tally
    verdicts: ibis.Table | None = None
    faults: ibis.Table | None = None
    months: tuple[str, ...] = field(default=())
    suppressed: Tally = field(default_factory=dict)
    finish: Callable[[Connection], None] = _nothing
