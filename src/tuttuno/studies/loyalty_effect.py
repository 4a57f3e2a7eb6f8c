"""Does enrolment in the programme lead online buyers to buy more online?"""

from collections.abc import Sequence
from typing import Any

from tuttuno.effects.answer import Answer, Rung
from tuttuno.engine.port import Engine
from tuttuno.studies import needs, sums
from tuttuno.studies.comparing import (
    Plan,
    Pooled,
    balance,
    bounds,
    doubted,
    enough,
    exposure,
    level,
    placebo,
    pooled,
    pooled_path,
    second_route,
    told_path,
)
from tuttuno.studies.declaration import Declaration, WrongTreatment
from tuttuno.studies.members import classed, enrolling, keen
from tuttuno.studies.months import months_of
from tuttuno.studies.study import Study, Tables

#: What the programme shows of a person only from enrolment on.
#: Who is compared with whom.
_WHO = ("online buyers enrolled in the months looked at", "never did")

_TREATMENTS = {
    "tier": "memberships tell the tier of today and not since when she has it, so nobody can say "
    "what came before it: tier_effect compares members around its threshold",
    "first_store_purchase": "familiarity_effect asks what a first purchase in a store does",
}

_NOTES = (
    (
        "Store purchases before enrolment are anonymous, so enrolment would seem to cause "
        "them; only online purchases, which are seen either way, are compared."
    ),
    (
        "Everybody bought online in the months before the comparison begins, so nobody had to "
        "stay a customer until her enrolment to be counted."
    ),
)

#: The naive comparison looks at so many months.
_YEAR = 12


def find(declared: Declaration, engine: Engine, tables: Tables) -> Answer:
    """Compare online buyers who enrol with online buyers who do not, before and after.

    Raises:
        BadInput: The treatment cannot be judged, or there is nobody to compare.
    """
    if declared.treatment != "enrolment":
        reason = _TREATMENTS.get(declared.treatment, f"unknown treatment {declared.treatment!r}")
        raise WrongTreatment(reason, hint='declare treatment = "enrolment"')
    months = months_of(declared, engine, tables["purchase"])
    roll = enrolling(tables, months, declared)
    roll = classed(roll, engine.run(keen(roll)).to_pylist())
    asked = {**sums.queries(roll.members, tables["person_month"], roll.months)}
    found = sums.run({**asked, "reasons": roll.reasons}, engine)
    summed = sums.summed(found, roll.months)
    # a purchase planned before may bring both the card and the order: its month is left out
    plan = Plan(roll.months, anticipation=declared.anticipation, first=1)
    parts = [sums.summed(found, roll.months, part) for part in _parts(found)]
    return _told(declared, (summed, *parts), plan, found)


def _parts(found: dict[str, Any]) -> list[str]:
    """The classes of buyers that there are."""
    return sorted(set(found["sizes"]["part"].to_pylist()))


def _told(
    declared: Declaration, sums_of: Sequence[sums.Summed], plan: Plan, found: dict[str, Any]
) -> Answer:
    summed, *parts = sums_of
    treated = sum(one.units for one in summed.statistics if one.cohort != float("inf"))
    control = sum(one.units for one in summed.statistics) - treated
    enough(treated, control, *_WHO)
    of = {name: [part.of(**{f"{name}_online": 1}) for part in parts] for name in ("orders", "net")}
    orders, net = (pooled(of[name], plan) for name in ("orders", "net"))
    chosen = {"orders": orders, "net": net}[declared.outcome]
    statistics = summed.of(**{f"{declared.outcome}_online": 1})
    path = pooled_path(of[declared.outcome], plan)
    bound = bounds(path)
    lived = exposure(summed.statistics, plan)
    member, stranger = level(statistics, min(_YEAR, plan.months.count // 2))
    left = {row["reason"]: row["persons"] for row in found["reasons"].to_pylist()}
    answer = Answer(
        effect=STUDY.name,
        question=STUDY.question,
        rung=Rung.C,
        estimate=chosen.estimate,
        low=chosen.low,
        high=chosen.high,
        unit=STUDY.unit if declared.outcome == "orders" else "EUR per person and month",
        treated=treated,
        control=control,
        coverage=left.get("", 0) / max(sum(left.values()), 1),
        diagnostics={
            "method": "imputation",
            "months": [plan.months.label(0), plan.months.label(plan.months.count)],
            "outcomes": [
                {"name": "orders_online", "unit": STUDY.unit, **_interval(orders)},
                {"name": "net_online", "unit": "EUR per person and month", **_interval(net)},
            ],
            "euros": {"per": "person and month", **_interval(net), "total": net.estimate * lived},
            "person_months": lived,
            "path": told_path(path, plan),
            "pre_trend": path.pre_trend,
            "placebo": placebo(path),
            "honest": bound,
            "second_route": second_route(of[declared.outcome], plan),
            "balance": balance(summed.statistics, sums.VALUES, plan),
            "naive": {"treated": member, "control": stranger, "difference": member - stranger},
            "left_out": {reason: count for reason, count in left.items() if reason},
            "notes": list(_NOTES),
        },
    )
    return doubted(answer, path, bound)


def _interval(one: Pooled) -> dict[str, float]:
    return {"estimate": one.estimate, "low": one.low, "high": one.high}


STUDY = Study(
    default=Declaration("loyalty_effect", "enrolment", anticipation=1),
    label="Effect of the loyalty programme",
    question="by how much does enrolment in the programme change the online orders of an online "
    "buyer",
    rung=Rung.C,
    unit="online orders per person and month",
    find=find,
    notes=_NOTES,
    needs=(needs.SALES, needs.ONLINE, needs.CARDS, needs.KNOWN_ONLINE),
)
