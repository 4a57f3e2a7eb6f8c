"""Small tables of results: sums within each value of the split."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

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
