"""In which categories do stores lose most of what members newly buy online?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tuttuno.effects.answer import Answer
from tuttuno.effects.diversion import Changes, diversion
from tuttuno.effects.event_path import Steps
from tuttuno.effects.jackknife import Jackknife, jackknife
from tuttuno.effects.numbers import Bools, Floats
from tuttuno.engine.port import Engine
from tuttuno.studies import cannibalisation, categories, needs, slices
from tuttuno.studies import seen as seeing
from tuttuno.studies.cannibalisation import completed
from tuttuno.studies.comparing import CLEAR, enough
from tuttuno.studies.declaration import Declaration, WrongTreatment
from tuttuno.studies.members import going_online
from tuttuno.studies.months import Months, months_of
from tuttuno.studies.seen import Seen
from tuttuno.studies.slices import Sliced
from tuttuno.studies.study import Study, Tables

#: Positions of what was bought in the store and online, by what is told.
_SIDES = {"lines": (0, 1), "net": (2, 3)}

_NOTES = (
    (
        "Who takes part and what is compared is that of cannibalisation; it is told in articles "
        "on receipts, and the parts are the first level of the categories."
    ),
    (
        "Categories are compared with each other within the same persons. Which category she "
        "would have bought without the online shop is not asked: a coat bought online in place of "
        "shoes in a store is a gain of one and a loss of the other."
    ),
    (
        "Of many categories one in twenty lies outside of its interval by chance: look at the test "
        "of all of them before you look at one."
    ),
)


@dataclass(frozen=True, slots=True)
class _Numbers:
    """What is estimated with each slice left out, and where it stands in the jackknife.

    The effects by part and value (the whole is the first part), then the path of the whole in
    the store and online, then of each part how much more its stores lose than all do.
    """

    parts: int
    steps: Steps

    def changes(self, found: Jackknife, part: int, of: str) -> Changes:
        """The two changes of a part; 0 is the whole."""
        old, new = (part * len(categories.VALUES) + side for side in _SIDES[of])
        wide = slices.widened(found)
        return Changes(
            float(found.estimate[old]), float(found.estimate[new]),
            float(wide[old, old] ** 0.5), float(wide[new, new] ** 0.5), float(wide[old, new]),
        )  # fmt: skip

    def path(self, side: int) -> slice:
        """Where the path stands."""
        start = (self.parts + 1) * len(categories.VALUES)
        size = slices.all_steps(self.steps).size
        return slice(start + side * size, start + (side + 1) * size)

    def beyond(self, part: int) -> int:
        """Where the loss of a part beyond that of the whole stands."""
        start: int = self.path(1).stop
        return start + part - 1


def find(declared: Declaration, engine: Engine, tables: Tables) -> Answer:
    """Compare members who begin to buy online with members who do not, category by category.

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
    members = roll.members.select("person_id", "cohort")
    cells = categories.bought(tables, months, members)
    asked = {
        **slices.queries(members, cells, categories.VALUES),
        **seeing.queries(tables, roll.members),
        "reasons": roll.reasons,
    }
    found = {name: engine.run(query) for name, query in asked.items()}
    whole = slices.sliced(found, categories.VALUES, months)
    enough(whole.treated, whole.control, *cannibalisation.WHO)
    left = {row["reason"]: row["persons"] for row in found["reasons"].to_pylist()}
    return _told(declared, whole, months, (left, seeing.seen(found)))


def _told(
    declared: Declaration,
    whole: Sliced,
    months: Months,
    about: tuple[Mapping[str, int], Seen | None],
) -> Answer:
    left, seen = about
    of = "net" if declared.outcome == "net" else STUDY.counted
    numbers = _Numbers(len(whole.parts), Steps(anticipation=declared.anticipation))
    found = _estimated(whole, numbers, of, declared.anticipation)
    ratios = {each: diversion(completed(numbers.changes(found, 0, each), seen)) for each in _SIDES}
    chosen = ratios[of]
    rows = [_row(whole, found, numbers, (place, of), seen) for place in range(len(whole.parts))]
    known = [place for place, row in enumerate(rows, 1) if row["estimate"] is not None]
    placebo = slices.placebo(found, numbers.path(0), numbers.steps)
    answer = replace(
        STUDY.nothing(),
        estimate=chosen.ratio,
        low=chosen.low,
        high=chosen.high,
        treated=whole.treated,
        control=whole.control,
        coverage=left.get("", 0) / max(sum(left.values()), 1),
        diagnostics={
            "method": "imputation",
            "interval": f"Fieller, t with {found.freedom} degrees of freedom, one slice of the "
            "buyers left out at a time",
            "outcome": of,
            "months": [months.label(0), months.label(months.count)],
            "outcomes": [
                {"name": each, "unit": "1", "diversion": one.ratio, "low": one.low,
                 "high": one.high}
                for each, one in ratios.items()
            ],
            "by_category": sorted(rows, key=lambda row: -row["online"]),
            "alike": slices.unlike(found, [numbers.beyond(place) for place in known[1:]]),
            "triple": _triple(whole, found, of, seen),
            "seen": seen,
            "path": slices.told_path(found, numbers.path(0), numbers.steps),
            "path_online": slices.told_path(found, numbers.path(1), numbers.steps),
            "pre_trend": {"statistic": None, "df": found.freedom, "p": placebo["p"]},
            "placebo": placebo,
            "left_out": {reason: count for reason, count in left.items() if reason},
            "notes": [cannibalisation.seen_note(seen), *_NOTES],
        },
    )  # fmt: skip
    if chosen.refused:
        return answer.refuse(chosen.refused)
    if placebo["p"] < CLEAR:
        return answer.refuse(
            f"before treatment the treated did not move as the others did (p = {placebo['p']:.2g})"
        )
    return answer


def _estimated(whole: Sliced, numbers: _Numbers, of: str, anticipation: int) -> Jackknife:
    """All numbers with each slice of the buyers left out once."""
    every = whole.together()
    old, new = _SIDES[of]

    def each(kept: Bools) -> Floats:
        parts = slices.effects(whole, kept, anticipation=anticipation)
        sums = parts.sum(axis=0)
        path = slices.paths(every, kept, numbers.steps)[0]
        with np.errstate(divide="ignore", invalid="ignore"):
            beyond = -parts[:, old] / parts[:, new] + sums[old] / sums[new]
        return np.concatenate(
            [sums, parts.ravel(), path[old], path[new], np.nan_to_num(beyond, posinf=0, neginf=0)]
        )

    return jackknife(slices.SLICES, each)


def _row(
    whole: Sliced, found: Jackknife, numbers: _Numbers, which: tuple[int, str], seen: Seen | None
) -> dict[str, Any]:
    """One category: what changed in it, and the share that its stores lost, where it is known."""
    place, of = which
    changes = completed(numbers.changes(found, place + 1, of), seen)
    row: dict[str, Any] = {
        "category": whole.parts[place],
        "store": changes.old,
        "online": changes.new,
        "estimate": None,
        "low": None,
        "high": None,
    }
    if changes.new <= 0:
        return row
    ratio = diversion(changes)
    told = {"estimate": ratio.ratio, "low": ratio.low, "high": ratio.high}
    return row if ratio.refused else {**row, **told}


def _triple(whole: Sliced, found: Jackknife, of: str, seen: Seen | None) -> dict[str, float] | None:
    """The share lost beyond what the same persons stopped buying where nothing is sold online.

    What makes a person buy less of everything, such as a move, is taken off in proportion to
    what members never treated buy of each: person by category by time. None where every
    category is sold online. Fewer visits may cost the stores such a category as well; then this
    takes off a loss that going online did cause.
    """
    old, new = _SIDES[of]
    online = whole.sums[:, :, new].sum(axis=(0, 2, 3))
    usual = whole.sums[:, :, old][:, :, np.isinf(whole.cohort)].sum(axis=(0, 2, 3))
    untouched = (online == 0) & (usual > 0)
    if not untouched.any() or not usual[~untouched].any():
        return None
    share = usual[~untouched].sum() / usual[untouched].sum()
    size = len(categories.VALUES)
    load = np.zeros((len(untouched) + 1) * size)
    load[size + old :: size] = np.where(untouched, -share, 1.0)
    wide = slices.widened(found)[: load.size, : load.size]
    changes = Changes(
        float(load @ found.estimate[: load.size]), float(found.estimate[new]),
        float((load @ wide @ load) ** 0.5), float(wide[new, new] ** 0.5),
        float(load @ wide[new]),
    )  # fmt: skip
    ratio = diversion(completed(changes, seen))
    return {"estimate": ratio.ratio, "low": ratio.low, "high": ratio.high}


STUDY = Study(
    default=Declaration("cannibalisation_by_category", "first_online_purchase"),
    label="Cannibalisation by category",
    question="what share of the articles that members newly buy online did the stores lose, and "
    "in which categories",
    rung=cannibalisation.STUDY.rung,
    unit="1",
    find=find,
    notes=_NOTES,
    needs=(*cannibalisation.STUDY.needs, needs.CATEGORIES),
    counted="lines",
)
