"""How likely a unit is treated, given what is known of it: logistic regression by Newton steps."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import linalg, special

from tuttuno.effects.numbers import Bools, Floats

#: Probabilities stay this far from 0 and 1, so that no weight is infinite.
EDGE = 1e-6

#: Newton steps after which a fit that still moves is taken for separation.
STEPS = 50

#: Gain per unit that another step may promise before it is the last one.
CLOSE = 1e-10

#: Rows that are summed at a time: they stay in the cache, and BLAS in one thread.
BLOCK = 2_048

#: Halvings of a step that would lower the likelihood.
HALVINGS = 30

#: Less than this share of information left in some direction says that the groups are separated.
FLAT = 1e-8


@dataclass(frozen=True, slots=True)
class Logit:
    """A fitted logit.

    Attributes:
        coefficients: Shape (covariates,).
        probability: Shape (units,): of the units it was fitted on.
        covariance: Shape (covariates, covariates): inverse of the mean information matrix.
    """

    coefficients: Floats
    probability: Floats
    covariance: Floats


def fit_logit(
    design: Floats, treated: Bools, weight: Floats | None = None, *, start: Floats | None = None
) -> Logit:
    """Fit the probability to be treated by maximum likelihood.

    The design has a constant first; shape (units, covariates).

    Raises:
        LinAlgError: The covariates separate the groups or repeat each other.
    """
    weight = np.ones(treated.size) if weight is None else weight
    share = float(weight[treated].sum() / weight.sum())
    if not 0 < share < 1:
        raise linalg.LinAlgError("one of the two groups is empty")
    coefficients = np.zeros(design.shape[1]) if start is None else start
    if start is None:
        coefficients[0] = special.logit(share) / design[0, 0]
    now = _evaluate(design, treated, weight, coefficients)
    for _ in range(STEPS):
        step = linalg.solve(now.information + _tiny(now.information), now.score, assume_a="pos")
        if float(now.score @ step) < CLOSE * weight.sum():
            if _is_flat(now.information, design, weight * share * (1 - share)):
                break
            fitted = special.expit(design @ (coefficients + step))
            inverse = linalg.inv(now.information / design.shape[0])
            return Logit(coefficients + step, np.clip(fitted, EDGE, 1 - EDGE), inverse)
        for _half in range(HALVINGS):
            trial = _evaluate(design, treated, weight, coefficients + step)
            if trial.likelihood >= now.likelihood:
                break
            step = step / 2
        coefficients, now = coefficients + step, trial
    raise linalg.LinAlgError("the covariates separate the groups or repeat each other")


class _Point(NamedTuple):
    """The logarithm of the likelihood at some coefficients, its slope and its curvature."""

    likelihood: float
    score: Floats
    information: Floats


def _evaluate(design: Floats, treated: Bools, weight: Floats, coefficients: Floats) -> _Point:
    """Sum over blocks that stay in the cache of the processor."""
    size = coefficients.size
    likelihood, score, information = 0.0, np.zeros(size), np.zeros((size, size))
    for first in range(0, treated.size, BLOCK):
        rows = slice(first, first + BLOCK)
        block, mine, count = design[rows], treated[rows], weight[rows]
        fitted = block @ coefficients
        probability = special.expit(fitted)
        likelihood += float(count @ special.log_expit(np.where(mine, fitted, -fitted)))
        score += (count * (mine - probability)) @ block
        curve = count * probability * (1 - probability)
        information += (block * curve[:, None]).T @ block
    return _Point(likelihood, score, information)


def _tiny(information: Floats) -> Floats:
    """Keeps a step defined where the likelihood has gone flat."""
    return np.diag(1e-12 * np.diag(information) + np.finfo(np.float64).tiny)


def _is_flat(information: Floats, design: Floats, level: Floats) -> bool:
    """Whether in some direction almost nothing is left of the information without covariates."""
    whole = (design * level[:, None]).T @ design
    scale = 1 / np.sqrt(np.diag(whole))
    left = np.linalg.eigvalsh(information * np.outer(scale, scale))
    return float(left[0]) < FLAT
