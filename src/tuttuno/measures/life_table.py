"""Month by month: who is still waiting, what ends the wait, and how sure each share is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from tuttuno.measures.buying.histories import Numbers
from tuttuno.measures.intervals import Z95, Interval
from tuttuno.measures.survival import OPEN

Months = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LifeTable:
    """One row a month since the beginning; arrays of one length, from month 0.

    Attributes:
        at_risk: Still waiting when the month begins, and watched in it.
        ended: By cause: how many it ended in the month.
        share: By cause: share of all that it has ended by the end of the month.
        error: By cause: standard error of that share.
    """

    at_risk: Numbers
    ended: dict[int, Numbers]
    share: dict[int, Numbers]
    error: dict[int, Numbers]

    def between(self, cause: int, month: int) -> Interval:
        """Return the 95 % interval of a share, symmetric on the scale log(-log): within 0 and 1.

        Source: Kalbfleisch and Prentice (1980), The Statistical Analysis of Failure Time Data.
        """
        share, error = float(self.share[cause][month]), float(self.error[cause][month])
        if not 0.0 < share < 1.0 or not error:
            return Interval(None, None)
        width = Z95 * error / (share * np.log(share))
        low, high = sorted((share ** float(np.exp(width)), share ** float(np.exp(-width))))
        return Interval(low, high)


def life_table(
    months: Sequence[int], causes: Sequence[int], counts: Sequence[int], *, several: Sequence[int]
) -> LifeTable:
    """Return the life table of competing ends.

    Args:
        months: In which month each was last watched, from 0; shape (n,), any order.
        causes: What ended it there, `OPEN` where nothing had: such a one was watched to the
            end of that month; same shape.
        counts: How many such there are; same shape.
        several: The causes that compete.

    The share that a cause has ended is that of Aalen and Johansen (1978): ends of a month,
    divided by those at risk, times the share still waiting before. Its standard error is by
    the delta method (Marubini and Valsecchi 1995, Analysing Survival Data from Clinical Trials
    and Observational Studies, section 10.3).
    """
    month, cause = np.asarray(months, np.int64), np.asarray(causes)
    weight = np.asarray(counts, np.float64)
    size = int(month.max()) + 1 if len(month) else 0
    at_risk = _by_month(month, weight, size)[::-1].cumsum()[::-1]
    ended = {each: _by_month(month, weight * (cause == each), size) for each in several}
    every = _by_month(month, weight * (cause != OPEN), size)
    waiting: Numbers = np.ones(size)
    waiting[1:] = np.cumprod(1.0 - every / at_risk)[:-1]
    share = {each: np.cumsum(waiting * own / at_risk) for each, own in ended.items()}
    error = {
        each: _errors(share[each], own, every, at_risk, waiting) for each, own in ended.items()
    }
    return LifeTable(at_risk, ended, share, error)


def _by_month(month: Months, weight: Numbers, size: int) -> Numbers:
    return np.asarray(np.bincount(month, weight, size), np.float64)


def _errors(
    share: Numbers, own: Numbers, every: Numbers, at_risk: Numbers, waiting: Numbers
) -> Numbers:
    """Standard errors of the share that one cause has ended by each month."""
    size = len(share)
    still = at_risk - every
    # Where nobody is left after a month, later shares do not change and the term is none.
    leaving = np.divide(every, at_risk * still, out=np.zeros(size), where=still > 0)
    upto: NDArray[np.bool_] = np.tri(size, dtype=bool)
    ahead = np.where(upto, share[:, None] - share[None, :], 0.0)
    own_part = waiting**2 * own * (at_risk - own) / at_risk**3
    both = waiting * own / at_risk**2
    variance = ahead**2 @ leaving + upto @ own_part - 2.0 * ahead @ both
    return cast("Numbers", np.sqrt(np.maximum(variance, 0.0)))
