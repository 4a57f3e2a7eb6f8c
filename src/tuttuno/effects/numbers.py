"""The kinds of arrays that effects are computed from, and the normal interval."""

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


def standard_errors(covariance: Floats) -> Floats:
    """Square roots of the diagonal; rounding may leave a zero slightly negative."""
    root: Floats = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    return root
