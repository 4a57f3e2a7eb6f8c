"""Where click & collect made a province order more online: what did its stores lose or gain?"""

from dataclasses import replace
from typing import Any

import numpy as np

from tuttuno.effects.answer import Answer, Rung
from tuttuno.effects.diversion import Changes, diversion
from tuttuno.effects.event_path import Steps, step_loads
from tuttuno.effects.imputation import imputed_gap
from tuttuno.effects.jackknife import Jackknife, jackknife
from tuttuno.effects.numbers import Z95, Bools, Floats
from tuttuno.engine.port import Engine
from tuttuno.errors import BadInput
from tuttuno.studies import needs, slices
from tuttuno.studies.catchments import OUTCOMES
from tuttuno.studies.declaration import Declaration, WrongTreatment
from tuttuno.studies.markets import Markets, gather
from tuttuno.studies.months import Months, months_of
from tuttuno.studies.study import Study, Tables

#: Provinces with and without a launch that there must be, so that one can be left out.
FEWEST = 3

#: Below this, provinces that launched moved otherwise before.
CLEAR = 0.01

STEPS = Steps(before=3, after=6)

#: What is estimated of an outcome, in this order: changes a province and month in stores and
#: online, the same as shares of what would have been, and of both channels together.
_NUMBERS = ("store", "online", "store_share", "online_share", "both_share")

_NOTES = (
    (
        "Markets are provinces: all receipts of their stores, also those of buyers nobody knows, "
        "and online orders of buyers who live there, as far as they are known."
    ),
    (
        "Each province is compared in proportion to its own months before the first launch "
        "anywhere; what is told is the sum over provinces, so large ones count for more."
    ),
    (
        "Stores sell more to who comes to collect. So this is not what online sales take from "
        "stores in general, but what this way of making people order online did to both."
    ),
    (
        "Launches were not drawn by lot, and provinces are few: whatever else changed with them "
        "counts as theirs."
    ),
)


def find(declared: Declaration, engine: Engine, tables: Tables) -> Answer:
    """Compare both channels of provinces after a launch with provinces without one.

    Raises:
        BadInput: The treatment cannot be judged, or too few provinces can be compared.
    """
    if declared.treatment != "launch":
        raise WrongTreatment(
            f"unknown treatment {declared.treatment!r}", hint='declare treatment = "launch"'
        )
    months = months_of(declared, engine, tables["purchase"])
    markets = gather(declared, engine, tables, months)
    launched = int(np.isfinite(markets.cohort).sum())
    alone = markets.cohort.size - launched
    if min(launched, alone) < FEWEST:
        raise BadInput(
            f"{launched} provinces with a launch and {alone} without one can be compared: an "
            f"answer needs {FEWEST} of each in which no store opened or closed meanwhile"
        )
    usual = [side.values[of][:, : markets.store.first].mean(axis=1)
             for side in (markets.store, markets.online) for of in OUTCOMES]  # fmt: skip
    if min(float(one.min()) for one in usual) <= 0:
        raise BadInput("a province sold nothing in one channel before the first launch")
    return _told(declared, markets, months)


def _told(declared: Declaration, markets: Markets, months: Months) -> Answer:
    found = {of: _estimated(markets, of) for of in OUTCOMES}
    chosen = found[declared.outcome]
    ratio = diversion(_changes(chosen))
    size = slices.all_steps(STEPS).size
    paths = [slice(len(_NUMBERS) + side * size, len(_NUMBERS) + (side + 1) * size)
             for side in (0, 1)]  # fmt: skip
    placebo = slices.placebo(chosen, paths[0], STEPS)
    launched = int(np.isfinite(markets.cohort).sum())
    provinces = markets.cohort.size
    answer = replace(
        STUDY.nothing(),
        estimate=ratio.ratio,
        low=ratio.low,
        high=ratio.high,
        treated=launched,
        control=provinces - launched,
        coverage=provinces / (provinces + sum(markets.left_out.values())),
        diagnostics={
            "method": "imputation",
            "interval": f"Fieller, t with {chosen.freedom} degrees of freedom, one province left "
            "out at a time",
            "outcome": declared.outcome,
            "months": [months.label(0), months.label(months.count)],
            "outcomes": [
                {"name": f"{of}_{name}", "unit": "1", **_three(found[of], place)}
                for of in OUTCOMES
                for place, name in enumerate(("store", "online", "both"), 2)
            ],
            "euros": _euros(found["net"], markets),
            "path": slices.told_path(chosen, paths[0], STEPS),
            "path_online": slices.told_path(chosen, paths[1], STEPS),
            "pre_trend": {"statistic": None, "df": chosen.freedom, "p": placebo["p"]},
            "placebo": placebo,
            "leave_one_out": {
                name: -float(row[0]) / float(row[1])
                for name, row in zip(markets.store.names, chosen.without, strict=True)
                if row[1]
            },
            "left_out": dict(markets.left_out),
            "notes": list(_NOTES),
        },
    )  # fmt: skip
    if ratio.refused:
        return answer.refuse(ratio.refused)
    if placebo["p"] < CLEAR:
        return answer.refuse(
            "before the launches the stores of these provinces did not move as those of the others "
            f"did (p = {placebo['p']:.2g})"
        )
    return answer


def _estimated(markets: Markets, of: str) -> Jackknife:
    """All numbers with each province left out once."""
    sides = [side.values[of] for side in (markets.store, markets.online)]
    usual = [values[:, : markets.store.first].mean(axis=1) for values in sides]
    times = np.arange(sides[0].shape[1], dtype=np.float64)
    after = times >= markets.cohort[:, None]

    def numbers(kept: Bools) -> Floats:
        cohort, seen = markets.cohort[kept], after[kept]
        changes, without, lines = [], [], []
        for values, level in zip(sides, usual, strict=True):
            relative, weight = values[kept] / level[kept, None], level[kept]
            gap = imputed_gap(relative, weight, cohort, times) * weight[:, None]
            changes.append(float(gap[seen].mean()))
            without.append(float((values[kept][seen]).mean()) - changes[-1])
            lines.append(_line(relative, weight, cohort, times))
        shares = [change / base for change, base in zip(changes, without, strict=True)]
        return np.concatenate([changes, shares, [sum(changes) / sum(without)], *lines])

    return jackknife(markets.cohort.size, numbers)


def _line(relative: Floats, weight: Floats, cohort: Floats, times: Floats) -> Floats:
    """The path by quarter in shares of the months before; NaN where a step is not seen."""
    never = np.isinf(cohort)
    gap = relative - weight[never] @ relative[never] / weight[never].sum()
    at, loads = step_loads(cohort, weight, times, STEPS)
    every = slices.all_steps(STEPS)
    line = np.full(every.size, np.nan)
    line[np.isin(every, at)] = np.einsum("kgt,gt->k", loads, gap)
    return line


def _changes(found: Jackknife) -> Changes:
    wide = slices.widened(found)
    return Changes(
        float(found.estimate[0]), float(found.estimate[1]),
        float(wide[0, 0] ** 0.5), float(wide[1, 1] ** 0.5), float(wide[0, 1]),
    )  # fmt: skip


def _three(found: Jackknife, place: int) -> dict[str, float]:
    estimate, half = float(found.estimate[place]), float(found.half[place])
    return {"estimate": estimate, "low": estimate - half, "high": estimate + half}


def _euros(found: Jackknife, markets: Markets) -> dict[str, Any]:
    """New euros of both channels, a province and month after its launch."""
    part = Jackknife(found.estimate[:2], found.covariance[:2, :2], found.without[:, :2])
    both = float(part.estimate.sum())
    half = float(slices.widened(part).sum() ** 0.5) * Z95
    months = markets.store.values["net"].shape[1]
    lived = float(np.clip(months - markets.cohort[np.isfinite(markets.cohort)], 0, None).sum())
    return {
        "per": "province and month",
        "store": float(part.estimate[0]),
        "online": float(part.estimate[1]),
        "estimate": both,
        "low": both - half,
        "high": both + half,
        "total": both * lived,
    }


STUDY = Study(
    default=Declaration("cannibalisation_by_market", "launch", baseline=3),
    label="Cannibalisation by market",
    question="what share of the orders that a province newly places online since it can collect "
    "them did its stores lose",
    rung=Rung.C,
    unit="1",
    find=find,
    notes=_NOTES,
    needs=(needs.SALES, needs.ONLINE, needs.STORES, needs.LAUNCHES, needs.PROVINCES),
)
