"""Does who first bought a category in a store buy more of it online, because she knows it?"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import ibis
import numpy as np

from tuttuno.effects.answer import Answer, Rung
from tuttuno.effects.event_path import Steps, step_loads
from tuttuno.effects.imputation import imputed_level
from tuttuno.effects.jackknife import Jackknife, jackknife
from tuttuno.effects.numbers import Bools, Floats
from tuttuno.engine.port import Engine
from tuttuno.engine.semantics import total
from tuttuno.studies import cannibalisation, categories, needs, slices
from tuttuno.studies.comparing import CLEAR, enough
from tuttuno.studies.declaration import Declaration, WrongTreatment
from tuttuno.studies.members import chosen
from tuttuno.studies.months import Months, months_of
from tuttuno.studies.slices import Sliced
from tuttuno.studies.study import Study, Tables
from tuttuno.studies.sums import NEVER

TREATMENT = "first_store_purchase"

#: What is added up of a person, category and month: online articles and euros of the category,
#: and the same of a mean category that she never buys in a store.
_VALUES = ("lines", "net", "other_lines", "other_net")

_SIDES = {"lines": (0, 2), "net": (1, 3)}

#: Who is compared with whom.
_WHO = (
    "members who buy online first bought a category in a store in the months looked at",
    "have a category that they have not",
)

#: Months before treatment, at least: a level that rests on fewer is mostly noise.
LEAST_BEFORE = 3

#: Who buys the category in a store in the months that only say who takes part, or too soon after.
_KNOWN_BEFORE = "bought_before"

#: Who buys every other category in a store: nothing of hers stays untouched.
_NO_OTHERS = "no_others"

_NOTES = (
    (
        "Everybody was a member before the first month, so that her store purchases are seen, and "
        "bought online in the months that only say who takes part. A purchase without the card is "
        "not seen: it makes the effect look smaller."
    ),
    (
        "Of each person, online purchases of the category are compared with those of categories "
        "that she never buys in a store, before and after, and with persons who have not bought "
        "the category in a store: what makes a person buy more of everything is taken off."
    ),
    (
        "The month of the store purchase and the one before belong to no comparison. A taste that "
        "turns to one category in both channels at once is not told apart."
    ),
)


def find(declared: Declaration, engine: Engine, tables: Tables) -> Answer:
    """Compare online purchases of a category before and after its first purchase in a store.

    Raises:
        BadInput: The treatment cannot be judged, or there is nobody to compare.
    """
    if declared.treatment != TREATMENT:
        raise WrongTreatment(
            f"unknown treatment {declared.treatment!r}", hint=f'declare treatment = "{TREATMENT}"'
        )
    months = months_of(declared, engine, tables["purchase"])
    panel = months.after(declared.baseline)
    units = engine.keep("_study_units", _units(declared, tables, months))
    try:
        here = units.filter(units.reason == "")
        counted = {
            "reasons": units.group_by("reason").agg(units=units.count()),
            "persons": here.group_by(treated=here.cohort != NEVER).agg(
                persons=here.person_id.nunique()
            ),
        }
        asked = {**slices.queries(here, _cells(units, tables, panel), _VALUES), **counted}
        found = {name: engine.run(query) for name, query in asked.items()}
    finally:
        engine.drop("_study_units")
    people = {row["treated"]: row["persons"] for row in found["persons"].to_pylist()}
    enough(people.get(True, 0), people.get(False, 0), *_WHO)
    whole = slices.sliced(found, _VALUES, panel)
    left = {row["reason"]: row["units"] for row in found["reasons"].to_pylist()}
    return _told(declared, whole, panel, (people, left))


def _units(declared: Declaration, tables: Tables, months: Months) -> ibis.Table:
    """Each member who buys online with each category, and since when she buys it in a store."""
    person = chosen(tables["person"], declared)
    person = person.filter(person.enrolled_on < months.start)
    month = tables["person_month"]
    place = months.position(month.month)
    early = month.filter((place >= 0) & (place < declared.baseline) & (month.orders_online > 0))
    people = person.semi_join(early, "person_id").select("person_id")
    bought = categories.bought(tables, months, people)
    parts = categories.known(tables, months)
    in_store = bought.filter(bought.lines_store > 0)
    first = in_store.group_by("person_id", "part").agg(first=in_store.month.min())
    units = people.cross_join(parts).left_join(first, ["person_id", "part"])
    after = units.first - declared.baseline
    soon = after < declared.anticipation + LEAST_BEFORE
    units = units.select(
        "person_id",
        "part",
        cohort=after.fill_null(NEVER).cast("int64"),
        reason=ibis.ifelse(soon.fill_null(False), _KNOWN_BEFORE, ""),
    )
    untouched = units.cohort == NEVER
    by = units.group_by("person_id")
    others = by.mutate(untouched=untouched.cast("int64").sum())
    others = others.mutate(others=others.untouched - (others.cohort == NEVER).cast("int64"))
    alone = (others.reason == "") & (others.others == 0)
    return others.mutate(reason=ibis.ifelse(alone, _NO_OTHERS, others.reason))


def _cells(every: ibis.Table, tables: Tables, months: Months) -> ibis.Table:
    """Online purchases of each unit by month, beside those of a mean untouched category.

    A category that is no unit itself, because it is the only untouched one, is untouched
    nevertheless.
    """
    units = every.filter(every.reason == "")
    bought = categories.bought(tables, months, units)
    online = bought.filter((bought.lines_online > 0) | (bought.net_online != 0))
    untouched = every.filter(every.cohort == NEVER).select("person_id", "part")
    rest = online.inner_join(untouched, ["person_id", "part"])
    rest = rest.group_by("person_id", "month").agg(
        all_lines=total(rest.lines_online), all_net=total(rest.net_online)
    )
    own = online.select("person_id", "part", "month", "lines_online", "net_online")
    mine = own.inner_join(units.select("person_id", "part"), ["person_id", "part"]).select(
        "person_id", "part", "month", lines="lines_online", net="net_online",
        other_lines=ibis.literal(0.0), other_net=ibis.literal(0.0),
    )  # fmt: skip
    spread = units.inner_join(rest, "person_id").left_join(own, ["person_id", "part", "month"])
    hers = spread.cohort == NEVER
    share = spread.others.cast("float64")
    own_lines = ibis.ifelse(hers, spread.lines_online.fill_null(0.0), 0.0)
    own_net = ibis.ifelse(hers, spread.net_online.fill_null(0.0), 0.0)
    others = spread.select(
        "person_id", "part", "month", lines=ibis.literal(0.0), net=ibis.literal(0.0),
        other_lines=(spread.all_lines - own_lines) / share,
        other_net=(spread.all_net - own_net) / share,
    )  # fmt: skip
    return mine.union(others, distinct=False)


def _told(
    declared: Declaration,
    whole: Sliced,
    months: Months,
    about: tuple[Mapping[bool, int], Mapping[str, int]],
) -> Answer:
    people, left = about
    of = "net" if declared.outcome == "net" else STUDY.counted
    steps = Steps(anticipation=declared.anticipation)
    parts = len(whole.parts)
    found = jackknife(slices.SLICES, lambda kept: _numbers(whole, kept, of, steps))
    here = slice(4 + parts, found.estimate.size)
    placebo = slices.placebo(found, here, steps)
    unit = "online articles" if of == "lines" else "EUR"
    said = {each: _three(found, place) for place, each in enumerate(("lines", "net"))}
    answer = replace(
        STUDY.nothing(),
        **said[of],
        unit=f"{unit} per person, category and month",
        treated=people[True],
        control=people[False],
        coverage=left.get("", 0) / max(sum(left.values()), 1),
        diagnostics={
            "method": "imputation in proportion, triple difference",
            "interval": f"t with {found.freedom} degrees of freedom, one slice of the buyers left "
            "out at a time",
            "outcome": of,
            "months": [months.label(0), months.label(months.count)],
            "outcomes": [
                {"name": name, "unit": f"{each} per person, category and month", **said[name]}
                for name, each in (("lines", "online articles"), ("net", "EUR"))
            ],
            "usual": float(found.estimate[2]),
            "without_others": _three(found, 3),
            "by_category": [
                {"category": part, **_three(found, 4 + place)}
                for place, part in enumerate(whole.parts)
            ],
            "path": slices.told_path(found, here, steps),
            "pre_trend": {"statistic": None, "df": found.freedom, "p": placebo["p"]},
            "placebo": placebo,
            "naive": _naive(whole, of),
            "left_out": {reason: count for reason, count in left.items() if reason},
            "notes": list(_NOTES),
        },
    )  # fmt: skip
    if placebo["p"] < CLEAR:
        return answer.refuse(
            "before their first purchase in a store the treated did not move as the others did "
            f"(p = {placebo['p']:.2g})"
        )
    return answer


def _numbers(whole: Sliced, kept: Bools, of: str, steps: Steps) -> Floats:
    """The effect in articles, in euros, what is usual, the plain one, by category, the path.

    Categories are averaged by the months that their treated lived since.
    """
    own, _ = _SIDES[of]
    lived, usual = _lived(whole, kept, own)
    found = [_of_category(whole, kept, part, steps) for part in range(len(whole.parts))]
    beyond = np.array([effect for effect, _, _ in found])
    plain = np.array([alone for _, alone, _ in found])
    path = np.array([steps_of for _, _, steps_of in found])
    chosen = 1 if of == "net" else 0
    return np.concatenate(
        [
            _mean(beyond, lived),
            [usual],
            _mean(plain[:, [chosen]], lived),
            beyond[:, chosen],
            _mean(path[:, chosen], lived),
        ]
    )


def _of_category(
    whole: Sliced, kept: Bools, part: int, steps: Steps
) -> tuple[Floats, Floats, Floats]:
    """The effect in articles and euros, the plain one, and the path of both; NaN where unseen.

    All in proportion: what a buyer newly buys of her other categories is taken off by as much
    more as she buys of this one. Amounts would be taken off too little where she likes it more.
    """
    units = whole.units[kept, part].sum(axis=0)
    here = (units > 0) & (whole.cohort > steps.anticipation)
    units, cohort = units[here], whole.cohort[here]
    sums = whole.sums[kept, part].sum(axis=0)[:, here]
    times, every = np.arange(sums.shape[-1], dtype=np.float64), slices.all_steps(steps)
    path = np.full((2, every.size), np.nan)
    lived = times > cohort[:, None]
    if not lived.any() or not np.isinf(cohort).any():
        return np.full(2, np.nan), np.full(2, np.nan), path
    level = imputed_level(sums, units, cohort, times, anticipation=steps.anticipation)
    after, foretold = ((grid * lived).sum(axis=(1, 2)) for grid in (sums, level))
    alike = np.divide(foretold[:2], foretold[2:], out=np.full(2, np.nan), where=foretold[2:] > 0)
    gap = (sums - level) / units[:, None]
    beyond = gap[:2] - alike[:, None, None] * gap[2:]
    plain = after[:2] - foretold[:2]
    more = plain - alike * (after[2:] - foretold[2:])
    size = float((lived * units[:, None]).sum())
    at, loads = step_loads(cohort, units, times, steps)
    path[:, np.isin(every, at)] = np.einsum("kgt,vgt->vk", loads, beyond)
    return more / size, plain / size, path


def _lived(whole: Sliced, kept: Bools, own: int) -> tuple[Floats, float]:
    """Unit-months since treatment by category, and what the treated buy in a month before it."""
    units, sums = whole.units[kept].sum(axis=0), whole.sums[kept].sum(axis=0)
    times = np.arange(sums.shape[-1], dtype=np.float64)
    treated = np.isfinite(whole.cohort) & (whole.cohort > 1)
    after = np.clip(times.size - whole.cohort[treated] - 1, 0, None)
    before = times < whole.cohort[treated][:, None]
    months = float((units[:, treated].sum(axis=0) @ before).sum())
    usual = float((sums[:, own][:, treated] * before).sum()) / max(months, 1.0)
    lived: Floats = units[:, treated] @ after
    return lived, usual


def _mean(parts: Floats, weight: Floats) -> Floats:
    """Averages over categories; what a category does not show, the others say."""
    known = np.isfinite(parts)
    weights = known * weight[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: Floats = (np.where(known, parts, 0.0) * weights).sum(axis=0) / weights.sum(axis=0)
    return mean


def _three(found: Jackknife, place: int) -> dict[str, Any]:
    value, half = float(found.estimate[place]), float(found.half[place])
    return {"estimate": value, "low": value - half, "high": value + half}


def _naive(whole: Sliced, of: str) -> dict[str, float]:
    """Online articles a month of who bought the category in a store, beside who did not."""
    own, _ = _SIDES[of]
    sums, units = whole.sums[:, :, own].sum(axis=(0, 1)), whole.units.sum(axis=(0, 1))
    times = np.arange(sums.shape[-1])
    never = np.isinf(whole.cohort)
    after = (times >= whole.cohort[:, None]) & ~never[:, None]
    late = float(sums[after].sum() / max((after * units[:, None]).sum(), 1))
    none = float(sums[never].sum() / max(units[never].sum() * times.size, 1))
    return {"treated": late, "control": none, "difference": late - none}


STUDY = Study(
    default=Declaration("familiarity_effect", TREATMENT, baseline=12, anticipation=1),
    label="Effect of knowing the product",
    question="by how much does the first purchase of a category in a store change what an online "
    "buyer buys of it online",
    rung=Rung.C,
    unit="online articles per person, category and month",
    find=find,
    notes=_NOTES,
    needs=(*cannibalisation.STUDY.needs, needs.CATEGORIES),
    counted="lines",
)
