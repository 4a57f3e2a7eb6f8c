"""How likely a unit is treated, given what is known of it: logistic regression by Newton steps."""

import numpy as np
from scipy import linalg, special

from tuttuno.effects.numbers import Bools, Floats

#: Probabilities stay this far from 0 and 1, so that no weight is infinite.
EDGE = 1e-6

#: Newton steps after which a fit that still moves is taken for separation.
STEPS = 50

#: A linear predictor beyond this says "certain": the covariates separate the groups.
CERTAIN = 30.0


def fit_logit(design: Floats, treated: Bools, weight: Floats) -> tuple[Floats, Floats]:
    """Maximum likelihood fit of the probability to be treated.

    The design has a constant first; shape (units, covariates).

    Returns:
        The probability of each unit, and the inverse of the mean information matrix.

    Raises:
        LinAlgError: The covariates separate the groups or repeat each other.
    """
    coefficients = np.zeros(design.shape[1])
    share = float(weight[treated].sum() / weight.sum())
    if not 0 < share < 1:
        raise linalg.LinAlgError("one of the two groups is empty")
    coefficients[0] = special.logit(share) / design[0, 0]
    for _ in range(STEPS):
        probability = special.expit(design @ coefficients)
        score = design.T @ (weight * (treated - probability))
        step = linalg.solve(_information(design, probability, weight), score, assume_a="pos")
        coefficients = coefficients + step
        if float(np.abs(design @ coefficients).max()) > CERTAIN:
            break
        if float(np.abs(score @ step)) < 1e-16 * weight.sum():
            return _finish(design, coefficients, weight)
    raise linalg.LinAlgError("the covariates separate the groups")


def _finish(design: Floats, coefficients: Floats, weight: Floats) -> tuple[Floats, Floats]:
    probability = special.expit(design @ coefficients)
    information = _information(design, probability, weight) / design.shape[0]
    inverse: Floats = linalg.inv(information)
    return np.clip(probability, EDGE, 1 - EDGE), inverse


def _information(design: Floats, probability: Floats, weight: Floats) -> Floats:
    product: Floats = (design * (weight * probability * (1 - probability))[:, None]).T @ design
    return product
