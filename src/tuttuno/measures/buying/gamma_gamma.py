"""Gamma-Gamma: what a purchase is worth, where few purchases tell little of a customer.

Fader and Hardie (2013), The Gamma-Gamma model of monetary value. It takes for granted that how
much a customer spends does not depend on how often she buys; `Spending.correlation` says how
far that holds.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, psi

from tuttuno.errors import BadInput
from tuttuno.measures.buying.fitting import FEW, FREE, Fit, Seen, maximise, summed_over
from tuttuno.measures.buying.histories import Numbers


@dataclass(frozen=True, slots=True)
class Spending:
    """Mean value of purchases of customers who came back.

    Attributes:
        purchases: How many purchases the mean is of; at least 1.
        mean: Their mean value; positive.
        customers: How many customers are like this.
    """

    purchases: Numbers
    mean: Numbers
    customers: Numbers

    @classmethod
    def of(
        cls, purchases: ArrayLike, mean: ArrayLike, customers: ArrayLike | None = None
    ) -> "Spending":
        """Check the values.

        Raises:
            BadInput: A value is missing or not positive; or there are none.
        """
        x, m = np.asarray(purchases, np.float64).ravel(), np.asarray(mean, np.float64).ravel()
        weights = np.ones(len(x)) if customers is None else np.asarray(customers, float).ravel()
        if not len(x) or len(x) != len(m) or len(x) != len(weights):
            raise BadInput("purchases, mean and customers must have the same length, and some rows")
        if not ((x >= 1) & (m > 0) & (weights >= 0) & np.isfinite(x * m * weights)).all():
            raise BadInput("purchases must be 1 or more, and their mean value positive")
        return cls(x, m, weights)

    @property
    def average(self) -> float:
        """Return the mean over customers of their mean purchase."""
        return float(np.average(self.mean, weights=self.customers))

    def few(self, most: int) -> "Spending | None":
        """Return that many of the customers, drawn evenly by what they spend; None: no more."""
        if len(self.mean) <= 2 * most:
            return None
        order = np.lexsort((self.mean, self.purchases))
        chosen = order[np.linspace(0, len(order) - 1, most).astype(np.intp)]
        return Spending(self.purchases[chosen], self.mean[chosen], self.customers[chosen])

    @property
    def correlation(self) -> float:
        """Return the correlation of how many and how much; the model takes it for 0."""
        weights = self.customers / self.customers.sum()
        x, m = self.purchases, self.mean
        x, m = x - weights @ x, m - weights @ m
        spread = np.sqrt((weights @ x**2) * (weights @ m**2))
        return float(weights @ (x * m) / spread) if spread else 0.0


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """A fitted Gamma-Gamma: purchases vary by `p`, customers by `q` and `gamma`."""

    p: float
    q: float
    gamma: float
    fit: Fit | None = None

    @property
    def mean(self) -> float:
        """Return the mean value of a purchase of a customer nothing is known of; q above 1."""
        return self.p * self.gamma / (self.q - 1.0)

    def expected(self, purchases: ArrayLike, mean: ArrayLike) -> Numbers:
        """Return what the next purchase of a customer is worth; with 0 purchases, the mean."""
        x, m = np.asarray(purchases, np.float64), np.asarray(mean, np.float64)
        seen = np.where(x > 0, x * m, 0.0)
        found: Numbers = self.p * (self.gamma + seen) / (self.p * x + self.q - 1.0)
        return found


def fit_gamma_gamma(spending: Spending) -> GammaGamma:
    """Estimate the three parameters by maximum likelihood.

    Raises:
        NotIdentified: A parameter runs away: all spend the same.
    """
    few = spending.few(FEW)
    found = maximise(
        "Gamma-Gamma",
        _seen(spending),
        np.array([2.0, 4.0, max(spending.average, 1e-9)]),
        bounds=(FREE,) * 3,
        few=_seen(few) if few else None,
    )
    p, q, gamma = map(float, found.values)
    return GammaGamma(p, q, gamma, found)


def _seen(spending: Spending) -> Seen:
    different, at = np.unique(spending.purchases, return_inverse=True)
    at = at.ravel()
    m, customers = spending.mean, spending.customers
    spent, logs = spending.purchases * m, np.log(spending.purchases * m)

    def likelihood(values: Numbers) -> tuple[float, Numbers]:
        p, q, gamma = values
        px = p * different
        own = gammaln(px + q) - gammaln(px) - gammaln(q) + q * np.log(gamma)
        both, summed = psi(px + q), np.log(gamma + spent)
        times = px[at]
        value = summed_over(customers, own[at] + times * logs - np.log(m) - (times + q) * summed)
        slopes = (
            (different * (both - psi(px)))[at] + different[at] * (logs - summed),
            (both - psi(q) + np.log(gamma))[at] - summed,
            q / gamma - (times + q) / (gamma + spent),
        )
        return value, np.array([summed_over(customers, slope) for slope in slopes])

    return Seen(likelihood, float(customers.sum()))
