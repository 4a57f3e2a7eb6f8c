"""Which cohort is compared with whom, between which two periods."""

from dataclasses import dataclass

import numpy as np

from tuttuno.effects.choices import Base, Control
from tuttuno.effects.numbers import Bools, Floats


@dataclass(frozen=True, slots=True)
class Design:
    """How a staggered comparison is made.

    Attributes:
        anticipation: Periods before the treatment in which it may already act, in units of time.
    """

    control: Control = Control.NEVER
    base: Base = Base.VARYING
    anticipation: float = 0.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """One cohort, one period, its base period, and until when controls are untreated.

    Attributes:
        period: Position of the period on the time axis.
        base: Position of the base period; equal to `period` for the zero of a universal base.
        untreated_after: A unit whose cohort is later than this may be a control.
    """

    cohort: float
    period: int
    base: int
    untreated_after: float

    def controls(self, cohorts: Floats) -> Bools:
        """Which of these cohorts (or cohorts of units) are controls."""
        chosen: Bools = (cohorts > self.untreated_after) & (cohorts != self.cohort)
        return chosen


def comparisons(times: Floats, cohorts: Floats, design: Design) -> list[Comparison]:
    """Every comparison of a design, by cohort and period.

    The times are in order, and every cohort has a base period; see `has_base`.

    The rules are those of `att_gt` in R's `did`: after treatment the base is the last period
    that anticipation does not reach; before it, the base is the period before or, with a
    universal base, the same as after.
    """
    return [
        Comparison(float(cohort), period, base, _last_untreated(times, period, base, design))
        for cohort in cohorts
        for period, base in _pairs(times, cohort, design)
    ]


def has_base(cohorts: Floats, times: Floats, design: Design) -> Bools:
    """Which cohorts are observed before anticipation of their treatment begins."""
    observed: Bools = cohorts - design.anticipation > times[0]
    return observed


def _pairs(times: Floats, cohort: float, design: Design) -> list[tuple[int, int]]:
    last = int(np.flatnonzero(times + design.anticipation < cohort)[-1])
    if design.base is Base.UNIVERSAL:
        return [(period, last) for period in range(times.size)]
    return [
        (period, last if times[period] >= cohort else period - 1) for period in range(1, times.size)
    ]


def _last_untreated(times: Floats, period: int, base: int, design: Design) -> float:
    if design.control is Control.NEVER:
        return float(np.finfo(np.float64).max)
    return float(times[max(period, base)] + design.anticipation)
