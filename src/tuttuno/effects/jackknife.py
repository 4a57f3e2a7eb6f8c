"""An interval from leaving out one unit at a time: right where there are few units."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from tuttuno.effects.numbers import Bools, Floats, critical, standard_errors
from tuttuno.errors import BadInput


@dataclass(frozen=True, slots=True)
class Jackknife:
    """Several numbers, each with an interval by the t distribution.

    Attributes:
        estimate: Shape (k,): from all units.
        covariance: Shape (k, k).
        without: Shape (units, k): the numbers without each unit.
    """

    estimate: Floats
    covariance: Floats
    without: Floats

    @property
    def freedom(self) -> int:
        """Degrees of freedom: one less than units."""
        return int(self.without.shape[0]) - 1

    @property
    def se(self) -> Floats:
        """Standard errors; shape (k,)."""
        return standard_errors(self.covariance)

    @property
    def half(self) -> Floats:
        """Half widths of the 95 % intervals; shape (k,)."""
        widths: Floats = self.se * critical(self.freedom)
        return widths

    def p(self, load: Floats) -> float:
        """Two-sided p-value of a sum of the numbers being zero; NaN without any spread."""
        spread = max(float(load @ self.covariance @ load), 0.0) ** 0.5
        if not spread:
            return float("nan")
        return float(2 * stats.t.sf(abs(float(load @ self.estimate)) / spread, self.freedom))


def jackknife(units: int, numbers: Callable[[Bools], Floats]) -> Jackknife:
    """Leave out each unit once.

    The spread around the estimate from all units, which with few clusters is safer than a
    sandwich: MacKinnon, Nielsen & Webb (2023), Fast and reliable jackknife and bootstrap
    methods for cluster-robust inference, Journal of Applied Econometrics 38(5), CV3.

    Args:
        units: How many.
        numbers: Makes the numbers from the units that are kept; always as many.

    Raises:
        BadInput: There are fewer than three units, or one of them cannot be missed.
    """
    if units < 3:
        raise BadInput(f"{units} units are too few to leave one out")
    everybody = np.ones(units, dtype=bool)
    whole = numbers(everybody)
    without = np.array([numbers(everybody & (np.arange(units) != one)) for one in range(units)])
    away = without - whole
    return Jackknife(whole, (units - 1) / units * away.T @ away, without)
