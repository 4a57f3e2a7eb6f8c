"""What did the opening, or the closing, of a store change online in its catchment?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from scipy import stats

from tuttuno.effects.answer import Answer, Rung
from tuttuno.effects.choices import Method
from tuttuno.effects.numbers import Bools, Floats, critical
from tuttuno.effects.panel import Panel
from tuttuno.effects.synthetic import Synthetic, synthetic
from tuttuno.effects.timeline import Timeline
from tuttuno.engine.port import Engine
from tuttuno.errors import BadInput
from tuttuno.studies import crossing, needs
from tuttuno.studies.catchments import OUTCOMES, Places, naive
from tuttuno.studies.declaration import Declaration, WrongTreatment
from tuttuno.studies.months import Months, months_of
from tuttuno.studies.openings import FAR, NEAR, Around, gather
from tuttuno.studies.study import Study, Tables

#: Catchments without an opening that there must be, so that they can take its place.
FEWEST = 8

#: Orders a month that a catchment needs before: below, one order more is a large share.
LEAST = 5.0

#: Months in one step of the path, and steps shown before and after.
WIDTH, EARLIER, LATER = 3, 4, 6

#: Months before the first opening at which the placebo pretends one.
PRETENDED = 6

#: A placebo that is less probable than this refuses the answer.
CLEAR = 0.01

#: Placebo draws where several catchments are treated.
DRAWS = 50

_NOTES = (
    (
        "Online orders count in the province where their buyer lives, as far as she is known; "
        "what the store itself sells is no part of the answer."
    ),
    (
        "Provinces with an opening are compared with a weighted mix of provinces farther than "
        f"{FAR:.0f} km from it that moved alike before. Where stores open is no accident: growth "
        "that was coming anyway counts as theirs."
    ),
    (
        "Provinces where click & collect was launched in the months compared are left out, because "
        "it changes online orders too."
    ),
    (
        "The interval comes from provinces without an opening that take its place. It assumes "
        "that the noise of a province is that of counts: the fewer orders, the more of it."
    ),
)


@dataclass(frozen=True, slots=True)
class Judged:
    """The share that was added in some catchments, and what it was told from.

    Attributes:
        level: What would have been, in what was usual before.
        noise: Shape (placebos,): by how much the treated are noisier than who took their place.
    """

    share: float
    low: float
    high: float
    found: Synthetic
    level: float
    noise: Floats


def find(declared: Declaration, engine: Engine, tables: Tables) -> Answer:
    """Compare catchments after an opening with a mix of catchments without one.

    Raises:
        BadInput: The treatment cannot be judged, or too few catchments can be compared.
    """
    if declared.treatment not in {"opening", "closing"}:
        raise WrongTreatment(
            f"unknown treatment {declared.treatment!r}",
            hint='declare treatment = "opening" or "closing"',
        )
    months = months_of(declared, engine, tables["purchase"])
    around = gather(declared, engine, tables, months)
    told = {
        "outcome": declared.outcome,
        "event": declared.treatment,
        "places": [
            name
            for name, at in zip(around.own.names, around.own.cohort, strict=True)
            if np.isfinite(at)
        ],
        "stores": around.stores,
        "months": [months.label(0), months.label(months.count)],
        "crossing": crossing.found(engine, tables, months),
        "left_out": dict(around.left_out),
        "notes": list(_NOTES),
    }
    try:
        return _answer(declared, around, months, told)
    except BadInput as exc:
        # what is counted and not compared stands without the comparison
        return replace(STUDY.nothing().refuse(str(exc)), diagnostics=told)


def _answer(
    declared: Declaration, around: Around, months: Months, told: Mapping[str, Any]
) -> Answer:
    event = "opened" if declared.treatment == "opening" else "closed"
    if not np.isfinite(around.own.cohort).any():
        raise BadInput(
            f"no store {event} in a province with online orders before and after",
            hint=f"take in stores with the day they {event} (`{event}_on`)",
        )
    judged = {of: _judged(around.own, of, months, declared) for of in OUTCOMES}
    chosen = judged[declared.outcome]
    placebo = _placebo(around.own, declared.outcome, months)
    answer = replace(
        STUDY.nothing(),
        estimate=chosen.share,
        low=chosen.low,
        high=chosen.high,
        treated=chosen.found.treated,
        control=chosen.found.control,
        coverage=len(around.own.names) / (len(around.own.names) + sum(around.left_out.values())),
        diagnostics={
            **told,
            "method": "synthetic difference in differences",
            "interval": f"t with {chosen.found.freedom} degrees of freedom, spread of "
            f"{chosen.found.placebos.size} placebos",
            "outcomes": [_outcome(f"{of}_online", one) for of, one in judged.items()],
            "rings": _rings(around.near, around.further, declared, months),
            "euros": _euros(judged["net"], around.own),
            "path": _path(chosen),
            "placebo": placebo,
            "donors": _donors(chosen.found),
            "naive": naive(around.own),
        },
    )
    if placebo is not None and placebo["p"] < CLEAR:
        return answer.refuse(
            f"{PRETENDED} months before the first store {event} these provinces already moved "
            f"away from the others (p = {placebo['p']:.2g})"
        )
    return answer


def _judged(places: Places, of: str, months: Months, declared: Declaration) -> Judged:
    """Estimate the share added; `usual` is what each place sold before anybody was treated."""
    relative, cohort, usual = _relative(places, of)
    treated = np.isfinite(cohort)
    if int((~treated).sum()) < max(FEWEST, int(treated.sum()) + 1):
        raise BadInput(
            f"{int((~treated).sum())} provinces without an opening or closing near are too few to "
            f"compare {int(treated.sum())} with: an answer needs {FEWEST}, and more than treated",
            hint="provinces where click & collect was launched in these months are no comparison: "
            "declare months without launches",
        )
    found = synthetic(
        _panel(relative, cohort, months), Method.SDID, anticipation=declared.anticipation,
        draws=DRAWS,
    )  # fmt: skip
    after = months.times >= cohort[:, None]
    level = float(relative[after].mean())
    without = level - found.estimate
    noise = noisier(usual, treated, found)
    half = critical(found.freedom) * spread(found.placebos * noise) / without
    share = found.estimate / without
    return Judged(share, share - half, share + half, found, without, noise)


def noisier(usual: Floats, treated: Bools, found: Synthetic) -> Floats:
    """How much noisier the treated are than the controls that played them, draw by draw.

    The mean of counts in proportion to their usual level has a variance of one over that level.
    Source: Ferman & Pinto (2019), Inference in differences-in-differences with few treated
    groups and heteroskedasticity, Review of Economics and Statistics 101(3).
    """
    own = (1 / usual[treated]).mean()
    others = (1 / usual[~treated])[found.played].mean(axis=1)
    ratio: Floats = np.sqrt(own / others)
    return ratio


def _relative(places: Places, of: str) -> tuple[Floats, Floats, Floats]:
    first = places.first
    usual = places.values[of][:, :first].mean(axis=1)
    kept = (places.values["orders"][:, :first].mean(axis=1) >= LEAST) & (usual > 0)
    if not np.isfinite(places.cohort[kept]).any():
        raise BadInput(
            f"no province with {LEAST:.0f} online orders a month before has an opening or closing"
        )
    orders = places.values["orders"][kept, :first].mean(axis=1)
    return places.values[of][kept] / usual[kept, None], places.cohort[kept], orders


def _panel(outcome: Floats, cohort: Floats, months: Months) -> Panel:
    labels = tuple(months.label(place) for place in range(outcome.shape[1]))
    return Panel(
        unit=pa.array([str(place) for place in range(cohort.size)]),
        timeline=Timeline(months.times[: outcome.shape[1]], labels, numeric=True),
        cohort=cohort,
        outcome=outcome,
        rows=outcome.size,
    )


def spread(placebos: Floats) -> float:
    """Standard error from effects that were found where there was none; zero is their mean."""
    return float(np.sqrt((placebos**2).sum() / (placebos.size - 1)))


def _placebo(places: Places, of: str, months: Months) -> dict[str, float] | None:
    """Pretend that all was half a year before the first opening; None without time before it."""
    relative, cohort, usual = _relative(places, of)
    first = places.first
    pretended = first - PRETENDED
    if pretended < PRETENDED:
        return None
    sooner = np.where(np.isfinite(cohort), float(pretended), np.inf)
    found = synthetic(_panel(relative[:, :first], sooner, months), Method.SDID, draws=DRAWS)
    se = spread(found.placebos * noisier(usual, np.isfinite(cohort), found))
    half = critical(found.freedom) * se
    p = 2 * float(stats.t.sf(abs(found.estimate) / se, found.freedom)) if se else 1.0
    return {
        "estimate": found.estimate,
        "low": found.estimate - half,
        "high": found.estimate + half,
        "p": p,
    }


def _outcome(name: str, one: Judged) -> dict[str, Any]:
    return {
        "name": name,
        "unit": "1",
        "estimate": one.share,
        "low": one.low,
        "high": one.high,
        "treated": one.found.treated,
        "control": one.found.control,
    }


def _rings(
    near: Places, further: Places, declared: Declaration, months: Months
) -> list[dict[str, Any]]:
    """The halo: the same in provinces around, where there are any."""
    rows = []
    for places, low, high in ((near, 0.0, NEAR), (further, NEAR, FAR)):
        try:
            one = _judged(places, declared.outcome, months, declared)
        except BadInput:
            continue
        rows.append({"from_km": low, "to_km": high, **_outcome(declared.outcome, one)})
    return rows


def _euros(one: Judged, places: Places) -> dict[str, Any]:
    """What the share is worth, a province and month after the opening."""
    after = np.arange(places.values["net"].shape[1]) >= places.cohort[:, None]
    net = float(places.values["net"][after].mean())
    shares = {"estimate": one.share, "low": one.low, "high": one.high}
    worth = {name: net * share / (1 + one.share) for name, share in shares.items()}
    return {"per": "province and month", **worth, "total": worth["estimate"] * float(after.sum())}


def _path(one: Judged) -> list[dict[str, float]]:
    """The path by quarter in shares of what would have been; the step before is its zero."""
    found, rows = one.found, []
    for step in range(-EARLIER, LATER):
        here = (found.event >= step * WIDTH) & (found.event < (step + 1) * WIDTH)
        if int(here.sum()) < WIDTH:
            continue
        gap = float(found.gap[here].mean()) / one.level
        se = spread(found.gap_placebos[:, here].mean(axis=1) * one.noise) / one.level
        half = critical(found.freedom) * se
        rows.append(
            {
                "from_month": float(step * WIDTH),
                "to_month": float((step + 1) * WIDTH - 1),
                "estimate": gap,
                "low": gap - half,
                "high": gap + half,
                "treated": float(found.treated),
            }
        )
    return rows


def _donors(found: Synthetic) -> float:
    """How many provinces the mix amounts to: one over the sum of squared weights."""
    return float(1 / (found.unit_weights**2).sum())


STUDY = Study(
    default=Declaration("store_role", "opening", baseline=3),
    label="Effect of a new store",
    question="by what share did the opening of a store change the online orders around it",
    rung=Rung.C,
    unit="1",
    find=find,
    notes=_NOTES,
    needs=(needs.SALES, needs.ONLINE, needs.STORES, needs.PROVINCES),
)
