"""What every study of persons does with the sums: effect, path, balance, bounds, doubts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tuttuno.effects.aggregate import Aggregate, aggregate
from tuttuno.effects.answer import Answer
from tuttuno.effects.choices import Kind
from tuttuno.effects.cohorts import CohortStatistics
from tuttuno.effects.comparison import Design
from tuttuno.effects.event_path import EventPath, Steps, event_path
from tuttuno.effects.honest import breakdown, relative
from tuttuno.effects.imputation import imputation_from_cohorts
from tuttuno.effects.numbers import Z95, Floats, NormalInterval
from tuttuno.effects.staggered import staggered_from_cohorts
from tuttuno.errors import BadInput
from tuttuno.studies.months import Months

#: Fewer treated or compared than this, and no number is given.
FEWEST = 100

#: Violations of parallel trends, relative to the largest step before, that are tried.
SIZES = (0.5, 1.0, 2.0)

#: Below this, a path before treatment is no accident; see `doubted`.
CLEAR = 0.0001

Statistics = Sequence[CohortStatistics]


@dataclass(frozen=True, slots=True)
class Plan:
    """How effects are averaged.

    Attributes:
        first: Months since treatment that the headline leaves out.
    """

    months: Months
    anticipation: int = 0
    first: int = 0

    @property
    def design(self) -> Design:
        """For the estimators."""
        return Design(anticipation=self.anticipation)

    @property
    def steps(self) -> Steps:
        """For the path."""
        return Steps(anticipation=self.anticipation)


def effect(statistics: Statistics, plan: Plan) -> Aggregate:
    """Mean effect per treated person and month, by imputation."""
    found = imputation_from_cohorts(statistics, plan.months.times, plan.design)
    return aggregate(found.from_event(plan.first), Kind.SIMPLE)


@dataclass(frozen=True, slots=True)
class Pooled(NormalInterval):
    """A mean effect over parts of the population that were compared each within itself."""

    estimate: float
    se: float


def pooled(parts: Sequence[Statistics], plan: Plan) -> Pooled:
    """Mean effect per treated person and month, people compared within their part only.

    Raises:
        BadInput: Nobody is treated, or somebody has nobody to be compared with.
    """
    weight = np.array([exposure(part, plan) for part in parts], dtype=np.float64)
    if not weight.any():
        raise BadInput("nobody was treated early enough to be seen afterwards")
    weight /= weight.sum()
    found = [effect(part, plan) for part in parts]
    return Pooled(
        float(weight @ [one.estimate for one in found]),
        float(np.sqrt(weight**2 @ [one.se**2 for one in found])),
    )


def pooled_path(parts: Sequence[Statistics], plan: Plan) -> EventPath:
    """The path of the treated of all parts; steps that a part does not see are left out."""
    paths = [path_of(part, plan) for part in parts]
    shared = sorted(set.intersection(*(set(path.at) for path in paths)))
    places = [np.searchsorted(path.at, shared) for path in paths]
    treated = np.array([path.treated[at] for path, at in zip(paths, places, strict=True)])
    weights = treated / treated.sum(axis=0)
    covariance = np.zeros((len(shared), len(shared)))
    for path, at, weight in zip(paths, places, weights, strict=True):
        covariance += np.outer(weight, weight) * path.covariance[np.ix_(at, at)]
    effects = np.array([path.effect[at] for path, at in zip(paths, places, strict=True)])
    return EventPath(
        at=np.array(shared),
        effect=(weights * effects).sum(axis=0),
        covariance=covariance,
        treated=treated.sum(axis=0),
    )


def second_route(parts: Sequence[Statistics], plan: Plan) -> dict[str, Any]:
    """The same against the never treated and the last month before treatment alone."""
    statistics = [
        replace(one, stratum=str(number)) for number, part in enumerate(parts) for one in part
    ]
    found = staggered_from_cohorts(statistics, plan.months.times, plan.design)
    one = aggregate(found.from_event(plan.first), Kind.SIMPLE)
    return {"method": "cs", "estimate": one.estimate, "low": one.low, "high": one.high}


def path_of(statistics: Statistics, plan: Plan) -> EventPath:
    """Effects by quarter of a year since treatment."""
    return event_path(merged(statistics, plan), plan.months.times, plan.steps)


def merged(statistics: Statistics, plan: Plan) -> Statistics:
    """Leave out cohorts without a month before, as the estimators do."""
    first = plan.months.times[0] + plan.anticipation
    return [one for one in statistics if one.cohort > first]


def told_path(path: EventPath, plan: Plan) -> list[dict[str, float]]:
    """Write a path down: first and last month since treatment, effect and interval."""
    width, shift = plan.steps.width, plan.anticipation
    return [
        {
            "from_month": at * width - (shift if at < 0 else 0),
            "to_month": at * width + width - 1 - (shift if at < 0 else 0),
            "estimate": float(effect),
            "low": float(effect - Z95 * se),
            "high": float(effect + Z95 * se),
            "treated": float(units),
        }
        for at, effect, se, units in zip(path.at, path.effect, path.se, path.treated, strict=True)
    ]


def placebo(path: EventPath) -> dict[str, float] | None:
    """Mean difference before treatment, where there should be none; None: nothing to see."""
    before = path.at < 0
    if not before.any():
        return None
    load = before / before.sum()
    estimate = float(load @ path.effect)
    half = Z95 * float(np.sqrt(load @ path.covariance @ load))
    return {"estimate": estimate, "low": estimate - half, "high": estimate + half}


def bounds(path: EventPath) -> dict[str, Any] | None:
    """What a trend that was not parallel would do to the mean effect; None without a before."""
    try:
        study = path.study
    except BadInput:
        return None
    mean = np.full(study.after.size, 1 / study.after.size)
    return {
        "of": "mean effect over quarters since treatment",
        "restriction": "steps of the violation at most `size` times the largest before treatment",
        "bounds": [relative(study, size, mean) for size in SIZES],
        "breakdown": breakdown(study, mean),
    }


def balance(summed: Statistics, names: Sequence[str], plan: Plan) -> list[dict[str, Any]]:
    """Compare levels before anybody was treated: means, and their distance in deviations.

    Levels may differ in a comparison of trends; a reader should know by how much they do.
    `summed` holds the values of `names`, one after the other.
    """
    size = plan.months.count
    first = min((one.cohort for one in summed if np.isfinite(one.cohort)), default=1)
    months = int(min(max(first - plan.anticipation, 1), size))
    rows = []
    for number, name in enumerate(names):
        load = np.zeros(len(names) * size)
        load[number * size : number * size + months] = 1 / months
        treated = _moments([s for s in summed if np.isfinite(s.cohort)], load)
        control = _moments([s for s in summed if np.isinf(s.cohort)], load)
        spread = float(np.sqrt((treated[1] + control[1]) / 2))
        distance = (treated[0] - control[0]) / spread if spread else None
        rows.append({"trait": name, "treated": treated[0], "control": control[0], "smd": distance})
    return rows


def _moments(statistics: Statistics, load: Floats) -> tuple[float, float]:
    """Mean and variance over persons of a sum of their values."""
    units = sum(one.units for one in statistics)
    means = np.array([load @ one.mean for one in statistics])
    size = np.array([one.units for one in statistics])
    mean = float(means @ size / units)
    spread = sum(float(load @ one.scatter @ load) for one in statistics)
    spread += float(size @ (means - mean) ** 2)
    return mean, spread / units


def exposure(statistics: Statistics, plan: Plan) -> int:
    """Months lived by the treated since their treatment, those of the headline."""
    return sum(
        one.units * max(plan.months.count - int(one.cohort) - plan.first, 0)
        for one in merged(statistics, plan)
        if np.isfinite(one.cohort)
    )


def level(statistics: Statistics, months: int) -> tuple[float, float]:
    """Mean of the last months: of who was treated before them, and of the never treated."""
    size = statistics[0].mean.size
    load = np.zeros(size)
    load[size - months :] = 1 / months
    old = [one for one in statistics if one.cohort <= size - months]
    never = [one for one in statistics if np.isinf(one.cohort)]
    return tuple(  # type: ignore[return-value]  # two of them
        float(sum(load @ one.mean * one.units for one in group) / sum(one.units for one in group))
        if group
        else float("nan")
        for group in (old, never)
    )


def enough(treated: int, control: int, who: str, others: str) -> None:
    """Look whether there are people to compare.

    Raises:
        BadInput: They are too few; says of both how many there are, in words of the trade.
    """
    if min(treated, control) < FEWEST:
        raise BadInput(f"{treated} {who} and {control} {others}: an answer needs {FEWEST} of each")


def doubted(answer: Answer, path: EventPath, bound: dict[str, Any] | None) -> Answer:
    """Refuse where the time before speaks against the comparison.

    A path before treatment that is clearly no accident (p < .0001) refuses the answer where a
    violation as large as the one seen before could explain the whole effect.
    """
    test = path.pre_trend
    if test is None or test.p >= CLEAR or bound is None or bound["breakdown"] >= 1:
        return answer
    return answer.refuse(
        f"before treatment the treated did not move as the others did (p = {test.p:.2g}), and a "
        "difference as large as that one would explain the effect"
    )
