"""Does reaching a tier of the programme lead members to order more online?"""

from dataclasses import dataclass, replace
from typing import Any

import ibis
import numpy as np
from scipy import stats

from tuttuno.effects.answer import Answer, Rung
from tuttuno.effects.bandwidth import Bandwidths
from tuttuno.effects.discontinuity import Discontinuity, discontinuity
from tuttuno.effects.diversion import Changes, Diversion, diversion
from tuttuno.effects.numbers import LEVEL, Floats
from tuttuno.engine.port import Engine
from tuttuno.engine.semantics import total
from tuttuno.errors import BadInput
from tuttuno.studies import needs
from tuttuno.studies.comparing import FEWEST
from tuttuno.studies.declaration import Declaration, WrongTreatment
from tuttuno.studies.members import chosen
from tuttuno.studies.months import Months, months_of
from tuttuno.studies.study import Study, Tables

#: Below this, a jump where there should be none refuses the answer.
CLEAR = 0.01

#: Members whose side of the threshold tells whether they aim at it.
NEAREST = 200

_NO_JUMP = (
    "the share of members that holds the tier does not jump at this threshold: it is reached "
    "otherwise, or was decided in other months"
)

_NOTES = (
    (
        "Members who just reached the threshold are compared with members who just missed it: they "
        "are alike but for the tier. It says nothing of members who spend far more or far less."
    ),
    (
        "Memberships tell the tier of today. So the share of members that holds it has to jump at "
        "the threshold, and what is told is the effect of holding it: who reached it and lost it "
        "again since counts as who never had it."
    ),
    (
        "What was spent counts as it is known: receipts without the card are missing, as they are "
        "for the programme."
    ),
)


@dataclass(frozen=True, slots=True)
class _Members:
    """One entry for each member, nobody named.

    Attributes:
        score: Net spent in the months that decide on the tier.
        holds: 1 where she holds the tier today.
        orders, net: Online, a month after these months.
        before: Online orders in these months.
    """

    score: Floats
    holds: Floats
    orders: Floats
    net: Floats
    before: Floats


def find(declared: Declaration, engine: Engine, tables: Tables) -> Answer:
    """Compare members around the threshold of a tier.

    Raises:
        BadInput: The threshold is not declared, or the data do not show it.
    """
    if declared.treatment != "tier":
        raise WrongTreatment(
            f"unknown treatment {declared.treatment!r}", hint='declare treatment = "tier"'
        )
    if not (declared.tier and declared.threshold):
        raise BadInput(
            "memberships tell the tier of today and not since when she has it, so nobody can say "
            "what came before it; with the amount at which a tier is reached, members just above "
            "and just below could be compared",
            hint="declare tier, threshold and since in [effects.tier_effect]",
        )
    months = months_of(declared, engine, tables["purchase"])
    members = _members(declared, engine, tables, months)
    return _told(declared, members, months)


def _members(declared: Declaration, engine: Engine, tables: Tables, months: Months) -> _Members:
    person = chosen(tables["person"], declared)
    person = person.filter(person.enrolled_on < months.start, person.member)
    month = months.within(tables["person_month"])
    early = months.position(month.month) < declared.baseline
    orders, net = (month[name].cast("float64") for name in ("orders_online", "net_online"))
    added = month.group_by("person_id").agg(
        score=total(ibis.ifelse(early, month.net.cast("float64"), 0.0)),
        orders=total(ibis.ifelse(early, 0.0, orders)),
        net=total(ibis.ifelse(early, 0.0, net)),
        before=total(ibis.ifelse(early, orders, 0.0)),
    )
    rows = person.select(
        "person_id", holds=(person.tier == declared.tier).fill_null(False).cast("float64")
    ).left_join(added, "person_id")
    # in one order, so that ties of score are broken alike on every engine
    told = engine.run(
        rows.order_by("person_id").select(
            "holds", **{name: rows[name].fill_null(0.0) for name in
                        ("score", "orders", "net", "before")}
        )
    )  # fmt: skip
    columns = {name: np.asarray(told[name], dtype=np.float64) for name in told.column_names}
    after, inside = months.count - declared.baseline, columns["score"] > 0
    if min(int((columns["score"] >= declared.threshold).sum()),
           int((inside & (columns["score"] < declared.threshold)).sum())) < FEWEST:  # fmt: skip
        raise BadInput(
            f"fewer than {FEWEST} members spent more, or less, than {declared.threshold:,.0f} in "
            f"the {declared.baseline} months from {months.label(0)} on"
        )
    for name, span in (("orders", after), ("net", after), ("before", declared.baseline)):
        columns[name] = columns[name] / span
    return _Members(**{name: values[inside] for name, values in columns.items()})


def _told(declared: Declaration, members: _Members, months: Months) -> Answer:
    at = declared.threshold
    outcomes = {"orders": members.orders, "net": members.net}
    jump = {of: discontinuity(values, members.score, at) for of, values in outcomes.items()}
    main = jump[declared.outcome]
    widths = Bandwidths(main.bandwidth, main.bias_bandwidth)
    first = discontinuity(members.holds, members.score, at, bandwidths=widths)
    effects = {of: _effect(values, members, at, jump[of]) for of, values in outcomes.items()}
    placebo = discontinuity(members.before, members.score, at)
    crowd = crowding(members.score, at)
    answer = replace(
        STUDY.nothing(),
        **_three(effects[declared.outcome]),
        unit=STUDY.unit if declared.outcome == "orders" else "EUR per person and month",
        treated=main.above,
        control=main.below,
        coverage=(main.above + main.below) / members.score.size,
        diagnostics={
            "method": "regression discontinuity, fuzzy",
            "interval": "Fieller, robust to curvature",
            "outcome": declared.outcome,
            "tier": declared.tier,
            "threshold": at,
            "bandwidth": main.bandwidth,
            "months": [months.label(0), months.label(months.count)],
            "outcomes": [
                {"name": f"{of}_online", "unit": f"{unit} per person and month",
                 **_three(effects[of])}
                for of, unit in (("orders", "online orders"), ("net", "EUR"))
            ],
            "holds": _jump(first),
            "placebo": _jump(placebo),
            "crowding": crowd,
            "left_out": {"score_far": members.score.size - main.above - main.below},
            "notes": list(_NOTES),
        },
    )  # fmt: skip
    return _doubted(answer, tier_jumps=first.low > 0 and not effects[declared.outcome].refused)


def _doubted(answer: Answer, *, tier_jumps: bool) -> Answer:
    """Refuse where the tier does not jump, or where something jumps that should not."""
    told = answer.diagnostics
    if not tier_jumps:
        return answer.refuse(_NO_JUMP)
    if told["crowding"]["p"] < CLEAR:
        return answer.refuse(
            f"members crowd on one side of the threshold (p = {told['crowding']['p']:.2g}): who "
            "wants the tier buys until she has it, so the two sides are not alike"
        )
    if told["placebo"]["p"] < CLEAR:
        return answer.refuse(
            "online orders jump at the threshold before the tier is decided "
            f"(p = {told['placebo']['p']:.2g})"
        )
    if min(answer.treated, answer.control) < FEWEST:
        return answer.refuse(
            f"{answer.treated} members just above and {answer.control} just below are too few: an "
            f"answer needs {FEWEST} of each"
        )
    return answer


def _effect(outcome: Floats, members: _Members, at: float, main: Discontinuity) -> Diversion:
    """The jump of the outcome over that of holding the tier, as a ratio of two estimates."""
    widths = Bandwidths(main.bandwidth, main.bias_bandwidth)
    old, new, both = (
        discontinuity(values, members.score, at, bandwidths=widths)
        for values in (-outcome, members.holds, members.holds - outcome)
    )
    if new.estimate == 0:
        raise BadInput(_NO_JUMP)
    return diversion(Changes.of(old, new, both))


def crowding(score: Floats, threshold: float) -> dict[str, float]:
    """Share of the members nearest to the threshold who reached it: a half, if nobody aims at it.

    Source: the binomial test of Cattaneo, Titiunik & Vazquez-Bare (2017), Journal of Policy
    Analysis and Management 36(3); intervals as Clopper & Pearson (1934).
    """
    away = np.abs(score - threshold)
    near = score[away <= np.sort(away)[min(NEAREST, away.size) - 1]]
    test = stats.binomtest(int((near >= threshold).sum()), near.size)
    low, high = test.proportion_ci(LEVEL)
    return {
        "estimate": float(test.statistic), "low": float(low), "high": float(high),
        "p": float(test.pvalue),
    }  # fmt: skip


def _p(jump: Discontinuity) -> float:
    return float(2 * stats.norm.sf(abs(jump.estimate) / jump.se)) if jump.se else 1.0


def _jump(one: Discontinuity) -> dict[str, float]:
    return {"estimate": one.estimate, "low": one.low, "high": one.high, "p": _p(one)}


def _three(one: Diversion) -> dict[str, Any]:
    return {"estimate": one.ratio, "low": one.low, "high": one.high}


STUDY = Study(
    default=Declaration("tier_effect", "tier", baseline=12),
    label="Effect of a tier",
    question="by how much does holding a tier of the programme change the online orders of who "
    "just reached it",
    rung=Rung.D,
    unit="online orders per person and month",
    find=find,
    notes=_NOTES,
    needs=(needs.SALES, needs.ONLINE, needs.CARDS, needs.KNOWN_ONLINE),
)
