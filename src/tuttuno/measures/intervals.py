"""How sure a share is: intervals for counts, also where one person counts several times."""

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


def wilson(hits: float, trials: float) -> Interval:
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


class Clusters(NamedTuple):
    """What is told of counts that come in clusters, e.g. several looks of one person.

    Attributes:
        hits, trials: Summed over all clusters.
        size: How many clusters there are.
        hits2, both, trials2: Sums of the squares of hits, of hits times trials, and of the
            squares of trials, cluster by cluster.
    """

    hits: int
    trials: int
    size: int
    hits2: int
    both: int
    trials2: int


def wilson_of_clusters(seen: Clusters) -> Interval:
    """Return the score interval of a share of trials that come in clusters.

    The trials count for as many as would be as unsure if each stood alone: their number
    divided by the design effect, which is never taken for less than one; where all trials
    ended alike, for the number of clusters.

    Source: Kish (1965), Survey sampling, section 8.2, with the ratio estimator's variance;
    Korn and Graubard (1998), Survey Methodology 24(2): 193-201.

    >>> alone = Clusters(hits=8, trials=10, size=10, hits2=8, both=8, trials2=10)
    >>> wilson_of_clusters(alone) == wilson(8, 10)
    False
    >>> [round(end, 2) for end in wilson_of_clusters(alone)]
    [0.47, 0.95]
    """
    if seen.trials == 0:
        return Interval(None, None)
    rate = seen.hits / seen.trials
    if seen.hits in {0, seen.trials}:
        return wilson(seen.size if seen.hits else 0, seen.size)
    spread = max(0.0, seen.hits2 - 2 * rate * seen.both + rate**2 * seen.trials2)
    # One cluster alone says nothing of how clusters differ.
    between = spread * seen.size / (seen.size - 1) if seen.size > 1 else math.inf
    effect = max(1.0, between / (seen.trials * rate * (1 - rate)))
    worth = min(max(seen.trials / effect, 1.0), seen.trials)
    return wilson(rate * worth, worth)
