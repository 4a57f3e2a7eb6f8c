"""Maximum likelihood for positive parameters: found on the log scale, with standard errors."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tuttuno.errors import BadInput
from tuttuno.measures.buying.descent import Bounds, Loss, lowest
from tuttuno.measures.buying.histories import Numbers

#: Log-likelihood and its gradient at parameters on their own, positive scale.
Likelihood = Callable[[Numbers], tuple[float, Numbers]]

#: As good as no bound at all.
FREE = (-14.0, 14.0)

#: Customers among whom a maximum is looked for first, where there are many more.
FEW = 4_096

#: Steps among them at most: it need not be their very maximum.
_FIRST = 50


class NotIdentified(BadInput):
    """The likelihood has no maximum inside: too few customers, or all alike."""

    def __init__(self, model: str, why: str) -> None:
        self.model = model
        self.why = why
        super().__init__(
            f"{model} cannot be estimated: {why}", hint="give it more customers or a longer time"
        )


#: With fewer histories with a repeat, four parameters cannot be told apart.
FEWEST = 50

#: Histories that a checking model is fitted to: enough for three digits of what it expects.
CHECKED = 20_000


def require(came_back: float) -> None:
    """Go on only where enough came back to estimate from.

    Raises:
        NotIdentified: Fewer than `FEWEST` did.
    """
    if came_back < FEWEST:
        raise NotIdentified("MBG/NBD", f"fewer than {FEWEST} buyers came back")


@dataclass(frozen=True, slots=True)
class Fit:
    """A maximum.

    Attributes:
        values: The parameters.
        errors: Standard error of the logarithm of each; 0 for one that lies at its bound.
        log_likelihood: At the maximum.
        covariance: Of the logarithms.
        at_bound: Which of them lie at a bound: what they say hardly varies between customers.
    """

    values: Numbers
    errors: Numbers
    log_likelihood: float
    covariance: Numbers
    at_bound: tuple[bool, ...] = ()


class Seen(NamedTuple):
    """Customers as a likelihood sees them.

    Attributes:
        likelihood: What to maximise.
        size: Number of customers; scales the steps.
    """

    likelihood: Likelihood
    size: float


def maximise(
    model: str, seen: Seen, start: Numbers, *, bounds: Bounds, few: Seen | None = None
) -> Fit:
    """Find the maximum downhill on the log scale, and errors from the curvature there.

    Args:
        model: Names the model in errors.
        seen: All customers.
        start: Where to begin; positive.
        bounds: Natural logarithms between which each parameter is sought. One that is `FREE`
            and runs away all the same is not identified; one that meets a narrower bound
            stays there.
        few: Some of the customers, among whom to look first: near their maximum that of all
            is a few steps away.

    Raises:
        NotIdentified: A parameter runs away, or no maximum is found.
    """
    loss, logs, inverse = _loss(seen), np.log(start), None
    if few is not None:
        near = lowest(_loss(few), logs, bounds, steps=_FIRST)
        logs, inverse = (near.at, near.inverse) if np.isfinite(near.loss) else (logs, None)
    found = lowest(loss, logs, bounds, inverse=inverse)
    logs = found.at
    low, high = np.array(bounds).T
    stuck = (logs <= low + 1e-6) | (logs >= high - 1e-6)
    if not np.isfinite(found.loss) or stuck[[bound == FREE for bound in bounds]].any():
        raise NotIdentified(model, "a parameter runs away")
    inside = np.flatnonzero(~stuck)
    covariance = np.zeros((len(logs), len(logs)))
    curved = _curvature(loss, logs)[np.ix_(inside, inside)]
    covariance[np.ix_(inside, inside)] = np.linalg.pinv(curved * seen.size)
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    at_bound = tuple(bool(one) for one in stuck)
    return Fit(np.exp(logs), errors, -found.loss * seen.size, covariance, at_bound)


def _loss(seen: Seen) -> Loss:
    def loss(logs: Numbers) -> tuple[float, Numbers]:
        # Far out a step may leave what floats can hold; such a place is never the maximum.
        with np.errstate(all="ignore"):
            value, slope = seen.likelihood(np.exp(logs))
        if not np.isfinite(value) or not np.isfinite(slope).all():
            return np.inf, np.zeros_like(logs)
        return -value / seen.size, -slope * np.exp(logs) / seen.size

    return loss


def summed_over(customers: Numbers, values: Numbers) -> float:
    """Add up a value over customers.

    Not by `@`: BLAS wakes its threads for every few thousand numbers, and they cost ten times
    what they save.
    """
    return float(np.einsum("i,i->", customers, values))


def _curvature(loss: Loss, at: Numbers) -> Numbers:
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
