"""How many products a buyer would own from both channels if channels meant nothing to her."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

Floats = NDArray[np.float64]


def in_both(lines: ArrayLike, online: ArrayLike, of_thing: ArrayLike) -> Floats:
    """Return the chance that a thing lies on both sides when sides are dealt at random.

    Args:
        lines: All lines of a buyer; broadcast with the others.
        online: How many of them are online.
        of_thing: How many of them are of the thing.

    Her lines keep their things and the number on each side; which line is on which side is
    drawn without return (hypergeometric): one minus the chance of all in the store, minus
    that of all online.

    >>> float(in_both(4, 2, 2).round(4))
    0.6667
    """
    n, k, m = (np.asarray(each, float) for each in (lines, online, of_thing))
    return np.asarray(1.0 - _alone(n, k, m), float)


def in_both_together(
    lines: ArrayLike, online: ArrayLike, of_thing: ArrayLike, of_other: ArrayLike
) -> Floats:
    """Return the chance that two different things of one buyer both lie on both sides.

    >>> float(in_both_together(4, 2, 2, 2).round(4))
    0.6667
    """
    n, k, m, o = (np.asarray(each, float) for each in (lines, online, of_thing, of_other))
    every = _log_choose(n, k)
    # Both are one-sided: all of both online, one here and one there, or all in the store.
    one_sided = sum(
        np.exp(_log_choose(n - m - o, k - taken) - every)
        for taken in (m + o, m, o, np.zeros_like(m))
    )
    return np.asarray(1.0 - _alone(n, k, m) - _alone(n, k, o) + one_sided, float)


def covariance(
    lines: ArrayLike, online: ArrayLike, of_thing: ArrayLike, of_other: ArrayLike
) -> Floats:
    """Return the covariance of two things of one buyer lying on both sides."""
    together = in_both_together(lines, online, of_thing, of_other)
    apart = in_both(lines, online, of_thing) * in_both(lines, online, of_other)
    return np.asarray(together - apart, float)


def _alone(n: Floats, k: Floats, m: Floats) -> Floats:
    """Chance that m lines are all online or all in the store; the two exclude each other."""
    every = _log_choose(n, k)
    store = np.exp(_log_choose(n - m, k) - every)
    online = np.exp(_log_choose(n - m, k - m) - every)
    return np.asarray(store + online, float)


def _log_choose(n: Floats, k: Floats) -> Floats:
    """Logarithm of the number of ways; minus infinity where there is none."""
    n, k = np.broadcast_arrays(n, k)
    possible = (k >= 0) & (k <= n) & (n >= 0)
    n, k = np.where(possible, n, 0.0), np.where(possible, k, 0.0)
    ways = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return np.where(possible, ways, -np.inf)
