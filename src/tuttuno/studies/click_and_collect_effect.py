"""What did the launch of click & collect change, in the stores and online around them?"""

from typing import Any

import numpy as np
import pyarrow as pa

from tuttuno.effects.answer import Answer, Rung
from tuttuno.effects.cohorts import cohort_statistics
from tuttuno.effects.event_path import Steps, event_path
from tuttuno.effects.imputation import imputed_share
from tuttuno.effects.jackknife import Jackknife, jackknife
from tuttuno.effects.numbers import Bools, Floats
from tuttuno.effects.panel import Panel
from tuttuno.effects.timeline import Timeline
from tuttuno.engine.port import Engine
from tuttuno.errors import BadInput
from tuttuno.studies import needs
from tuttuno.studies.catchments import OUTCOMES, Places, gather, naive
from tuttuno.studies.declaration import Declaration, WrongTreatment
from tuttuno.studies.months import Months, months_of
from tuttuno.studies.study import Study, Tables

#: Stores with and without a launch that there must be, so that one can be left out.
FEWEST = 3

STEPS = Steps(before=3, after=6)

_NOTES = (
    (
        "All receipts of a store count, also those of buyers nobody knows; online orders "
        "count in the province of the buyer and need a known buyer."
    ),
    (
        "Stores are compared in proportion to what they sold before their launch, so that large "
        "and small ones may move alike; large ones count for more."
    ),
    (
        "Launches were not drawn by lot: whatever else changed with them counts as theirs, "
        "and buyers who cross the border of a province blur the difference."
    ),
)


def find(declared: Declaration, engine: Engine, tables: Tables) -> Answer:
    """Compare stores after their launch with stores that have not launched.

    Raises:
        BadInput: The treatment cannot be judged, or too few stores can be compared.
    """
    if declared.treatment != "launch":
        raise WrongTreatment(
            f"unknown treatment {declared.treatment!r}", hint='declare treatment = "launch"'
        )
    months = months_of(declared, engine, tables["purchase"])
    found = gather(declared, engine, tables, months)
    stores = {of: _judged(found.stores, of, months) for of in OUTCOMES}
    online = {of: _judged(found.provinces, of, months) for of in OUTCOMES}
    chosen = stores[declared.outcome]
    launched = int(np.isfinite(found.stores.cohort).sum())
    low, high = _ends(chosen)
    p = _before(chosen)
    answer = Answer(
        effect=STUDY.name,
        question=STUDY.question,
        rung=Rung.C,
        estimate=float(chosen.estimate[0]),
        low=low,
        high=high,
        unit="1",
        treated=launched,
        control=len(found.stores.names) - launched,
        coverage=len(found.stores.names) / (len(found.stores.names) + sum(found.left_out.values())),
        diagnostics={
            "method": "imputation, multiplicative",
            "interval": f"t with {chosen.freedom} degrees of freedom, one store left out at a time",
            "outcome": declared.outcome,
            "months": [months.label(0), months.label(months.count)],
            "outcomes": [
                *(_outcome("store", of, stores[of], found.stores) for of in OUTCOMES),
                *(_outcome("online", of, online[of], found.provinces) for of in OUTCOMES),
            ],
            "euros": _euros(stores["net"], found.stores),
            "euros_online": _euros(online["net"], found.provinces),
            "path": _path(chosen, found.stores, months),
            "path_online": _path(online[declared.outcome], found.provinces, months),
            "pre_trend": {"statistic": None, "df": chosen.freedom, "p": p},
            "leave_one_out": {
                name: float(without)
                for name, without in zip(found.stores.names, chosen.without[:, 0], strict=True)
            },
            "naive": {side: naive(places) for side, places in
                      (("store", found.stores), ("online", found.provinces))},
            "left_out": dict(found.left_out),
            "notes": list(_NOTES),
        },
    )  # fmt: skip
    if p < 0.01:
        return answer.refuse(
            f"before the launches the stores did not move as the others did (p = {p:.2g}), and "
            "with so few stores no bound can be given"
        )
    return answer


def _judged(places: Places, of: str, months: Months) -> Jackknife:
    """Estimate the share that the launch added, and the path, leaving out one unit a time."""
    launched = np.isfinite(places.cohort)
    if min(int(launched.sum()), int((~launched).sum())) < FEWEST:
        raise BadInput(
            f"{int(launched.sum())} places launched and {int((~launched).sum())} did not: an "
            f"answer needs {FEWEST} of each with sales before the first launch",
        )
    usual = places.values[of][:, : places.first].mean(axis=1, keepdims=True)
    if (usual <= 0).any():
        raise BadInput("a place sold nothing before the first launch")
    values = places.values[of]
    relative, weight = values / usual, usual[:, 0] / usual.mean()

    def numbers(kept: Bools) -> Floats:
        panel = _panel(relative[kept], places.cohort[kept], weight[kept], months)
        share = imputed_share(values[kept], panel.cohort, months.times)
        path = event_path(cohort_statistics(panel), months.times, STEPS)
        line = np.full(STEPS.before + STEPS.after + 1, np.nan)
        line[(path.at + STEPS.before + 1).astype(np.int64)] = path.effect
        return np.concatenate([[share], line])

    return jackknife(len(places.names), numbers)


def _panel(outcome: Floats, cohort: Floats, weight: Floats, months: Months) -> Panel:
    """Places by months, each counting as much as it usually sells: the sum is what is added to."""
    labels = tuple(months.label(place) for place in range(months.count))
    return Panel(
        unit=pa.array([str(place) for place in range(cohort.size)]),
        timeline=Timeline(months.times, labels, numeric=True),
        cohort=cohort,
        outcome=outcome,
        weight=np.repeat(weight[:, None], months.count, axis=1),
        rows=outcome.size,
    )


def _ends(found: Jackknife) -> tuple[float, float]:
    estimate, half = float(found.estimate[0]), float(found.half[0])
    return estimate - half, estimate + half


def _outcome(side: str, of: str, found: Jackknife, places: Places) -> dict[str, Any]:
    low, high = _ends(found)
    launched = int(np.isfinite(places.cohort).sum())
    return {
        "name": f"{of}_{side}",
        "unit": "1",
        "estimate": float(found.estimate[0]),
        "low": low,
        "high": high,
        "treated": launched,
        "control": len(places.names) - launched,
    }


def _euros(found: Jackknife, places: Places) -> dict[str, Any]:
    """What the share is worth, a place and month after the launch."""
    after = np.arange(places.values["net"].shape[1]) >= places.cohort[:, None]
    net = float(places.values["net"][after].mean())
    low, high = _ends(found)
    shares = {"estimate": float(found.estimate[0]), "low": low, "high": high}
    worth = {name: net * share / (1 + share) for name, share in shares.items()}
    return {"per": "place and month", **worth, "total": worth["estimate"] * float(after.sum())}


def _path(found: Jackknife, places: Places, months: Months) -> list[dict[str, float]]:
    """The path in shares of the months before; steps that rest on no launch are left out."""
    rows = []
    for number in range(STEPS.before + STEPS.after + 1):
        step = number - STEPS.before - 1
        estimate, half = float(found.estimate[number + 1]), float(found.half[number + 1])
        if step == -1 or not np.isfinite(estimate + half):
            continue
        first = step * STEPS.width
        seen = places.cohort + first + STEPS.width <= months.count
        rows.append(
            {
                "from_month": float(first),
                "to_month": float(first + STEPS.width - 1),
                "estimate": estimate,
                "low": estimate - half,
                "high": estimate + half,
                "treated": float((seen & np.isfinite(places.cohort)).sum()),
            }
        )
    return rows


def _before(found: Jackknife) -> float:
    """The p-value of the mean path before the launch; 1 where nothing is seen before."""
    steps = np.arange(-STEPS.before - 1, STEPS.after)
    seen = np.isfinite(found.estimate[1:]) & np.isfinite(found.half[1:]) & (steps < -1)
    if not seen.any():
        return 1.0
    load = np.concatenate([[0.0], seen / seen.sum()])
    known = np.isfinite(found.estimate)
    part = Jackknife(
        found.estimate[known], found.covariance[np.ix_(known, known)], found.without[:, known]
    )
    return part.p(load[known])


STUDY = Study(
    default=Declaration("click_and_collect_effect", "launch", baseline=3),
    label="Effect of click & collect",
    question="by what share did the launch of click & collect change the receipts of a store",
    rung=Rung.C,
    unit="1",
    find=find,
    notes=_NOTES,
    needs=(needs.SALES, needs.STORES, needs.LAUNCHES),
)
