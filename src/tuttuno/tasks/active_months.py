"""In which months a person bought: so that her card reads a few files and not those of years."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from tuttuno.tasks.open_release import OpenRelease, picker

#: Tells the months in which somebody bought or returned something, `YYYY-MM`, latest first.
MonthsOf: TypeAlias = Callable[[OpenRelease, int], tuple[str, ...]]

_BITS = 64

_Ids: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]


def months_asked(opened: OpenRelease, person_id: int) -> tuple[str, ...]:
    """Look into every month: best for who asks once."""
    rows = opened.rows_of(person_id, "person_month", ("month",))
    return tuple(sorted((row["month"] for row in rows), reverse=True))


def months_remembered(opened: OpenRelease, person_id: int) -> tuple[str, ...]:
    """Look the months up in a table of the whole release, made at the first asking.

    It takes 8 bytes a person and as many again for every 64 months.
    """
    return opened.once(_Calendar).of(person_id)


class _Calendar:
    """One bit for each person and month."""

    def __init__(self, opened: OpenRelease) -> None:
        buyers: dict[str, list[_Ids]] = {}
        for told, ids in opened.once(picker, "person_month").all_keys():
            buyers.setdefault(str(told["month"]), []).append(ids)
        self._months = sorted(buyers)
        # Ids are given one after the other and never again, so few places stay empty.
        most = max((int(ids.max()) for each in buyers.values() for ids in each), default=-1)
        self._bits = np.zeros((-(-len(self._months) // _BITS), most + 1), np.uint64)
        for at, month in enumerate(self._months):
            word, bit = divmod(at, _BITS)
            for ids in buyers[month]:
                self._bits[word, ids] |= np.uint64(1 << bit)

    def of(self, person_id: int) -> tuple[str, ...]:
        if not 0 <= person_id < self._bits.shape[1]:
            return ()
        marks = [int(word[person_id]) for word in self._bits]
        there = [m for at, m in enumerate(self._months) if marks[at // _BITS] >> at % _BITS & 1]
        return tuple(reversed(there))
