"""A tier is reached at a threshold: did reaching it change anything? Regression discontinuity."""

from dataclasses import dataclass

import numpy as np

from tuttuno.effects.bandwidth import Bandwidths, Side, nearest_residuals, select
from tuttuno.effects.numbers import Floats, NormalInterval
from tuttuno.errors import BadInput


@dataclass(frozen=True, slots=True)
class Discontinuity(NormalInterval):
    """A jump at a threshold.

    Attributes:
        estimate: Corrected for the bias of a straight line through a bent path.
        se: Robust: it knows that the correction was estimated.
        conventional: Without correction; its standard error is `conventional_se`.
        bandwidth: How far from the threshold units count.
        bias_bandwidth: How far they count for the correction.
        below, above: Units within the bandwidth.
    """

    estimate: float
    se: float
    conventional: float
    conventional_se: float
    bandwidth: float
    bias_bandwidth: float
    below: int
    above: int


def discontinuity(
    outcome: Floats, score: Floats, threshold: float, *, bandwidths: Bandwidths | None = None
) -> Discontinuity:
    """Estimate what reaching a threshold did to those who just reached it.

    A straight line on each side, nearer units weighted more (triangular kernel), corrected
    for curvature. Assumes that nobody can place herself exactly at the threshold: points are
    bought with money, so look at the density of scores first.

    Source: Calonico, Cattaneo & Titiunik (2014), Robust nonparametric confidence intervals for
    regression-discontinuity designs, Econometrica 82(6), as R's `rdrobust`: bandwidths by mean
    squared error, variance by three nearest neighbours.

    Raises:
        BadInput: A value is missing, or too few units lie on one side.
    """
    if outcome.shape != score.shape:
        raise BadInput("every unit has an outcome and a score")
    if not (np.isfinite(outcome).all() and np.isfinite(score).all()):
        raise BadInput("an outcome or score is missing", hint="leave such units out")
    left = Side.of(outcome, score - threshold, above=False)
    right = Side.of(outcome, score - threshold, above=True)
    chosen = bandwidths or select(left, right, score)
    below, above = _line(left, chosen), _line(right, chosen)
    return Discontinuity(
        estimate=above.corrected - below.corrected,
        se=float(np.hypot(above.corrected_se, below.corrected_se)),
        conventional=above.plain - below.plain,
        conventional_se=float(np.hypot(above.plain_se, below.plain_se)),
        bandwidth=chosen.main,
        bias_bandwidth=chosen.bias,
        below=below.units,
        above=above.units,
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """Where the line of one side meets the threshold."""

    plain: float
    plain_se: float
    corrected: float
    corrected_se: float
    units: int


def _line(side: Side, chosen: Bandwidths) -> _Line:
    reach = max(chosen.main, chosen.bias)
    near = side.within(reach)
    if near.units_within(chosen.main) < 3:
        raise BadInput("too few units lie within the bandwidth on one side of the threshold")
    weights = near.smoother(chosen.main, 1)[0]
    bent = weights @ (near.score / chosen.main) ** 2 * chosen.main**2
    corrected = weights - bent * near.smoother(chosen.bias, 2)[2]
    error = nearest_residuals(near)
    return _Line(
        plain=float(weights @ near.outcome),
        plain_se=float(np.sqrt(((weights * error) ** 2).sum())),
        corrected=float(corrected @ near.outcome),
        corrected_se=float(np.sqrt(((corrected * error) ** 2).sum())),
        units=near.units_within(chosen.main),
    )
