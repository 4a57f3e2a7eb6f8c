"""Treated and others at one point in time: what is known of them, and how alike they are."""

from dataclasses import dataclass, field

import numpy as np

from tuttuno.effects.numbers import Bools, Floats, Ints, NormalInterval
from tuttuno.errors import BadInput

#: Smaller effective samples carry no conclusion.
LEAST_EFFECTIVE = 100.0

#: A larger standardised difference after adjustment is an imbalance.
MOST_DIFFERENCE = 0.1


@dataclass(frozen=True, slots=True)
class Groups:
    """Outcomes of treated and other units with what was known of them before.

    Attributes:
        outcome: Shape (units,).
        treated: Shape (units,).
        covariates: Shape (units, covariates), without a constant.
        names: What the covariates are called.
        cluster: Shape (units,): units with the same number are not independent.
    """

    outcome: Floats
    treated: Bools
    covariates: Floats
    names: tuple[str, ...] = ()
    cluster: Ints | None = field(default=None)

    def __post_init__(self) -> None:
        """Refuse what no estimator can use.

        Raises:
            BadInput: Shapes differ, a value is missing, or a group is empty.
        """
        units = self.outcome.shape[0]
        if self.treated.shape != (units,) or self.covariates.shape[:1] != (units,):
            raise BadInput("outcome, treated and covariates need one row for each unit")
        if not (np.isfinite(self.outcome).all() and np.isfinite(self.covariates).all()):
            raise BadInput("an outcome or covariate is missing", hint="leave such units out")
        if not 0 < self.treated.sum() < units:
            raise BadInput("there must be treated and other units")

    @property
    def standard(self) -> Floats:
        """Covariates in standard deviations from their means; constant ones are left out."""
        spread = self.covariates.std(axis=0)
        moving = spread > 1e-12 * np.maximum(np.abs(self.covariates).max(axis=0), 1e-300)
        kept = self.covariates[:, moving]
        scaled: Floats = (kept - kept.mean(axis=0)) / spread[moving]
        return scaled

    @property
    def clusters(self) -> int:
        """Independent observations."""
        return self.outcome.size if self.cluster is None else np.unique(self.cluster).size


@dataclass(frozen=True, slots=True)
class Balance:
    """How alike treated and others are, before and after adjustment.

    Attributes:
        before: Shape (covariates,): difference of means in standard deviations, the mean of
            the variances of both groups squared (Austin 2009).
        after: The same with the weights of the adjustment.
        effective: Effective number of weighted controls: (sum w)² / sum w² (Kish).
    """

    names: tuple[str, ...]
    before: Floats
    after: Floats
    effective: float

    def refusal(self) -> str | None:
        """Why no effect may be claimed from this; None when it may."""
        if self.effective < LEAST_EFFECTIVE:
            return f"effective sample of controls is {self.effective:.0f}, below 100"
        worst = int(np.argmax(np.abs(self.after))) if self.after.size else 0
        if self.after.size and abs(self.after[worst]) > MOST_DIFFERENCE:
            name = self.names[worst] if self.names else f"covariate {worst + 1}"
            return f"{name} still differs by {self.after[worst]:.2f} standard deviations"
        return None


@dataclass(frozen=True, slots=True)
class Adjusted(NormalInterval):
    """An effect on the treated, adjusted for what was observed of them.

    Attributes:
        estimate: In the unit of the outcome.
        influence: Shape (units,): how each unit moves the estimate; its mean is zero.
        balance: None where the method weights nobody.
        overlap: Lowest and highest probability to be treated among the treated; None where
            the method does not model it.
    """

    method: str
    estimate: float
    se: float
    treated: int
    control: int
    clusters: int
    influence: Floats
    balance: Balance | None = None
    overlap: tuple[float, float] | None = None

    @property
    def refused(self) -> str | None:
        """Why the number must not be shown as an effect; None when it may."""
        return None if self.balance is None else self.balance.refusal()


def adjusted(
    method: str,
    groups: Groups,
    estimate: float,
    influence: Floats,
    *,
    weights: Floats | None = None,
    overlap: tuple[float, float] | None = None,
) -> Adjusted:
    """An estimate with its standard error from influences, summed within clusters.

    `weights` has one for each control, in order.
    """
    summed = influence
    if groups.cluster is not None:
        _, code = np.unique(groups.cluster, return_inverse=True)
        summed = np.bincount(code, influence).astype(np.float64)
    return Adjusted(
        method=method,
        estimate=float(estimate),
        se=float(np.sqrt(summed @ summed) / influence.size),
        treated=int(groups.treated.sum()),
        control=int((~groups.treated).sum()),
        clusters=groups.clusters,
        influence=influence,
        balance=None if weights is None else balance(groups, weights),
        overlap=overlap,
    )


def balance(groups: Groups, weights: Floats) -> Balance:
    """Compare the covariates of treated and controls; one weight for each control."""
    treated, control = groups.covariates[groups.treated], groups.covariates[~groups.treated]
    spread = np.sqrt((treated.var(axis=0) + control.var(axis=0)) / 2)
    spread = np.where(spread > 0, spread, 1.0)
    mean = treated.mean(axis=0)
    return Balance(
        names=groups.names,
        before=(mean - control.mean(axis=0)) / spread,
        after=(mean - weights @ control / weights.sum()) / spread,
        effective=float(weights.sum() ** 2 / (weights @ weights)),
    )
