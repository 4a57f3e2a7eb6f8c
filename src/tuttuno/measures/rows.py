"""Tables of results: sums within each value of the split, and where its rows stand."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

#: One row as the engine gave it; decimals, dates and all.
Row = Mapping[str, Any]


def group(row: Row, keys: Sequence[str]) -> tuple[Any, ...]:
    """Return the value of the split that a row belongs to."""
    return tuple(row[key] for key in keys)


def totals(rows: Iterable[Row], keys: Sequence[str], column: str) -> dict[tuple[Any, ...], float]:
    """Add up a column within each value of the split."""
    found: dict[tuple[Any, ...], float] = {}
    for row in rows:
        found[group(row, keys)] = found.get(group(row, keys), 0.0) + float(row[column])
    return found


def grouped(rows: Iterable[Row], keys: Sequence[str]) -> dict[tuple[Any, ...], list[Row]]:
    """Gather rows by the value of the split, in the order of first sight."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(group(row, keys), []).append(row)
    return found


def places(found: pa.Table, keys: Sequence[str]) -> dict[tuple[Any, ...], NDArray[np.int64]]:
    """Return where the rows of each value of the split stand, in the order of first sight.

    Without a split all rows are one part, also where there are none.
    """
    if not keys:
        return {(): np.arange(found.num_rows)}
    own: dict[tuple[Any, ...], list[int]] = {}
    for at, key in enumerate(zip(*(found[key].to_pylist() for key in keys), strict=True)):
        own.setdefault(key, []).append(at)
    return {key: np.array(rows, np.int64) for key, rows in own.items()}
