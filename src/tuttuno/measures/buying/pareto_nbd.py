"""Pareto/NBD: buying at random, and leaving for good at any time, not only after a purchase.

Schmittlein, Morrison and Colombo (1987), Counting your customers: who are they and what will
they do next?, Management Science 33, 1-24. It is the model that others are simplified from,
and stands beside MBG/NBD as a check: where the two expect different things, the data do not
say when customers leave.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, psi

from tuttuno.measures.buying.fitting import (
    FEW,
    FREE,
    Fit,
    NotIdentified,
    Seen,
    maximise,
    summed_over,
)
from tuttuno.measures.buying.histories import Histories, Numbers

#: Where customers are all alike, `r` or `s` run away and the answer stays.
_ENOUGH = (-6.9, 6.9)

#: Where hardly anybody leaves, `beta` runs away and the answer stays.
_LONG = (-13.9, 13.9)

#: Points at which the time of leaving is looked at: 24 give ten digits.
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(24)

#: Histories looked at together, at all their times of leaving: what a processor keeps near.
_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class ParetoNbd:
    """A fitted Pareto/NBD.

    Purchases come at a rate that varies between customers (gamma: `r`, `alpha`); she stays for
    a time whose rate varies too (gamma: `s`, `beta`).

    Attributes:
        fit: Log-likelihood and standard errors of the logarithms; None where parameters were
            given, not estimated.
    """

    r: float
    alpha: float
    s: float
    beta: float
    fit: Fit | None = None

    def alive(self, repeats: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Numbers:
        """Return the probability that a customer with this history has not left."""
        columns = (np.asarray(each, np.float64).ravel() for each in (repeats, recency, age))
        alive: Numbers = 1.0 - _leaving((self.r, self.alpha, self.s, self.beta), *columns).gone
        return alive

    def expected(
        self, ahead: float, repeats: ArrayLike, recency: ArrayLike, age: ArrayLike
    ) -> Numbers:
        """Return the purchases to expect of a customer with this history in the time `ahead`."""
        x, until = np.asarray(repeats, np.float64), np.asarray(age, np.float64)
        begins, ends = self.beta + until, self.beta + until + ahead
        if abs(self.s - 1.0) < 1e-9:
            stay = begins * np.log(ends / begins)
        else:
            stay = begins / (self.s - 1.0) * (1.0 - (begins / ends) ** (self.s - 1.0))
        found: Numbers = (self.r + x) / (self.alpha + until) * stay
        return found * self.alive(x, recency, until)


def fit_pareto_nbd(histories: Histories) -> ParetoNbd:
    """Estimate the four parameters by maximum likelihood.

    Raises:
        NotIdentified: Nobody came back, or a parameter runs away.
    """
    if not histories.repeats.any():
        raise NotIdentified("Pareto/NBD", "nobody bought twice")
    few = histories.few(FEW)
    age = max(float(np.average(histories.age, weights=histories.customers)), 1e-9)
    found = maximise(
        "Pareto/NBD",
        _seen(histories),
        np.array([1.0, age, 1.0, age]),
        bounds=(_ENOUGH, FREE, _ENOUGH, _LONG),
        few=_seen(few) if few else None,
    )
    r, alpha, s, beta = map(float, found.values)
    return ParetoNbd(r, alpha, s, beta, found)


def _seen(histories: Histories) -> Seen:
    x, t_x, until = histories.repeats, histories.recency, histories.age
    customers = histories.customers

    def likelihood(values: Numbers) -> tuple[float, Numbers]:
        r, alpha, s, beta = map(float, values)
        left = _leaving((r, alpha, s, beta), x, t_x, until)
        gone, here = left.gone, 1.0 - left.gone
        own = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + left.log
        slopes = (
            psi(r + x) - psi(r) + np.log(alpha)
            - here * np.log(alpha + until) - gone * left.log_alpha,
            r / alpha - (r + x) * (here / (alpha + until) + gone * left.over_alpha),
            np.log(beta) - here * np.log(beta + until) + gone * (1.0 / s - left.log_beta),
            s / beta - here * s / (beta + until) - gone * (s + 1.0) * left.over_beta,
        )  # fmt: skip
        slope = np.array([summed_over(customers, each) for each in slopes])
        return summed_over(customers, own), slope

    return Seen(likelihood, histories.total)


class _Leaving(NamedTuple):
    """When customers may have left; arrays of one length.

    Attributes:
        log: Logarithm of the likelihood, without what does not depend on leaving.
        gone: Probability of having left.
        log_alpha, log_beta, over_alpha, over_beta: Means over the time of leaving, for those
            who have left, of log(alpha + time), log(beta + time), and one over each.
    """

    log: Numbers
    gone: Numbers
    log_alpha: Numbers
    log_beta: Numbers
    over_alpha: Numbers
    over_beta: Numbers


_Values = tuple[float, float, float, float]


def _leaving(values: _Values, x: Numbers, t_x: Numbers, until: Numbers) -> _Leaving:
    """Look at some customers after the other."""
    parts = [
        _added_up(values, *(column[begins : begins + _AT_ONCE] for column in (x, t_x, until)))
        for begins in range(0, max(len(x), 1), _AT_ONCE)
    ]
    return _Leaving(*map(np.concatenate, zip(*parts, strict=True)))


def _added_up(values: _Values, x: Numbers, t_x: Numbers, until: Numbers) -> _Leaving:
    """Add up over the times at which she may have left, from the last purchase to the end.

    The integral of (alpha + t)^-(r + x) (beta + t)^-(s + 1) is taken over (alpha + t)^-(r+s+x),
    on whose scale it is nearly flat; the closed form by 2F1 loses all digits for many repeats.
    """
    r, alpha, s, beta = values
    power = (r + s + x)[:, None]
    first, last = np.log(alpha + t_x)[:, None], np.log(alpha + until)[:, None]
    low = np.exp(-power * (last - first))
    scale = low + (1.0 - low) * (_POINTS + 1.0) / 2.0
    log_alpha = first - np.log(scale) / power
    from_beta = np.exp(log_alpha) + (beta - alpha)
    log_beta = np.log(from_beta)
    weight = np.exp((s + 1.0) * (log_alpha - log_beta)) * _WEIGHTS / 2.0
    whole = weight.sum(axis=1)
    weight /= whole[:, None]
    room = np.maximum((1.0 - low)[:, 0], 1e-300)
    left = np.log(s) - power[:, 0] * first[:, 0] + np.log(room / power[:, 0] * whole)
    stayed = -(r + x) * last[:, 0] - s * np.log(beta + until)
    both = np.logaddexp(stayed, left)
    return _Leaving(
        log=both,
        gone=np.exp(left - both),
        log_alpha=(weight * log_alpha).sum(axis=1),
        log_beta=(weight * log_beta).sum(axis=1),
        over_alpha=(weight * np.exp(-log_alpha)).sum(axis=1),
        over_beta=(weight / from_beta).sum(axis=1),
    )
