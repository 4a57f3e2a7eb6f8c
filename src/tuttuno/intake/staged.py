"""Files made readable for the engine, row by row as they came; those of one shape together."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import ibis

from tuttuno.engine.port import ParquetFiles
from tuttuno.intake.files import Found

#: The column with the number of the row among all rows of the files, from 1, and the one with
#: the batch of its file. No header can collide with them, because headers are trimmed.
ROW, BATCH = " row", " batch"


def looked_up(target: str) -> str:
    """The column that holds what a look-up brought for a target."""
    return f" look up {target}"


def counted(target: str) -> str:
    """The column that holds what was counted for a target; it goes into quarantine with its row."""
    return f"{target} counted"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that is no row: it has too many columns, or a quote without an end.

    Attributes:
        row: Its number, counted like rows.
        reason: What is wrong with it.
        text: As it came.
    """

    row: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """One file of those that are read together.

    Attributes:
        found: The file.
        batch: Its number in the ledger.
        digest: SHA-256 of the file, hex.
        files: What the engine reads: one Parquet file.
        columns: Trimmed name -> name in that file, in its order.
        count: Rows that can be read.
        unreadable: Lines that cannot.
        first: Rows of the files before it.
        refused: Why rows are no records -> how many; empty where only the mapping tells.
    """

    found: Found
    batch: int
    digest: str
    files: ParquetFiles
    columns: dict[str, str]
    count: int
    unreadable: tuple[Unreadable, ...] = ()
    first: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)

    @property
    def received(self) -> int:
        """Rows that arrived, readable or not."""
        return self.count + len(self.unreadable)

    def number_of(self, row: int) -> int:
        """Return the number of a readable row among all records of the file, from 1."""
        bad, nth = self.unreadable, row - self.first
        return nth + bisect_right(range(len(bad)), nth, key=lambda place: bad[place].row - place)


@dataclass(frozen=True, slots=True)
class Staged:
    """Files of one shape as the engine sees them.

    Attributes:
        table: `ROW`, `BATCH`, the columns of the files under their trimmed names, look-ups.
        parts: The files, in the order of their rows.
    """

    table: ibis.Table
    parts: tuple[Part, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the files."""
        return tuple(self.parts[0].columns)

    @property
    def batch(self) -> int:
        """The number that stands for all of the batches."""
        return self.parts[0].batch

    def part_of(self, row: int) -> Part:
        """Return the file that a row is in."""
        return self.parts[bisect_right(self.parts, row - 1, key=lambda part: part.first) - 1]


def in_order(parts: Sequence[Part]) -> tuple[int, ...]:
    """How many rows come before each of some files."""
    before = [0]
    for part in parts:
        before.append(before[-1] + part.count)
    return tuple(before[:-1])
