"""What did a change do, judged from a panel: one answer by the method that is asked for."""

from dataclasses import dataclass, field
from typing import Any

from tuttuno.effects.aggregate import Aggregate, aggregate, pre_trend
from tuttuno.effects.answer import Answer, Rung
from tuttuno.effects.choices import Kind, Method
from tuttuno.effects.comparison import Design
from tuttuno.effects.group_time import GroupTime
from tuttuno.effects.numbers import LEVEL, Z95
from tuttuno.effects.panel import Panel
from tuttuno.effects.staggered import staggered
from tuttuno.errors import BadInput

#: A test of pre-trends that gives less than this is a failure.
PRE_TREND_P = 0.05


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
    asked = f"by how much did the treatment change {question.outcome} of the treated"
    try:
        return _by_cohorts(panel, question, asked)
    except BadInput as exc:
        return Answer(
            effect="panel",
            question=asked,
            rung=Rung.C,
            estimate=None,
            low=None,
            high=None,
            unit=question.outcome,
            treated=0,
            control=0,
            coverage=None,
            diagnostics={"method": question.method},
            refused=str(exc),
        )


def _by_cohorts(panel: Panel, question: Question, asked: str) -> Answer:
    found = staggered(panel, question.design)
    kinds = {kind: aggregate(found, kind, seed=question.seed) for kind in Kind}
    chosen = kinds[question.kind]
    test = pre_trend(found)
    answer = Answer(
        effect="panel",
        question=asked,
        rung=Rung.C,
        estimate=chosen.estimate,
        low=chosen.low,
        high=chosen.high,
        unit=question.outcome,
        treated=found.treated,
        control=found.control,
        coverage=_coverage(panel, found),
        diagnostics={
            "method": question.method,
            "control": question.design.control,
            "base": question.design.base,
            "anticipation": question.design.anticipation,
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
        return answer.refuse("an interval needs at least two treated and two control units")
    if test is not None and test.p < PRE_TREND_P:
        return answer.refuse(
            f"before treatment the treated did not move as their controls did (p = {test.p:.2g})"
        )
    return answer


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
