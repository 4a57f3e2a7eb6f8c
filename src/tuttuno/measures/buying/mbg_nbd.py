"""MBG/NBD: buying at random, and leaving for good after a purchase, the first one included.

Batislam, Denizel and Filiztekin (2007), Empirical validation and comparison of models for
customer base analysis, International Journal of Research in Marketing 24, 201-209. Unlike
BG/NBD it lets customers leave after their first purchase, so those who bought once are not all
taken for alive.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, gammaln, hyp2f1, psi

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

#: Where customers hardly ever leave, or are all alike in it or in how often they buy, `a`, `b`
#: or `r` run away and the answer stays: they are kept between 1/1000 and 1000.
_ENOUGH = (-6.9, 6.9)


@dataclass(frozen=True, slots=True)
class MbgNbd:
    """A fitted MBG/NBD.

    Purchases come at a rate that varies between customers (gamma: `r`, `alpha`); after each
    one she leaves with a probability that varies too (beta: `a`, `b`).

    Attributes:
        fit: Log-likelihood and standard errors of the logarithms; None where parameters were
            given, not estimated.
    """

    r: float
    alpha: float
    a: float
    b: float
    fit: Fit | None = None

    def alive(self, repeats: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Numbers:
        """Return the probability that a customer with this history has not left."""
        x, t_x, until = _arrays(repeats, recency, age)
        gone = self.a / (self.b + x)
        odds = gone * ((self.alpha + until) / (self.alpha + t_x)) ** (self.r + x)
        alive: Numbers = 1.0 / (1.0 + odds)
        return alive

    def expected(
        self, ahead: float, repeats: ArrayLike, recency: ArrayLike, age: ArrayLike
    ) -> Numbers:
        """Return the purchases to expect of a customer with this history in the time `ahead`."""
        x, t_x, until = _arrays(repeats, recency, age)
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        end = alpha + until + ahead
        series = hyp2f1(r + x, b + x + 1, a + b + x, ahead / end)
        still = 1.0 - series * ((alpha + until) / end) ** (r + x)
        bought = (a + b + x) / (a - 1.0) * still
        expected: Numbers = bought * self.alive(x, t_x, until)
        return expected

    def returns(
        self, ahead: ArrayLike, repeats: ArrayLike, recency: ArrayLike, age: ArrayLike
    ) -> Numbers:
        """Return the probability that a customer buys at least once in the time `ahead`.

        While she is a customer, her rate is gamma with `r` + repeats and `alpha` + age.
        """
        x, t_x, until = _arrays(repeats, recency, age)
        end = self.alpha + until
        silent = (end / (end + np.asarray(ahead, np.float64))) ** (self.r + x)
        found: Numbers = self.alive(x, t_x, until) * (1.0 - silent)
        return found

    def mean(self, ahead: ArrayLike) -> Numbers:
        """Return the repeats to expect of a new customer within a time of her first purchase."""
        t = np.asarray(ahead, np.float64)
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        series = hyp2f1(r, b + 1, a + b, t / (alpha + t))
        found: Numbers = b / (a - 1.0) * (1.0 - (alpha / (alpha + t)) ** r * series)
        return found


def fit_mbg_nbd(histories: Histories) -> MbgNbd:
    """Estimate the four parameters by maximum likelihood.

    Raises:
        NotIdentified: Nobody came back, or a parameter runs away.
    """
    if not histories.repeats.any():
        raise NotIdentified("MBG/NBD", "nobody bought twice")
    few = histories.few(FEW)
    age = float(np.average(histories.age, weights=histories.customers))
    found = maximise(
        "MBG/NBD",
        _seen(histories),
        np.array([1.0, max(age, 1e-9), 1.0, 2.0]),
        bounds=(_ENOUGH, FREE, _ENOUGH, _ENOUGH),
        few=_seen(few) if few else None,
    )
    r, alpha, a, b = map(float, found.values)
    return MbgNbd(r, alpha, a, b, found)


def _seen(histories: Histories) -> Seen:
    x, at = histories.by_repeats()
    t_x, until, customers = histories.recency, histories.age, histories.customers

    def likelihood(values: Numbers) -> tuple[float, Numbers]:
        r, alpha, a, b = values
        own = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + gammaln(a + b)
        own += gammaln(b + x + 1) - gammaln(b) - gammaln(a + b + x + 1)
        end, last = np.log(alpha + until), np.log(alpha + t_x)
        times = (r + x)[at]
        gone = (np.log(a) - np.log(b + x))[at] + times * (end - last)
        left = expit(gone)
        value = summed_over(customers, own[at] - times * end + np.logaddexp(gone, 0.0))
        after = psi(a + b + x + 1)
        slopes = (
            (psi(r + x) - psi(r) + np.log(alpha))[at] - end + left * (end - last),
            r / alpha - times / (alpha + until)
            + left * times * (1 / (alpha + until) - 1 / (alpha + t_x)),
            (psi(a + b) - after)[at] + left / a,
            (psi(a + b) + psi(b + x + 1) - psi(b) - after)[at] - left / (b + x)[at],
        )  # fmt: skip
        return value, np.array([summed_over(customers, slope) for slope in slopes])

    return Seen(likelihood, histories.total)


def _arrays(
    repeats: ArrayLike, recency: ArrayLike, age: ArrayLike
) -> tuple[Numbers, Numbers, Numbers]:
    return (
        np.asarray(repeats, np.float64),
        np.asarray(recency, np.float64),
        np.asarray(age, np.float64),
    )
