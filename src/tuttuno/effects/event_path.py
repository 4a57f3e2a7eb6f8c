"""The path of an effect: how far the treated are from the untreated, some time before and after."""

from collections.abc import Iterator, Sequence
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
    steps = steps or Steps()
    never = [one for one in statistics if np.isinf(one.cohort)]
    if len(never) != 1:
        raise BadInput("the path of an effect needs one cohort that is never treated")
    found = [_Step(step, list(_loads(statistics, times, step, steps))) for step in _all(steps)]
    found = [one for one in found if one.loads]
    if not found:
        raise BadInput("no cohort is seen both before and after treatment")
    size = times.size
    against = np.array([one.total(size) for one in found])
    covariance = against @ never[0].scatter @ against.T / never[0].weight ** 2
    for one in statistics:
        own = np.array([step.of(one.cohort, size) for step in found])
        covariance = covariance + own @ one.scatter @ own.T / one.weight**2
    mean = {one.cohort: one.mean - never[0].mean for one in statistics}
    return EventPath(
        at=np.array([float(one.at) for one in found]),
        effect=np.array([sum(load @ mean[g] for g, load in one.weighted) for one in found]),
        covariance=covariance,
        treated=np.array([sum(each.units for each, _ in one.loads) for one in found], dtype=float),
    )


@dataclass(frozen=True, slots=True)
class _Step:
    """The comparisons that make one step: load on the periods of each cohort."""

    at: int
    loads: list[tuple[CohortStatistics, Floats]]

    @property
    def weighted(self) -> list[tuple[float, Floats]]:
        whole = sum(one.weight for one, _ in self.loads)
        return [(one.cohort, load * one.weight / whole) for one, load in self.loads]

    def total(self, size: int) -> Floats:
        return sum((load for _, load in self.weighted), np.zeros(size))

    def of(self, cohort: float, size: int) -> Floats:
        return next((load for g, load in self.weighted if g == cohort), np.zeros(size))


def _all(steps: Steps) -> list[int]:
    return [step for step in range(-1 - steps.before, steps.after) if step != -1]


def _loads(
    statistics: Sequence[CohortStatistics], times: Floats, step: int, steps: Steps
) -> Iterator[tuple[CohortStatistics, Floats]]:
    for one in statistics:
        if np.isinf(one.cohort):
            continue
        base = _periods(one.cohort, times, -1, steps)
        here = _periods(one.cohort, times, step, steps)
        if base is not None and here is not None:
            load = np.zeros(times.size)
            load[here] += 1 / steps.width
            load[base] -= 1 / steps.width
            yield one, load


def _periods(cohort: float, times: Floats, step: int, steps: Steps) -> slice | None:
    shift = steps.anticipation if step < 0 else 0
    first = round(cohort - times[0]) + step * steps.width - shift
    inside = first >= 0 and first + steps.width <= times.size
    return slice(first, first + steps.width) if inside else None
