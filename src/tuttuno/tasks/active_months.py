"""In which months a person bought: so that her card reads a few files and not those of years."""

from collections.abc import Callable
from typing import TypeAlias

import ibis
import numpy as np

from tuttuno.tasks.open_release import OpenRelease

#: Tells the months in which somebody bought or returned something, `YYYY-MM`, latest first.
MonthsOf: TypeAlias = Callable[[OpenRelease, int], tuple[str, ...]]

_PERSON = ibis.param("int64")
_MONTH = ibis.param("string")
_BITS = 64


def months_asked(opened: OpenRelease, person_id: int) -> tuple[str, ...]:
    """Ask the release for the months of one person: best for who asks once."""
    rows = opened.ask(opened.once(_months), {_PERSON: person_id})
    return tuple(sorted((row["month"] for row in rows), reverse=True))


def months_remembered(opened: OpenRelease, person_id: int) -> tuple[str, ...]:
    """Look the months up in a table of the whole release, made at the first asking.

    It takes 8 bytes a person and as many again for every 64 months.
    """
    return opened.once(_Calendar).of(person_id)


class _Calendar:
    """One bit for each person and month."""

    def __init__(self, opened: OpenRelease) -> None:
        panel = opened.tables["person_month"]
        found = opened.engine.run(panel.select("month").distinct()).column("month")
        self._months = sorted(found.to_pylist())
        ids = opened.engine.run(panel.select("person_id").distinct().order_by("person_id"))
        self._ids = ids.column("person_id").to_numpy()
        words = -(-len(self._months) // _BITS)
        self._bits = np.zeros((words, len(self._ids)), np.uint64)
        for at, month in enumerate(self._months):
            there = opened.engine.run(opened.once(_buyers), {_MONTH: month}).column("person_id")
            rows = np.searchsorted(self._ids, there.to_numpy())
            word, bit = divmod(at, _BITS)
            self._bits[word, rows] |= np.uint64(1 << bit)

    def of(self, person_id: int) -> tuple[str, ...]:
        row = int(np.searchsorted(self._ids, person_id))
        if row == len(self._ids) or self._ids[row] != person_id:
            return ()
        marks = [int(word[row]) for word in self._bits]
        there = [m for at, m in enumerate(self._months) if marks[at // _BITS] >> at % _BITS & 1]
        return tuple(reversed(there))


def _months(opened: OpenRelease) -> ibis.Table:
    panel = opened.tables["person_month"]
    return panel.filter(panel.person_id == _PERSON).select("month")


def _buyers(opened: OpenRelease) -> ibis.Table:
    panel = opened.tables["person_month"]
    return panel.filter(panel.month == _MONTH).select("person_id")
