"""Columns as arrays: every different value once, and for each record which one it has."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Levels = NDArray[np.int8]
Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

#: Stands for "this record does not say" wherever a value is given by its position.
NONE = -1


@dataclass(frozen=True, slots=True)
class Column:
    """One thing that records say.

    Attributes:
        code: For each record the position of its value, or `NONE`.
        values: The different values, in ascending order.
    """

    code: Ints
    values: tuple[str, ...]

    @property
    def told(self) -> int:
        """How many records have a value."""
        return int((self.code != NONE).sum())

    def texts(self) -> NDArray[Any]:
        """The values as an array of objects, for a scorer to take from."""
        array = np.empty(len(self.values), dtype=object)
        array[:] = self.values
        return array

    def counts(self) -> Ints:
        """How many records have each value."""
        return np.bincount(self.code[self.code != NONE], minlength=len(self.values))


def column_of(texts: Iterable[str | None]) -> Column:
    """Give the different texts numbers by their order; an empty one is none."""
    listed = list(texts)
    values = sorted({text for text in listed if text})
    place: dict[str | None, int] = {text: number for number, text in enumerate(values)}
    code = np.fromiter((place.get(text, NONE) for text in listed), np.int64, len(listed))
    return Column(code, tuple(values))


def changed(column: Column, texts: Sequence[str | None]) -> Column:
    """Give every different value of a column another text, or none."""
    other = column_of(texts)
    code = np.append(other.code, NONE)[column.code]
    return Column(code, other.values)
