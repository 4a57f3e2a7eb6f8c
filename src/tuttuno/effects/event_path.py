"""The path of an effect: how far the treated are from the untreated, some time before and after."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tuttuno.effects.aggregate import WaldTest, wald
from tuttuno.effects.cohorts import CohortStatistics
from tuttuno.effects.honest import EventStudy
from tuttuno.effects.numbers import Floats, NormalInterval, standard_errors
from tuttuno.errors import BadInput


@dataclass(frozen=True, slots=True)
class Steps:
    """How time since treatment is cut into steps.

    Attributes:
        width: Periods in one step.
        before: Steps shown before treatment, without the one that is the zero of all others.
        after: Steps shown from treatment on.
        anticipation: Periods before treatment that are part of no step, because it may
            already act in them.
    """

    width: int = 3
    before: int = 4
    after: int = 8
    anticipation: int = 0


@dataclass(frozen=True, slots=True)
class StepEffect(NormalInterval):
    """One step of a path: its effect, with its error."""

    estimate: float
    se: float


@dataclass(frozen=True, slots=True)
class EventPath:
    """Difference between treated and untreated, against the step just before treatment.

    Attributes:
        at: Shape (k,): step of time since treatment; -1 is the zero and left out.
        effect: Shape (k,): per unit and period.
        covariance: Shape (k, k).
        treated: Shape (k,): units that the step rests on.
    """

    at: Floats
    effect: Floats
    covariance: Floats
    treated: Floats

    @property
    def se(self) -> Floats:
        """Standard errors; shape (k,)."""
        return standard_errors(self.covariance)

    def step(self, place: int) -> StepEffect:
        """One step by its place in the path."""
        return StepEffect(float(self.effect[place]), float(self.se[place]))

    @property
    def pre_trend(self) -> WaldTest | None:
        """Test that nothing happened before treatment; None where nothing is seen before."""
        before = self.at < 0
        return wald(self.effect[before], self.covariance[np.ix_(before, before)])

    @property
    def study(self) -> EventStudy:
        """The same for bounds on violations of parallel trends.

        Raises:
            BadInput: There is nothing before or after treatment.
        """
        before = self.at < 0
        return EventStudy(self.effect[before], self.effect[~before], self.covariance)


def event_path(
    statistics: Sequence[CohortStatistics], times: Floats, steps: Steps | None = None
) -> EventPath:
    """Compare each cohort with the never treated, step by step, and average by their weight.

    A step counts where all of its periods are seen, so the later ones rest on early cohorts
    only. Periods are one apart. The covariance is exact given who is in which cohort: every
    step is a sum of mean outcomes.

    Raises:
        BadInput: There is no never treated cohort, or no step can be seen.
    """
    never = [one for one in statistics if np.isinf(one.cohort)]
    if len(never) != 1:
        raise BadInput("the path of an effect needs one cohort that is never treated")
    cohorts = np.array([one.cohort for one in statistics])
    weight = np.array([one.weight for one in statistics])
    at, loads = step_loads(cohorts, weight, times, steps or Steps())
    against = loads.sum(axis=1)
    covariance = against @ never[0].scatter @ against.T / never[0].weight ** 2
    for own, one in zip(loads.transpose(1, 0, 2), statistics, strict=True):
        covariance = covariance + own @ one.scatter @ own.T / one.weight**2
    gap = np.array([one.mean - never[0].mean for one in statistics])
    units = np.array([float(one.units) for one in statistics])
    return EventPath(
        at=at,
        effect=np.einsum("kgt,gt->k", loads, gap),
        covariance=covariance,
        treated=loads.any(axis=2) @ units,
    )


def step_loads(
    cohorts: Floats, weight: Floats, times: Floats, steps: Steps
) -> tuple[Floats, Floats]:
    """The steps that are seen, shape (k,), and how much each cohort and period counts in them.

    Loads have shape (k, cohorts, periods): a step is their sum of products with what a cohort
    has beyond the never treated. Cohorts count by their weight.

    Raises:
        BadInput: No step can be seen.
    """
    every = [step for step in range(-1 - steps.before, steps.after) if step != -1]
    loads = np.zeros((len(every), cohorts.size, times.size))
    for place, step in enumerate(every):
        for row, cohort in enumerate(cohorts):
            base = _periods(cohort, times, -1, steps)
            here = _periods(cohort, times, step, steps)
            if base is not None and here is not None:
                loads[place, row, here] += weight[row] / steps.width
                loads[place, row, base] -= weight[row] / steps.width
        counted = weight @ loads[place].any(axis=1)
        loads[place] /= counted or 1.0
    seen = loads.any(axis=(1, 2))
    if not seen.any():
        raise BadInput("no cohort is seen both before and after treatment")
    return np.array(every, dtype=np.float64)[seen], loads[seen]


def _periods(cohort: float, times: Floats, step: int, steps: Steps) -> slice | None:
    if np.isinf(cohort):
        return None
    shift = steps.anticipation if step < 0 else 0
    first = round(cohort - times[0]) + step * steps.width - shift
    inside = first >= 0 and first + steps.width <= times.size
    return slice(first, first + steps.width) if inside else None
