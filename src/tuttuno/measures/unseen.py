"""How many people there are whom nobody has ever recognised: capture and recapture."""

import math
from dataclasses import dataclass

from tuttuno.measures.intervals import Z95


@dataclass(frozen=True, slots=True)
class Unseen:
    """Persons never recognised: the estimate and both ends of a 95 % interval."""

    persons: float
    low: float
    high: float


def unseen(once: int, twice: int, *, most: int) -> Unseen:
    """Estimate how many were never recognised from those who were once and twice.

    Args:
        once: Persons recognised exactly once.
        twice: Persons recognised exactly twice.
        most: Sales without a known buyer: each is of one person at most. None, nobody.

    Chao's estimate is a lower bound where some are recognised more easily than others. The
    interval is symmetric on the scale of logarithms, as Chao gives it.

    Source: Chao (1987), Estimating the population size for capture-recapture data with unequal
    catchability, Biometrics 43: 783-791; bias-corrected as in Chao (2005).

    >>> round(unseen(20, 10, most=1_000).persons, 2)
    17.27
    >>> unseen(20, 10, most=5)
    Unseen(persons=5.0, low=5.0, high=5.0)
    """
    found = once * (once - 1) / (2 * (twice + 1))
    if not found or not most:
        return Unseen(0.0, 0.0, 0.0)
    f1, f2 = float(once), float(twice)
    variance = (
        found
        + f1 * (2 * f1 - 1) ** 2 / (4 * (f2 + 1) ** 2)
        + f1**2 * f2 * (f1 - 1) ** 2 / (4 * (f2 + 1) ** 4)
    )
    times = math.exp(Z95 * math.sqrt(math.log1p(variance / found**2)))
    return Unseen(*(min(one, float(most)) for one in (found, found / times, found * times)))
