"""Pairs of numbers compared in bulk: which record carries which value."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

Numbers = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Ties:
    """Pairs of a record and a value, in two arrays of the same length."""

    record_no: Numbers
    value_no: Numbers

    @classmethod
    def of(cls, rows: pa.Table) -> "Ties":
        """Take the pairs of a table with `record_no` and `value_no`."""
        return cls(rows["record_no"].to_numpy(), rows["value_no"].to_numpy())

    def firsts(self) -> Numbers:
        """Return where each different pair is first met, sorted by record, then value."""
        order = np.lexsort((self.value_no, self.record_no))
        first = np.ones(len(order), bool)
        records, values = np.diff(self.record_no[order]), np.diff(self.value_no[order])
        first[1:] = (records != 0) | (values != 0)
        found: Numbers = order[first]
        return found

    def places_in(self, others: "Ties") -> Numbers:
        """Return where each pair stands among others, each different; -1 where it is not."""
        records = np.sort(np.concatenate([self.record_no, others.record_no]))
        values = np.sort(np.concatenate([self.value_no, others.value_no]))

        def place(ties: Ties) -> Numbers:
            start = np.searchsorted(records, ties.record_no) * len(values)
            summed: Numbers = start + np.searchsorted(values, ties.value_no)
            return summed

        mine, theirs = place(self), place(others)
        order = np.argsort(theirs)
        at = np.searchsorted(theirs, mine, sorter=order)
        at = np.append(order, -1)[at]
        found = np.append(theirs, -1)[at] == mine
        return np.where(found, at, -1)
