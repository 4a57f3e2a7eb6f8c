"""What did a change do, judged from a panel: one answer by the method that is asked for."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tuttuno.effects.aggregate import Aggregate, WaldTest, aggregate, pre_trend
from tuttuno.effects.answer import Answer, Rung
from tuttuno.effects.choices import Base, Control, Kind, Method
from tuttuno.effects.comparison import Design
from tuttuno.effects.group_time import GroupTime
from tuttuno.effects.honest import breakdown, event_study, relative
from tuttuno.effects.imputation import imputation
from tuttuno.effects.numbers import LEVEL, Z95
from tuttuno.effects.panel import Panel
from tuttuno.effects.staggered import staggered
from tuttuno.effects.synthetic import synthetic
from tuttuno.errors import BadInput

#: A test of pre-trends that gives less than this is a failure.
PRE_TREND_P = 0.05

#: With fewer clusters, errors from influence functions are too small.
FEW_CLUSTERS = 20

#: Violations, relative to the largest step before treatment, for which bounds are given.
SIZES = (0.5, 1.0, 2.0)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a panel.

    Attributes:
        outcome: What the outcome is called: the unit of the answer.
        kind: Which average is the headline.
        seed: Of everything that is drawn.
    """

    outcome: str
    method: Method = Method.CS
    design: Design = field(default_factory=Design)
    kind: Kind = Kind.SIMPLE
    seed: int = 0


def panel_effect(panel: Panel, question: Question) -> Answer:
    """Answer a question from a panel.

    A design that cannot be estimated, or whose test of pre-trends fails, is refused with the
    reason; a table that cannot be read is an error before this.
    """
    try:
        if question.method in {Method.CS, Method.IMPUTATION}:
            return _by_cohorts(panel, question)
        return _by_synthesis(panel, question)
    except BadInput as exc:
        return replace(_nothing(question), refused=str(exc))


def _nothing(question: Question) -> Answer:
    """An answer that says nothing yet."""
    return Answer(
        effect="panel",
        question=f"by how much did the treatment change {question.outcome} of the treated",
        rung=Rung.C,
        estimate=None,
        low=None,
        high=None,
        unit=question.outcome,
        treated=0,
        control=0,
        coverage=None,
        diagnostics={"method": question.method},
    )


def _by_cohorts(panel: Panel, question: Question) -> Answer:
    design = question.design
    estimate = staggered if question.method is Method.CS else imputation
    found = estimate(panel, design)
    kinds = {kind: aggregate(found, kind, seed=question.seed) for kind in Kind}
    chosen = kinds[question.kind]
    test = pre_trend(found if question.method is Method.CS else _placebos(panel, design))
    answer = replace(
        _nothing(question),
        estimate=chosen.estimate,
        low=chosen.low,
        high=chosen.high,
        treated=found.treated,
        control=found.control,
        coverage=_coverage(panel, found),
        diagnostics={
            "method": question.method,
            "control": design.control,
            "base": design.base,
            "anticipation": design.anticipation,
            "aggregate": question.kind,
            "se": chosen.se,
            "interval": f"normal, {LEVEL:.0%}, standard errors from influence functions",
            "clusters": found.clusters,
            "covariates": list(panel.names),
            "pre_trend": test,
            "att_gt": _cells(found),
            "aggregates": {kind: _lines(found, one) for kind, one in kinds.items()},
            "notes": list(found.notes),
        },
    )
    if min(found.treated, found.control) < 2:
        return answer.refuse(_alone(found.treated))
    apart = _clusters_apart(panel)
    if apart and min(apart) < 2:
        return answer.refuse(
            f"treated units lie in {apart[0]} and the others in {apart[1]} clusters: an interval "
            "needs at least two of each"
        )
    if apart and found.clusters < FEW_CLUSTERS:
        few = f"with {found.clusters} clusters the interval is too narrow: {FEW_CLUSTERS} are few"
        answer = replace(answer, diagnostics={**answer.diagnostics, "notes": [*found.notes, few]})
    return _with_bounds(answer, panel, question, test)


def _alone(treated: int) -> str:
    """Say what can be done where nothing tells how much a single unit varies."""
    reason = "an interval needs at least two treated and two control units"
    if treated < 2:
        return f"{reason}; for one treated unit ask for the method sdid or sc"
    return (
        f"{reason}; leave the one control out and compare with units that are not treated yet: "
        "control not_yet"
    )


def _clusters_apart(panel: Panel) -> tuple[int, int] | None:
    """Clusters of the treated, and of the never treated; None without clusters or without them."""
    treated = np.isfinite(panel.cohort) & (panel.cohort <= panel.timeline.times[-1])
    if panel.cluster is None or treated.all():
        return None
    return np.unique(panel.cluster[treated]).size, np.unique(panel.cluster[~treated]).size


def _with_bounds(answer: Answer, panel: Panel, question: Question, test: WaldTest | None) -> Answer:
    """Add what a violation of parallel trends would do; without it, a failed test refuses."""
    failed = test is not None and test.p < PRE_TREND_P
    try:
        bounds = _bounds(panel, question)
    except BadInput as exc:
        if failed and test is not None:
            return answer.refuse(
                f"before treatment the treated did not move as their controls did "
                f"(p = {test.p:.2g}), and no bound can be given: {exc.what}"
            )
        return answer
    notes = list(answer.diagnostics["notes"])
    if failed and test is not None:
        notes.append(
            f"the test of pre-trends fails (p = {test.p:.2g}): read the bounds before the estimate"
        )
    return replace(answer, diagnostics={**answer.diagnostics, "honest": bounds, "notes": notes})


def _bounds(panel: Panel, question: Question) -> dict[str, Any]:
    design = replace(question.design, base=Base.UNIVERSAL)
    study = event_study(staggered(panel, design))
    mean = np.full(study.after.size, 1 / study.after.size)
    return {
        "of": "mean effect over times since treatment",
        "restriction": "steps of the violation at most `size` times the largest before treatment",
        "bounds": [relative(study, size, mean) for size in SIZES],
        "breakdown": breakdown(study, mean),
    }


def _placebos(panel: Panel, design: Design) -> GroupTime:
    """Imputation uses every period before treatment; comparisons test whether it may."""
    return staggered(panel, replace(design, control=Control.NOT_YET, base=Base.VARYING))


def _by_synthesis(panel: Panel, question: Question) -> Answer:
    found = synthetic(
        panel,
        question.method,
        anticipation=question.design.anticipation,
        seed=question.seed,
    )
    weights = sorted(zip(found.units, found.unit_weights, strict=True), key=lambda one: -one[1])
    used = (found.treated + found.control) * panel.timeline.times.size
    return replace(
        _nothing(question),
        estimate=found.estimate,
        low=found.low,
        high=found.high,
        treated=found.treated,
        control=found.control,
        coverage=used / panel.rows,
        diagnostics={
            "method": question.method,
            "anticipation": question.design.anticipation,
            "se": found.se,
            "p": found.p,
            "placebos": found.placebos,
            "interval": f"t with {found.freedom} degrees of freedom, {LEVEL:.0%}, standard error "
            f"from {found.placebos.size} placebos",
            "fit_before": found.before,
            "distance_after": found.after,
            "unit_weights": {name: weight for name, weight in weights if weight > 0},
            "time_weights": found.time_weights,
            "notes": list(found.notes),
        },
    )


def _coverage(panel: Panel, found: GroupTime) -> float:
    used = (found.treated + found.control) * found.timeline.times.size
    return min(used / panel.rows, 1.0) if panel.rows else float("nan")


def _cells(found: GroupTime) -> list[dict[str, Any]]:
    return [
        {
            "cohort": found.timeline.label(cohort),
            "time": found.timeline.label(time),
            "att": att,
            "se": se,
            "low": att - Z95 * se,
            "high": att + Z95 * se,
            "post": bool(post),
        }
        for cohort, time, att, se, post in zip(
            found.cohort, found.time, found.att, found.se, found.post, strict=True
        )
    ]


def _lines(found: GroupTime, one: Aggregate) -> dict[str, Any]:
    label = float if one.kind is Kind.DYNAMIC else found.timeline.label
    return {
        "estimate": one.estimate,
        "se": one.se,
        "low": one.low,
        "high": one.high,
        "band": one.critical,
        "lines": [
            {
                "at": label(at),
                "estimate": effect,
                "se": se,
                "low": effect - Z95 * se,
                "high": effect + Z95 * se,
                "band_low": effect - one.critical * se,
                "band_high": effect + one.critical * se,
            }
            for at, effect, se in zip(one.at, one.effects, one.errors, strict=True)
        ],
    }
