"""What repeat buying is estimated from: how often, until when and for how long each bought."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tuttuno.errors import BadInput

Numbers = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Histories:
    """Purchase histories, equal ones together; arrays of one length.

    Attributes:
        repeats: Purchases after the first; whole numbers from 0.
        recency: Time from the first to the last purchase; 0 without a repeat.
        age: Time from the first purchase to the end of observation.
        customers: How many customers have this history.
        place: Which of them each of the rows given has; of their length.
    """

    repeats: Numbers
    recency: Numbers
    age: Numbers
    customers: Numbers
    place: Places

    @classmethod
    def of(
        cls,
        repeats: ArrayLike,
        recency: ArrayLike,
        age: ArrayLike,
        customers: ArrayLike | None = None,
    ) -> "Histories":
        """Check histories and gather equal ones.

        A million customers seen by the day have some three hundred thousand histories; what
        is estimated from them is the same.

        Raises:
            BadInput: A value is missing, negative, or contradicts another; or there are none.
        """
        columns = [np.asarray(column, np.float64).ravel() for column in (repeats, recency, age)]
        weights = np.ones(len(columns[0])) if customers is None else np.asarray(customers, float)
        _check(columns, weights.ravel())
        order = np.lexsort(columns)
        x, t_x, until = (column[order] for column in columns)
        new = np.ones(len(order), bool)
        new[1:] = (np.diff(x) != 0) | (np.diff(t_x) != 0) | (np.diff(until) != 0)
        counted = np.add.reduceat(weights.ravel()[order], np.flatnonzero(new))
        place = np.empty(len(order), np.intp)
        place[order] = np.cumsum(new) - 1
        return cls(x[new], t_x[new], until[new], counted, place)

    def few(self, most: int) -> "Histories | None":
        """Return the histories of that many customers, drawn evenly; None: there are no more.

        They stand in order of age, recency and repeats, so that few of them tell nearly what
        all do.
        """
        if len(self.repeats) <= 2 * most:
            return None
        ends = np.cumsum(self.customers)
        drawn = (np.arange(most) + 0.5) / most * ends[-1]
        chosen, place, counted = np.unique(
            np.searchsorted(ends, drawn), return_inverse=True, return_counts=True
        )
        x, t_x, until = (each[chosen] for each in (self.repeats, self.recency, self.age))
        return Histories(x, t_x, until, counted.astype(np.float64), place.ravel())

    @property
    def total(self) -> float:
        """Return the number of customers."""
        return float(self.customers.sum())

    def by_repeats(self) -> tuple[Numbers, Places]:
        """Return the different numbers of repeats, and which of them each history has.

        Special functions of the number of repeats are needed for a few dozen values only.
        """
        different, at = np.unique(self.repeats, return_inverse=True)
        return different, at.ravel()


def _check(columns: list[Numbers], weights: Numbers) -> None:
    repeats, recency, age = columns
    if not len(repeats):
        raise BadInput("there are no purchase histories")
    if any(len(column) != len(repeats) for column in (*columns, weights)):
        raise BadInput("repeats, recency, age and customers must have the same length")
    faults: dict[str, Any] = {
        "is missing or not finite": ~np.isfinite(np.column_stack([*columns, weights])).all(axis=1),
        "has repeats that are no whole number from 0": (repeats < 0) | (repeats % 1 != 0),
        "has a recency outside 0 to age": (recency < 0) | (recency > age),
        "has a recency but no repeat, or a repeat without one": (recency > 0) != (repeats > 0),
        "stands for fewer than no customers": weights < 0,
    }
    for fault, broken in faults.items():
        if broken.any():
            raise BadInput(f"history {int(np.flatnonzero(broken)[0]) + 1} {fault}")
