"""Controls are weighted until they look like the treated on average: entropy balancing."""

import numpy as np
from scipy import linalg

from tuttuno.effects.groups import Adjusted, Groups, adjusted
from tuttuno.effects.numbers import Floats
from tuttuno.errors import BadInput

#: Newton steps within which weights are found where they exist.
STEPS = 200

#: Remaining difference of means, in standard deviations.
PRECISION = 1e-10


def entropy_balancing(groups: Groups) -> Adjusted:
    """Effect on the treated against controls with exactly the same covariate means.

    Among all weights that do that, these are nearest to equal (in entropy). The standard error
    treats them as estimated: the influence function of a regression with these weights.

    Source: Hainmueller (2012), Entropy balancing for causal effects, Political Analysis 20(1);
    doubly robust by Zhao & Percival (2017), Journal of Causal Inference 5(1).

    Raises:
        BadInput: No weights do it: some mean of the treated lies outside of the controls.
    """
    treated, outcome = groups.treated, groups.outcome
    standard = groups.standard
    mine, theirs = standard[treated], standard[~treated]
    weights = entropy_weights(theirs, mine.mean(axis=0))
    design = np.hstack([np.ones((standard.shape[0], 1)), standard])
    inner = design[~treated]
    gram = (inner * weights[:, None]).T @ inner
    moment = inner.T @ (weights * outcome[~treated])
    error = outcome - design @ (np.linalg.pinv(gram, hermitian=True) @ moment)
    estimate = outcome[treated].mean() - weights @ outcome[~treated]
    influence = np.empty(outcome.size)
    influence[treated] = (error[treated] - error[treated].mean()) / treated.mean()
    influence[~treated] = -outcome.size * weights * error[~treated]
    return adjusted("entropy_balancing", groups, estimate, influence, weights=weights)


def entropy_weights(covariates: Floats, target: Floats) -> Floats:
    """Weights that sum to one and bring the means of some units to a target.

    Newton's method on the dual problem, which is convex; a step that would raise it is halved.

    Raises:
        BadInput: No weights do it.
    """
    centred = covariates - target
    strength = np.zeros(centred.shape[1])
    value, weights = _dual(centred, strength)
    for _ in range(STEPS):
        slope = weights @ centred
        if not slope.size or float(np.abs(slope).max()) < PRECISION:
            return weights
        curve = (centred * weights[:, None]).T @ centred - np.outer(slope, slope)
        step = linalg.lstsq(curve, slope, lapack_driver="gelsy")[0]
        length = 1.0
        while length > 1e-8:
            trial, moved = _dual(centred, strength - length * step)
            if trial <= value - 1e-4 * length * float(slope @ step):
                break
            length /= 2
        strength = strength - length * step
        value, weights = trial, moved
        if length <= 1e-8 or value < -50 - np.log(centred.shape[0]):
            break
    if float(np.abs(weights @ centred).max()) < 1e-6:
        return weights
    raise BadInput(
        "no weights make the controls look like the treated",
        hint="use fewer covariates, or leave out treated units unlike any control",
    )


def _dual(centred: Floats, strength: Floats) -> tuple[float, Floats]:
    """Log of the mean of exponentials, and the weights; shifted so that nothing overflows."""
    power = centred @ strength
    top = float(power.max()) if power.size else 0.0
    raised = np.exp(power - top)
    total = float(raised.sum())
    return top + float(np.log(total / power.size)), raised / total
