"""Comparisons of two groups, plain and adjusted by least squares."""

import numpy as np

from tuttuno.effects.groups import Adjusted, Groups, adjusted
from tuttuno.effects.numbers import Floats


def difference(groups: Groups) -> Adjusted:
    """Difference of means: an effect in an experiment, else a description (rung A).

    The standard error is Welch's.
    """
    treated, outcome = groups.treated, groups.outcome
    mine, theirs = outcome[treated].mean(), outcome[~treated].mean()
    few, rest = treated.sum(), (~treated).sum()
    influence = np.where(
        treated,
        (outcome - mine) * outcome.size / np.sqrt(few * max(few - 1, 1)),
        -(outcome - theirs) * outcome.size / np.sqrt(rest * max(rest - 1, 1)),
    )
    return adjusted("difference", groups, mine - theirs, influence)


def regression(groups: Groups) -> Adjusted:
    """Coefficient of the treatment in a linear regression with the covariates.

    It averages effects with weights that nobody chose (Angrist 1998) and is shown because it
    is the habit; `oaxaca_blinder` answers for the treated. Heteroskedasticity-robust (HC0).
    """
    rest = _with_constant(groups.standard)
    treatment = groups.treated.astype(np.float64)
    residual = treatment - rest @ np.linalg.lstsq(rest, treatment, rcond=None)[0]
    estimate = float(residual @ groups.outcome / (residual @ residual))
    left = groups.outcome - treatment * estimate
    error = left - rest @ np.linalg.lstsq(rest, left, rcond=None)[0]
    influence = residual * error / (residual @ residual) * groups.outcome.size
    return adjusted("regression", groups, estimate, influence)


def oaxaca_blinder(groups: Groups) -> Adjusted:
    """Mean outcome of the treated minus what a regression among controls predicts for them.

    Source: Kline (2011), Oaxaca-Blinder as a reweighting estimator, American Economic Review
    101(3). The implied weights of controls are what `balance` is judged by; some may be
    negative.
    """
    design = _with_constant(groups.standard)
    treated, outcome = groups.treated, groups.outcome
    mine, theirs = design[treated], design[~treated]
    gram = np.linalg.pinv(theirs.T @ theirs, hermitian=True)
    coefficients = gram @ (theirs.T @ outcome[~treated])
    error = outcome - design @ coefficients
    estimate = error[treated].mean()
    weights = theirs @ (gram @ mine.mean(axis=0))
    influence = np.empty(outcome.size)
    influence[treated] = (error[treated] - estimate) / treated.mean()
    influence[~treated] = -outcome.size * weights * error[~treated]
    return adjusted("oaxaca_blinder", groups, estimate, influence, weights=weights)


def _with_constant(covariates: Floats) -> Floats:
    return np.hstack([np.ones((covariates.shape[0], 1)), covariates])
