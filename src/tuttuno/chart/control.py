"""The control chart of a share: which periods are more than the chance of their numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from statistics import fmean

#: Fewer periods say nothing about how much periods differ.
FEWEST = 6

#: So many standard deviations from the mean are out of control (Shewhart).
WIDTH = 3.0

#: Mean distance of two draws from a normal distribution, in standard deviations.
_MOVING = 1.128


@dataclass(frozen=True, slots=True)
class Controlled:
    """One period: its share, and between which limits chance alone would keep it."""

    share: float
    low: float
    high: float

    @property
    def out(self) -> bool:
        """True where the share lies beyond a limit."""
        return not self.low <= self.share <= self.high


def controlled(parts: Sequence[float], wholes: Sequence[float]) -> tuple[Controlled, ...]:
    """Return Laney's p'-chart of shares `parts / wholes`; nothing for fewer than six periods.

    The limits of a plain p-chart are widened by how much more neighbouring periods differ than
    their sizes explain, and never narrowed. Source: Laney, Quality Engineering 14 (2002) 531.

    >>> [round(one.high, 3) for one in controlled([50] * 6, [100] * 6)]
    [0.65, 0.65, 0.65, 0.65, 0.65, 0.65]
    """
    if len(parts) < FEWEST or min(wholes) <= 0:
        return ()
    mean = sum(parts) / sum(wholes)
    sigmas = [sqrt(mean * (1 - mean) / whole) for whole in wholes]
    shares = [part / whole for part, whole in zip(parts, wholes, strict=True)]
    if not all(sigmas):
        return ()
    scores = [(share - mean) / sigma for share, sigma in zip(shares, sigmas, strict=True)]
    steps = [abs(later - earlier) for earlier, later in pairwise(scores)]
    wider = max(1.0, fmean(steps) / _MOVING)
    return tuple(
        Controlled(
            share,
            max(0.0, mean - WIDTH * sigma * wider),
            min(1.0, mean + WIDTH * sigma * wider),
        )
        for share, sigma in zip(shares, sigmas, strict=True)
    )
