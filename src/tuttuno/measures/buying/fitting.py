"""Maximum likelihood for positive parameters: found on the log scale, with standard errors."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from tuttuno.errors import BadInput
from tuttuno.measures.buying.histories import Numbers

#: Log-likelihood and its gradient at parameters on their own, positive scale.
Likelihood = Callable[[Numbers], tuple[float, Numbers]]

#: Beyond this a parameter has run away: the data do not identify it.
_FAR = 12.0


class NotIdentified(BadInput):
    """The likelihood has no maximum inside: too few customers, or all alike."""

    def __init__(self, model: str, why: str) -> None:
        self.model = model
        self.why = why
        super().__init__(
            f"{model} cannot be estimated: {why}", hint="give it more customers or a longer time"
        )


@dataclass(frozen=True, slots=True)
class Fit:
    """A maximum.

    Attributes:
        values: The parameters.
        errors: Standard error of the logarithm of each; infinite where the data are flat.
        log_likelihood: At the maximum.
        covariance: Of the logarithms.
    """

    values: Numbers
    errors: Numbers
    log_likelihood: float
    covariance: Numbers


def maximise(model: str, likelihood: Likelihood, start: Numbers, size: float) -> Fit:
    """Find the maximum by L-BFGS, and errors from the curvature there.

    Args:
        model: Names the model in errors.
        likelihood: What to maximise.
        start: Where to begin; positive.
        size: Number of customers; scales the steps.

    Raises:
        NotIdentified: A parameter runs away, or no maximum is found.
    """

    def loss(logs: Numbers) -> tuple[float, Numbers]:
        value, slope = likelihood(np.exp(logs))
        return -value / size, -slope * np.exp(logs) / size

    found = minimize(
        loss,
        np.log(start),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-_FAR, _FAR)] * len(start),
        options={"maxiter": 2_000, "maxfun": 4_000, "ftol": 1e-14, "gtol": 1e-8},
    )
    logs = np.asarray(found.x, np.float64)
    if not np.isfinite(found.fun) or (np.abs(logs) >= _FAR - 1e-6).any():
        raise NotIdentified(model, "a parameter runs away")
    covariance = np.linalg.pinv(_curvature(loss, logs) * size).astype(np.float64)
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    return Fit(np.exp(logs), errors, -float(found.fun) * size, covariance)


def _curvature(loss: Callable[[Numbers], tuple[float, Numbers]], at: Numbers) -> Numbers:
    """Second derivatives by central differences of the gradient."""
    step = 1e-4
    rows = []
    for nth in range(len(at)):
        move = np.zeros_like(at)
        move[nth] = step
        rows.append((loss(at + move)[1] - loss(at - move)[1]) / (2 * step))
    matrix = np.array(rows)
    symmetric: Numbers = (matrix + matrix.T) / 2
    return symmetric
