"""Comparisons adjusted for covariates: right if either of two models of selection is."""

from collections.abc import Sequence

import numpy as np
from scipy import linalg

from tuttuno.effects.comparison import Comparison
from tuttuno.effects.group_time import Compared
from tuttuno.effects.logit import fit_logit
from tuttuno.effects.numbers import Bools, Floats
from tuttuno.effects.panel import Panel
from tuttuno.errors import BadInput

#: Controls that look treated beyond this probability are left out, as in R's `DRDID`.
TRIM = 0.995

#: The influence of every unit on every estimate is kept while this many numbers suffice.
MOST_NUMBERS = 400_000_000


class NoOverlap(BadInput):
    """The covariates tell treated from control units almost perfectly."""

    def __init__(self, cohort: str, time: str) -> None:
        self.cohort = cohort
        self.time = time
        super().__init__(
            f"cohort {cohort} at {time} cannot be adjusted: its units and their controls have "
            "no covariate values in common, or hardly any",
            hint="use fewer covariates, or join small cohorts",
        )


def compare_adjusted(panel: Panel, plan: Sequence[Comparison], groups: Floats) -> Compared:
    """Estimate every comparison of a plan by the doubly robust difference in differences.

    Covariates and weights are those of the earlier of the two periods, as in R's `did`; the
    covariance is that of the units' influences, summed within clusters.

    Source: Sant'Anna & Zhao (2020), Journal of Econometrics 219(1), "traditional" estimator
    with a logit and least squares, `drdid_panel` of R's `DRDID`.

    Raises:
        NoOverlap: A comparison is not identified.
    """
    units = panel.cohort.size
    if units * (len(plan) + groups.size) > MOST_NUMBERS:
        raise BadInput(
            f"{units} units in {len(plan)} comparisons do not fit into memory with covariates",
            hint="use strata instead of covariates, longer periods, or a sample of units",
        )
    influence = np.zeros((units, len(plan) + groups.size))
    att = np.zeros(len(plan))
    for column, it in enumerate(plan):
        if it.period != it.base:
            att[column] = _compare(panel, it, influence[:, column])
    weight = np.ones(units) if panel.weight is None else panel.weight[:, 0]
    members = weight[:, None] * (panel.cohort[:, None] == groups)
    shares = members.mean(axis=0)
    influence[:, len(plan) :] = members - shares
    covariance = _products(influence, panel) / units**2
    return Compared(tuple(plan), att, groups, shares, covariance)


def _compare(panel: Panel, it: Comparison, influence: Floats) -> float:
    treated = panel.cohort == it.cohort
    used = treated | it.controls(panel.cohort)
    early = min(it.period, it.base)
    change = panel.outcome[used, it.period] - panel.outcome[used, it.base]
    weight = np.ones(change.size) if panel.weight is None else panel.weight[used, early]
    constant = np.ones((change.size, 1))
    design = constant
    if panel.covariates is not None:
        design = np.hstack([constant, panel.covariates[used, early]])
    try:
        effect, inside = doubly_robust_did(change, treated[used], design, weight)
    except (linalg.LinAlgError, FloatingPointError) as exc:
        line = panel.timeline
        raise NoOverlap(line.label(it.cohort), line.labels[it.period]) from exc
    influence[used] = inside * (panel.cohort.size / change.size)
    return effect


def _products(influence: Floats, panel: Panel) -> Floats:
    if panel.cluster is not None:
        ids, code = np.unique(panel.cluster, return_inverse=True)
        order = np.argsort(code, kind="stable")
        starts = np.searchsorted(code[order], np.arange(ids.size))
        influence = np.add.reduceat(influence[order], starts, axis=0)
    product: Floats = influence.T @ influence
    return product


def doubly_robust_did(
    change: Floats, treated: Bools, design: Floats, weight: Floats
) -> tuple[float, Floats]:
    """Difference in differences of two periods, adjusted for covariates in two ways at once.

    Args:
        change: Outcome in the later minus the earlier period; shape (units,).
        treated: Shape (units,).
        design: Covariates with a constant first; shape (units, covariates).
        weight: Shape (units,).

    Returns:
        The effect on the treated, and each unit's influence on it, whose mean square over the
        number of units is the variance.

    Raises:
        LinAlgError: The covariates separate treated from control units, or repeat each other.
    """
    weight = weight / weight.mean()
    design = design / np.maximum(np.abs(design).max(axis=0), np.finfo(np.float64).tiny)
    logit = fit_logit(design, treated, weight)
    propensity = logit.probability
    kept = treated | (propensity < TRIM)
    odds = np.where(treated, 0.0, propensity / (1 - propensity)) * weight * kept
    mine = weight * treated
    plain = weight * ~treated
    inverse = _inverse((plain[:, None] * design).T @ design / change.size)
    fitted = design @ (inverse @ ((plain * change) @ design / change.size))
    error = change - fitted
    gain, drift = mine @ error / mine.sum(), odds @ error / odds.sum()
    by_outcome = (plain * error)[:, None] * design @ inverse
    by_logit = (weight * (treated - propensity))[:, None] * design @ logit.covariance
    inside = mine * (error - gain) - by_outcome @ (mine @ design / change.size)
    outside = odds * (error - drift)
    outside += by_logit @ ((odds * (error - drift)) @ design / change.size)
    outside -= by_outcome @ (odds @ design / change.size)
    influence = inside / mine.mean() - outside / odds.mean()
    return float(gain - drift), influence


def _inverse(gram: Floats) -> Floats:
    if np.linalg.cond(gram) > 1e14:
        raise linalg.LinAlgError("covariates repeat each other among controls")
    inverse: Floats = linalg.inv(gram)
    return inverse
