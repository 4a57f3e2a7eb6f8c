"""Before the study: how many units are needed, and what could be seen with those there are."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from tuttuno.effects.numbers import Z95
from tuttuno.errors import BadInput


@dataclass(frozen=True, slots=True)
class Plan:
    """An experiment with two arms before it is run.

    Attributes:
        spread: Standard deviation of the outcome; for a rate p, sqrt(p (1 - p)).
        share: Of units that are treated.
        power: Chance to find the effect at the 5 % level, two-sided.
        cluster_size: Units in each cluster, where clusters are assigned.
        correlation: Of outcomes within a cluster.
        explained: Share of variance that the time before explains (CUPED).
    """

    spread: float
    share: float = 0.5
    power: float = 0.8
    cluster_size: float = 1.0
    correlation: float = 0.0
    explained: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what cannot be planned.

        Raises:
            BadInput: A value lies outside of its range.
        """
        ranges = (self.spread > 0, 0 < self.share < 1, 0.05 < self.power < 1)
        rest = (self.cluster_size >= 1, 0 <= self.correlation <= 1, 0 <= self.explained < 1)
        if not all((*ranges, *rest)):
            raise BadInput("a value of the plan lies outside of its range")

    def units(self, effect: float) -> float:
        """Units in both arms together that find an effect of this size."""
        if effect == 0:
            raise BadInput("no number of units finds an effect of nothing")
        return self._unit_variance() * (self._distance() / effect) ** 2

    def effect(self, units: float) -> float:
        """The smallest effect that this many units find."""
        return float(self._distance() * np.sqrt(self._unit_variance() / units))

    def chance(self, effect: float, units: float) -> float:
        """The chance to find an effect with this many units."""
        shift = abs(effect) / np.sqrt(self._unit_variance() / units)
        return float(stats.norm.sf(Z95 - shift) + stats.norm.cdf(-Z95 - shift))

    def _distance(self) -> float:
        return Z95 + float(stats.norm.ppf(self.power))

    def _unit_variance(self) -> float:
        """Variance of the difference of arms times the number of units."""
        design = 1 + (self.cluster_size - 1) * self.correlation
        plain = self.spread**2 * (1 - self.explained) / (self.share * (1 - self.share))
        return plain * design
