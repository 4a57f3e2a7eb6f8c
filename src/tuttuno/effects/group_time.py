"""The effect on each cohort in each period, with the covariance of all of them."""

from dataclasses import dataclass, replace

import numpy as np

from tuttuno.effects.comparison import Comparison, Design
from tuttuno.effects.numbers import Bools, Floats, Ints, standard_errors
from tuttuno.effects.timeline import Timeline


@dataclass(frozen=True, slots=True)
class GroupTime:
    """Average effects on the treated by cohort and period, ATT(g, t).

    Attributes:
        cohort: Shape (k,): first treated time g of each comparison.
        time: Shape (k,): time t of each comparison.
        att: Shape (k,): in the unit of the outcome; before treatment, a placebo.
        groups: Shape (c,): the cohorts.
        shares: Shape (c,): share of each cohort in the (weighted) units.
        sizes: Shape (c,): units in each cohort.
        covariance: Shape (k + c, k + c): of `att` and, behind it, of `shares`.
        treated: Treated units.
        control: Units that are never treated (or, without these, in the last cohort).
        clusters: Independent observations that the covariance rests on.
        notes: What was left out, and why.
    """

    design: Design
    timeline: Timeline
    cohort: Floats
    time: Floats
    att: Floats
    groups: Floats
    shares: Floats
    sizes: Ints
    covariance: Floats
    treated: int
    control: int
    clusters: int
    notes: tuple[str, ...] = ()

    @property
    def se(self) -> Floats:
        """Standard errors of `att`; shape (k,)."""
        size = self.att.size
        return standard_errors(self.covariance[:size, :size])

    @property
    def event(self) -> Floats:
        """Time since treatment of each comparison; shape (k,)."""
        return self.time - self.cohort

    @property
    def post(self) -> Bools:
        """Comparisons at or after treatment; shape (k,)."""
        after: Bools = self.time >= self.cohort
        return after

    @property
    def reference(self) -> Bools:
        """Comparisons of the base period with itself: zero by construction; shape (k,)."""
        zero: Bools = (self.se == 0) & (self.att == 0) & ~self.post
        return zero

    @property
    def group_of(self) -> Ints:
        """Position in `groups` of each comparison's cohort; shape (k,)."""
        return np.searchsorted(self.groups, self.cohort).astype(np.int64)

    def from_event(self, first: float) -> "GroupTime":
        """The same without the effects earlier than `first` periods after treatment.

        Placebos before treatment stay.
        """
        kept = ~self.post | (self.event >= first)
        rows = np.concatenate([kept, np.ones(self.groups.size, dtype=bool)])
        return replace(
            self,
            cohort=self.cohort[kept],
            time=self.time[kept],
            att=self.att[kept],
            covariance=self.covariance[np.ix_(rows, rows)],
        )


@dataclass(frozen=True, slots=True)
class Compared:
    """Comparisons with their estimates and the covariance of estimates and cohort shares."""

    plan: tuple[Comparison, ...]
    att: Floats
    groups: Floats
    shares: Floats
    covariance: Floats
