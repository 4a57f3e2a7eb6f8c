"""Adjusted in two ways at once: right if who is treated or what they buy is modelled well."""

import numpy as np
from scipy import linalg, special

from tuttuno.effects.groups import Adjusted, Groups, adjusted
from tuttuno.effects.logit import BLOCK, fit_logit
from tuttuno.effects.numbers import Bools, Floats
from tuttuno.errors import BadInput

#: Controls that look treated beyond this probability weigh as if at it.
CAP = 0.99


def aipw(groups: Groups, *, folds: int = 5, ridge: float = 1e-6, seed: int = 0) -> Adjusted:
    """Effect on the treated by augmented inverse probability weighting.

    A logit says how likely a unit is treated, a ridge regression among controls what it would
    have bought; each is fitted on other folds than it is used on, so that their errors do not
    meet. `folds=1` fits and uses them on all units. `ridge` is relative to the information.

    Sources: Robins, Rotnitzky & Zhao (1994), JASA 89; cross-fitting of Chernozhukov et al.
    (2018), Econometrics Journal 21(1); weights of controls sum to one.

    Raises:
        BadInput: The covariates separate the groups: nobody can be compared.
    """
    standard = groups.standard
    design = np.hstack([np.ones((standard.shape[0], 1)), standard])
    fold = _folds(groups.treated, folds, seed)
    try:
        propensity, expected = _predict(groups, design, fold, ridge)
    except linalg.LinAlgError as exc:
        raise BadInput(
            "the covariates tell treated from control units almost perfectly",
            hint="use fewer covariates: without overlap nobody can be compared",
        ) from exc
    treated = groups.treated
    error = groups.outcome - expected
    capped = np.minimum(propensity, CAP)
    odds = np.where(treated, 0.0, capped / (1 - capped))
    gain, drift = error[treated].mean(), odds @ error / odds.sum()
    influence = np.where(
        treated, (error - gain) / treated.mean(), -odds * (error - drift) / odds.mean()
    )
    seen = propensity[treated]
    return adjusted(
        "aipw",
        groups,
        gain - drift,
        influence,
        weights=odds[~treated],
        overlap=(float(seen.min()), float(seen.max())),
    )


def _predict(groups: Groups, design: Floats, fold: Floats, ridge: float) -> tuple[Floats, Floats]:
    """The probability to be treated and the outcome without, each from the other folds."""
    propensity, expected = np.empty(fold.size), np.empty(fold.size)
    start = None
    for one in np.unique(fold):
        used = fold == one
        rest = ~used if not used.all() else used
        fit = fit_logit(design[rest], groups.treated[rest], start=start)
        start = fit.coefficients
        propensity[used] = special.expit(design[used] @ fit.coefficients)
        control = rest & ~groups.treated
        expected[used] = design[used] @ _ridge(design[control], groups.outcome[control], ridge)
    return propensity, expected


def _folds(treated: Bools, folds: int, seed: int) -> Floats:
    """Folds of equal size within both groups, drawn from the seed."""
    rng = np.random.default_rng(seed)
    fold = np.empty(treated.size)
    for group in (treated, ~treated):
        fold[group] = rng.permutation(int(group.sum())) % folds
    return fold


def _ridge(design: Floats, outcome: Floats, ridge: float) -> Floats:
    gram, moment = np.zeros((design.shape[1], design.shape[1])), np.zeros(design.shape[1])
    for first in range(0, outcome.size, BLOCK):
        block = design[first : first + BLOCK]
        gram += block.T @ block
        moment += outcome[first : first + BLOCK] @ block
    penalty = ridge * np.diag(gram)
    penalty[0] = 0.0
    solved: Floats = linalg.solve(gram + np.diag(penalty), moment, assume_a="pos")
    return solved
