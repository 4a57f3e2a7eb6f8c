"""How long until something happens, when it may not have happened yet, or something else did."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: The cause of a duration that had not ended when we looked.
OPEN = 0


@dataclass(frozen=True, slots=True)
class Incidence:
    """Cumulative incidence of one cause among several.

    Attributes:
        times: When anything happened, ascending; shape (times,).
        share: Share of all that the cause has ended by each time; same shape.
        seen: Longest time anybody was watched; beyond it nothing is known.
    """

    times: NDArray[np.float64]
    share: NDArray[np.float64]
    seen: float

    def by(self, time: float) -> float | None:
        """Return the share that the cause has ended by a time; None when nobody was watched."""
        if time > self.seen:
            return None
        before = int(np.searchsorted(self.times, time, side="right"))
        return float(self.share[before - 1]) if before else 0.0

    def when(self, share: float) -> float | None:
        """Return the first time by which that share was reached; None when it never was."""
        reached = np.flatnonzero(self.share >= share - 1e-12)
        return float(self.times[reached[0]]) if reached.size else None


def incidence(
    durations: Sequence[float], causes: Sequence[int], counts: Sequence[int], *, cause: int
) -> Incidence:
    """Estimate how the share ended by one cause grows, while others compete with it.

    Args:
        durations: How long each was watched; shape (n,), any order.
        causes: What ended it, `OPEN` where nothing had; same shape. An end at a time comes
            before an open one at the same time.
        counts: How many such there are; same shape.
        cause: The one that is asked for.

    One minus Kaplan-Meier would count whoever a rival cause took as still waiting, and so
    promise more than can ever happen; with a single cause the two are the same.

    Assumes that those still open are like the others who waited as long.

    Source: Aalen and Johansen (1978), An empirical transition matrix for non-homogeneous
    Markov chains based on censored observations, Scand. J. Statist. 5: 141-150.
    """
    if not durations:
        return Incidence(np.empty(0), np.empty(0), -np.inf)
    ended, weight = np.asarray(causes), np.asarray(counts, float)
    times, place = np.unique(np.asarray(durations, float), return_inverse=True)
    left = np.bincount(place, weights=weight, minlength=times.size)
    every = np.bincount(place, weights=weight * (ended != OPEN), minlength=times.size)
    own = np.bincount(place, weights=weight * (ended == cause), minlength=times.size)
    at_risk = weight.sum() - np.concatenate([[0.0], np.cumsum(left)[:-1]])
    waiting = np.cumprod(1 - every / at_risk)
    before = np.concatenate([[1.0], waiting[:-1]])
    share = np.cumsum(before * own / at_risk)
    happened = every > 0
    # Once all have ended nothing more can happen: the curve is known for ever.
    seen = np.inf if waiting[-1] <= 0 else float(times[-1])
    return Incidence(times[happened], share[happened], seen)
