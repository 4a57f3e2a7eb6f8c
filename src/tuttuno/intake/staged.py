"""One file made readable for the engine, row by row as it came."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import ibis

#: The column with the number of the row, from 1. No header can collide with it, because headers
#: are trimmed.
ROW = " row"


def looked_up(target: str) -> str:
    """The column that holds what a look-up brought for a target."""
    return f" look up {target}"


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
class Staged:
    """A file as the engine sees it.

    Attributes:
        table: `ROW` (counting readable rows alone), the columns of the file under their
            trimmed names, and look-ups.
        columns: The columns of the file, in its order.
        count: Rows of `table`.
        unreadable: Lines that are not in `table`.
    """

    table: ibis.Table
    columns: tuple[str, ...]
    count: int
    unreadable: Sequence[Unreadable] = ()

    def number_of(self, row: int) -> int:
        """Return the number of a readable row among all records of the file, from 1."""
        bad = self.unreadable
        return row + bisect_left(range(len(bad)), row, key=lambda nth: bad[nth].row - nth)
