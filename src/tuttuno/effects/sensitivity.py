"""How strong must something unobserved be to explain an effect away?"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from tuttuno.effects.numbers import Floats
from tuttuno.errors import BadInput


@dataclass(frozen=True, slots=True)
class EValue:
    """Strength of a confounder, as a risk ratio with treatment and with outcome alike.

    Attributes:
        point: Needed to explain the estimate away.
        interval: Needed to move the interval to "no effect"; 1 where it already is there.
    """

    point: float
    interval: float


def e_value(ratio: float, low: float, high: float) -> EValue:
    """The E-value of a risk ratio with its interval.

    Source: VanderWeele & Ding (2017), Annals of Internal Medicine 167(4).

    Raises:
        BadInput: A ratio is not positive, or the estimate lies outside of its interval.

    >>> round(e_value(10.73, 8.02, 14.36).point, 5)
    20.94777
    """
    if not 0 < low <= ratio <= high:
        raise BadInput("a risk ratio is positive and lies within its interval")
    nearest = low if ratio >= 1 else high
    crosses = (nearest <= 1) if ratio >= 1 else (nearest >= 1)
    return EValue(_e_value(ratio), 1.0 if crosses else _e_value(nearest))


def e_value_of_difference(estimate: float, se: float, spread: float) -> EValue:
    """The E-value of a difference of means, by way of an approximate risk ratio.

    `spread` is the standard deviation of the outcome. Source: VanderWeele & Ding (2017), after
    Chinn (2000): the ratio is exp(0.91 d), its interval exp(0.91 d ± 1.78 se(d)).
    """
    if spread <= 0 or se < 0:
        raise BadInput("the outcome needs a positive standard deviation")
    size, error = estimate / spread, se / spread
    low, high = np.exp(0.91 * size - 1.78 * error), np.exp(0.91 * size + 1.78 * error)
    return e_value(float(np.exp(0.91 * size)), float(low), float(high))


def _e_value(ratio: float) -> float:
    ratio = ratio if ratio >= 1 else 1 / ratio
    return float(ratio + np.sqrt(ratio * (ratio - 1)))


@dataclass(frozen=True, slots=True)
class Rosenbaum:
    """How far hidden bias may go in matched pairs.

    Attributes:
        p: Largest one-sided p-value under no hidden bias (gamma 1).
        gamma: Odds of treatment within a pair may differ by this factor, and the effect is
            still significant at 5 %; 1 where it never was.
    """

    p: float
    gamma: float


def rosenbaum(differences: Floats, *, most: float = 20.0) -> Rosenbaum:
    """Bounds on the signed rank test of pairs, treated minus control.

    Tests that the treated do not have more; turn the sign for the other side. Zero differences
    are left out, ties get mean ranks; normal approximation.

    Source: Rosenbaum (2002), Observational Studies, section 4.3; R's `rbounds`.
    """
    nonzero = differences[differences != 0]
    if nonzero.size < 2:
        raise BadInput("hidden bias is judged from two or more pairs that differ")
    p = rosenbaum_p(nonzero, 1.0)
    if p >= 0.05:
        return Rosenbaum(p, 1.0)
    low, high = 1.0, most
    if rosenbaum_p(nonzero, high) < 0.05:
        return Rosenbaum(p, most)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if rosenbaum_p(nonzero, middle) < 0.05 else (low, middle)
    return Rosenbaum(p, low)


def rosenbaum_p(differences: Floats, gamma: float) -> float:
    """Largest one-sided p-value when the odds of treatment differ by at most `gamma`."""
    nonzero = differences[differences != 0]
    ranks = stats.rankdata(np.abs(nonzero))
    chance = gamma / (1 + gamma)
    mean = chance * ranks.sum()
    spread = np.sqrt(chance * (1 - chance) * (ranks @ ranks))
    return float(stats.norm.sf((ranks[nonzero > 0].sum() - mean) / spread))


@dataclass(frozen=True, slots=True)
class Robustness:
    """Share of the unexplained variance a confounder must explain, in treatment and outcome.

    Attributes:
        value: To bring the estimate to zero.
        significant: To make it insignificant at 5 %.
        partial_r2: Share of the outcome's rest that the treatment explains.
    """

    value: float
    significant: float
    partial_r2: float


def robustness(t: float, freedom: float) -> Robustness:
    """Robustness values of a coefficient from its t-value and degrees of freedom.

    Source: Cinelli & Hazlett (2020), Making sense of sensitivity, Journal of the Royal
    Statistical Society B 82(1); R's `sensemakr`.

    >>> found = robustness(4.18445, 783)
    >>> round(found.value, 4), round(found.significant, 4), round(found.partial_r2, 4)
    (0.1388, 0.0763, 0.0219)
    """
    if freedom < 2:
        raise BadInput("a robustness value needs two degrees of freedom")
    strength = abs(t) / np.sqrt(freedom)
    limit = stats.t.ppf(0.975, freedom - 1) / np.sqrt(freedom - 1)
    return Robustness(
        value=_robustness(strength),
        significant=_significant(strength, float(limit)),
        partial_r2=float(t**2 / (t**2 + freedom)),
    )


def _robustness(strength: float) -> float:
    squared = max(strength, 0.0) ** 2
    return float((np.sqrt(squared**2 + 4 * squared) - squared) / 2)


def _significant(strength: float, limit: float) -> float:
    """The value at which the t-test just fails; another formula beyond its corner."""
    left = strength - limit
    if left <= 0:
        return 0.0
    if limit < 1 / strength:
        return _robustness(left)
    return float((strength**2 - limit**2) / (1 + strength**2))
