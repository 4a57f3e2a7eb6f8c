"""How sure a share is: intervals for counts."""

import math
from typing import NamedTuple

#: Standard normal quantile of a two-sided 95 % interval.
Z95 = 1.959963984540054


class Interval(NamedTuple):
    """Both ends of a 95 % interval; None when there is nothing to tell from."""

    low: float | None
    high: float | None


def share(part: float, whole: float) -> float | None:
    """Return the part of the whole; None, never an error, when the whole is zero."""
    return part / whole if whole else None


def wilson(hits: int, trials: int) -> Interval:
    """Return the score interval of a share; it stays within 0 and 1 and never has width zero.

    Source: Wilson (1927), Probable inference, the law of succession, and statistical
    inference, JASA 22(158): 209-212.

    >>> low, high = wilson(8, 10)
    >>> round(low, 4), round(high, 4)
    (0.4902, 0.9433)
    """
    if trials == 0:
        return Interval(None, None)
    z2 = Z95**2
    centre = (hits + z2 / 2) / (trials + z2)
    spread = hits * (trials - hits) / trials + z2 / 4
    half = Z95 * math.sqrt(spread) / (trials + z2)
    # The exact ends at 0 and at all; rounding must not move them.
    low = 0.0 if hits == 0 else centre - half
    high = 1.0 if hits == trials else centre + half
    return Interval(low, high)
