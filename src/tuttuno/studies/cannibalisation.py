"""How much of what members newly buy online would they have bought in the store?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tuttuno.effects.answer import Answer, Rung
from tuttuno.effects.diversion import Changes, Diversion, diversion
from tuttuno.effects.event_path import EventPath
from tuttuno.effects.numbers import Z95
from tuttuno.engine.port import Engine
from tuttuno.studies import needs, sums
from tuttuno.studies import seen as seeing
from tuttuno.studies.comparing import (
    FEWEST,
    Plan,
    balance,
    bounds,
    doubted,
    effect,
    enough,
    exposure,
    level,
    path_of,
    placebo,
    told_path,
)
from tuttuno.studies.declaration import Declaration, WrongTreatment
from tuttuno.studies.members import FAR, NEAR, going_online
from tuttuno.studies.months import months_of
from tuttuno.studies.seen import Seen
from tuttuno.studies.study import Study, Tables

_YEAR = 12

#: Who is compared with whom.
WHO = ("members began to buy online in the months looked at", "bought in stores and never online")

_NO_TOKENS = (
    "Tills keep too few payment tokens to say how often members show their card; what they buy "
    "without it is missing, so the true share is higher."
)
_NOTES = (
    "Records of one person that identity did not put together make the share too low.",
    "What moves both channels at once, such as a change of house, is not told apart.",
)


def find(declared: Declaration, engine: Engine, tables: Tables) -> Answer:
    """Compare members who begin to buy online with members who do not, before and after.

    Raises:
        BadInput: The treatment cannot be judged, or there is nobody to compare.
    """
    if declared.treatment != "first_online_purchase":
        raise WrongTreatment(
            f"unknown treatment {declared.treatment!r}",
            hint='declare treatment = "first_online_purchase"',
        )
    months = months_of(declared, engine, tables["purchase"])
    roll = going_online(tables, months, declared)
    members = engine.keep("_study_members", roll.members)
    try:
        asked = {
            **sums.queries(members, tables["person_month"], months),
            **seeing.queries(tables, roll.members),
            "reasons": roll.reasons,
        }
        found = sums.run(asked, engine)
    finally:
        engine.drop("_study_members")
    plan = Plan(months, anticipation=declared.anticipation)
    return _told(declared, found, plan, seeing.seen(found))


def _told(declared: Declaration, found: dict[str, Any], plan: Plan, seen: Seen | None) -> Answer:
    summed = sums.summed(found, plan.months)
    treated = sum(one.units for one in summed.statistics if np.isfinite(one.cohort))
    control = sum(one.units for one in summed.statistics) - treated
    enough(treated, control, *WHO)
    both = {of: _changes(summed, of, plan, seen) for of in ("orders", "net")}
    ratios = {of: diversion(changes) for of, changes in both.items()}
    chosen = ratios[declared.outcome]
    paths = [path_of(summed.of(**one), plan) for one in _sides(declared.outcome)]
    path, path_online, _ = paths
    bound = bounds(path)
    left = {row["reason"]: row["persons"] for row in found["reasons"].to_pylist()}
    answer = Answer(
        effect=STUDY.name,
        question=STUDY.question,
        rung=Rung.C,
        estimate=chosen.ratio,
        low=chosen.low,
        high=chosen.high,
        unit="1",
        treated=treated,
        control=control,
        coverage=left.get("", 0) / max(sum(left.values()), 1),
        diagnostics={
            "method": "imputation",
            "interval": "Fieller, 95%",
            "outcome": declared.outcome,
            "months": [plan.months.label(0), plan.months.label(plan.months.count)],
            "outcomes": [_outcome(of, both[of], ratios[of]) for of in both],
            "euros": _euros(both["net"], exposure(summed.statistics, plan)),
            "person_months": exposure(summed.statistics, plan),
            "seen": seen,
            "by_time": _by_time(paths, plan, seen),
            "by_place": _by_place(found, declared.outcome, plan, seen),
            "path": told_path(path, plan),
            "path_online": told_path(path_online, plan),
            "pre_trend": path.pre_trend,
            "placebo": placebo(path),
            "honest": bound,
            "balance": balance(summed.statistics, sums.VALUES, plan),
            "naive": _naive(summed, plan, both["net"]),
            "left_out": {reason: count for reason, count in left.items() if reason},
            "notes": [seen_note(seen), *_NOTES],
        },
    )
    if chosen.refused:
        return answer.refuse(chosen.refused)
    return doubted(answer, path, bound)


def _changes(summed: sums.Summed, of: str, plan: Plan, seen: Seen | None) -> Changes:
    """What going online changed in the store and online, with the receipts that nobody saw."""
    return completed(Changes.of(*(effect(summed.of(**one), plan) for one in _sides(of))), seen)


def _sides(of: str) -> tuple[dict[str, float], ...]:
    """Weights of an outcome in the store, online, and in both together."""
    return {f"{of}_store": 1}, {f"{of}_online": 1}, {f"{of}_store": 1, f"{of}_online": 1}


def completed(changes: Changes, seen: Seen | None) -> Changes:
    """Scale the change in the store up to all receipts of the members."""
    if seen is None:
        return changes
    error = np.hypot(changes.old_se, changes.old * seen.se / seen.share) / seen.share
    return replace(
        changes,
        old=changes.old / seen.share,
        old_se=float(error),
        covariance=changes.covariance / seen.share,
    )


def _outcome(of: str, changes: Changes, ratio: Diversion) -> dict[str, Any]:
    unit = "orders" if of == "orders" else "EUR"
    return {
        "name": of,
        "unit": f"{unit} per person and month",
        "store": changes.old,
        "online": changes.new,
        "diversion": ratio.ratio,
        "low": ratio.low,
        "high": ratio.high,
        "delta_low": ratio.delta_low,
        "delta_high": ratio.delta_high,
    }


def _euros(changes: Changes, lived: int) -> dict[str, Any]:
    """New online euros of the treated in the months seen, and what became of them."""
    ratio, online = diversion(changes), changes.new * lived
    total = changes.old + changes.new
    half = Z95 * float(
        np.sqrt(max(changes.old_se**2 + changes.new_se**2 + 2 * changes.covariance, 0.0))
    )
    return {
        "per": "all months seen",
        "online": online,
        "diverted": -changes.old * lived,
        "incremental": total * lived,
        "low": (total - half) * lived,
        "high": (total + half) * lived,
        "diversion": ratio.ratio,
    }


def _by_time(paths: Sequence[EventPath], plan: Plan, seen: Seen | None) -> list[dict[str, Any]]:
    """The diversion ratio by quarter since the first online purchase."""
    old = paths[0]
    rows = []
    for place in np.flatnonzero(old.at >= 0):
        changes = Changes.of(*(path.step(int(place)) for path in paths))
        rows.append(
            {
                "from_month": float(old.at[place]) * plan.steps.width,
                "to_month": float(old.at[place] + 1) * plan.steps.width - 1,
                "treated": float(old.treated[place]),
                **_ratio(completed(changes, seen)),
            }
        )
    return rows


def _by_place(
    found: Mapping[str, Any], of: str, plan: Plan, seen: Seen | None
) -> list[dict[str, Any]]:
    """The ratio by whether there was a store near; parts with few persons are left out."""
    rows = []
    parts = set(found["sizes"]["part"].to_pylist())
    for part in (NEAR, FAR) if len(parts) > 1 else ():
        summed = sums.summed(found, plan.months, part)
        treated = sum(one.units for one in summed.statistics if np.isfinite(one.cohort))
        control = sum(one.units for one in summed.statistics) - treated
        if min(treated, control) >= FEWEST:
            changes = _changes(summed, of, plan, seen)
            rows.append({"part": part, "treated": treated, "control": control, **_ratio(changes)})
    return rows


def _ratio(changes: Changes) -> dict[str, float | None]:
    if changes.new == 0:
        return {"estimate": None, "low": None, "high": None}
    ratio = diversion(changes)
    return {"estimate": ratio.ratio, "low": ratio.low, "high": ratio.high}


def _naive(summed: sums.Summed, plan: Plan, changes: Changes) -> dict[str, float] | None:
    """How many times as much buyers of both channels spend, and what going online added.

    None where the second cannot be told: the first never stands without it.
    """
    months = min(_YEAR, plan.months.count // 2)
    both, alone = level(summed.of(net_store=1, net_online=1), months)
    added = changes.old + changes.new
    if not (both > added and alone > 0):
        return None
    return {
        "treated": both,
        "control": alone,
        "times": both / alone,
        "adjusted_times": both / (both - added),
    }


def seen_note(seen: Seen | None) -> str:
    """Say how often members show their card, and what was done about it."""
    return (
        f"Members show their card at {seen.share:.0%} of their store receipts, as "
        f"{seen.receipts:,} receipts with a known means of payment tell; the change in the store "
        "is scaled up to all of them."
        if seen
        else _NO_TOKENS
    )


STUDY = Study(
    default=Declaration("cannibalisation", "first_online_purchase"),
    label="Cannibalisation",
    question="what share of the orders that members newly place online did the stores lose",
    rung=Rung.C,
    unit="1",
    find=find,
    notes=(_NO_TOKENS, *_NOTES),
    needs=(
        needs.SALES,
        needs.ONLINE,
        needs.STORES,
        needs.CARDS,
        needs.KNOWN_ONLINE,
        needs.KNOWN_IN_STORES,
    ),
)
