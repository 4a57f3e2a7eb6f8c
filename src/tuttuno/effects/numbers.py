"""The kinds of arrays that effects are computed from, and the normal interval."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Two-sided 95 %: the level of every interval that is shown.
LEVEL = 0.95

#: The normal quantile of that level.
Z95 = float(stats.norm.ppf(0.5 + LEVEL / 2))


def critical(freedom: float) -> float:
    """Half the width of the interval by the t distribution, in standard errors.

    >>> round(critical(10), 3)
    2.228
    """
    return float(stats.t.ppf(0.5 + LEVEL / 2, freedom))


class Estimated(Protocol):
    """A number and its standard error, in one unit."""

    @property
    def estimate(self) -> float:
        """The number."""
        ...

    @property
    def se(self) -> float:
        """Its standard error."""
        ...


class NormalInterval:
    """The 95 % interval of an estimate whose error is normal; NaN ends where `se` is NaN."""

    __slots__ = ()

    @property
    def low(self: Estimated) -> float:
        """Lower end of the 95 % interval."""
        return self.estimate - Z95 * self.se

    @property
    def high(self: Estimated) -> float:
        """Upper end of the 95 % interval."""
        return self.estimate + Z95 * self.se


def standard_errors(covariance: Floats) -> Floats:
    """Square roots of the diagonal; rounding may leave a zero slightly negative."""
    root: Floats = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    return root
