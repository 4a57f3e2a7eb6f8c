"""Buyers in forty slices by number: leaving out one slice at a time tells how unsure a sum is.

What one person does in several categories hangs together. She is in one slice with all of it,
so the spread over slices has it in, and the engine has to add up nothing but sums.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis
import numpy as np
import pyarrow as pa
from scipy import stats

from tuttuno.effects.event_path import Steps, step_loads
from tuttuno.effects.imputation import imputed_gap
from tuttuno.effects.jackknife import Jackknife
from tuttuno.effects.numbers import Z95, Bools, Floats, Ints, critical
from tuttuno.engine.semantics import total
from tuttuno.studies.months import Months
from tuttuno.studies.sums import NEVER

#: How many slices. The delete-a-group jackknife: Kott (2001), Journal of Official Statistics 17(4).
SLICES = 40


@dataclass(frozen=True, slots=True)
class Sliced:
    """Sums over units by slice, part, value, month of treatment and month.

    Attributes:
        parts: What units or outcomes are divided into, such as categories.
        cohort: Shape (cohorts,): position of the month of treatment, infinity for never.
        units: Shape (slices, parts, cohorts).
        sums: Shape (slices, parts, values, cohorts, months).
    """

    parts: tuple[str, ...]
    cohort: Floats
    units: Floats
    sums: Floats

    @property
    def treated(self) -> int:
        """Units with a month of treatment; of one part, where all parts have the same."""
        return int(self.units[..., np.isfinite(self.cohort)].sum(axis=(0, 2)).max(initial=0))

    @property
    def control(self) -> int:
        """Units that are never treated, counted alike."""
        return int(self.units[..., np.isinf(self.cohort)].sum(axis=(0, 2)).max(initial=0))

    def together(self) -> "Sliced":
        """All parts as one; the units of a part are those of the whole."""
        return Sliced(("",), self.cohort, self.units[:, :1], self.sums.sum(axis=1, keepdims=True))


def queries(
    members: ibis.Table, cells: ibis.Table, values: Sequence[str]
) -> Mapping[str, ibis.Table]:
    """Ask for the sums.

    Args:
        members: `person_id`, `cohort` and perhaps `part`, one row for each unit.
        cells: `person_id`, `part`, `month` (a position) and the values.
        values: Columns of `cells` to add up.
    """
    keys = ["person_id", "part"] if "part" in members.columns else ["person_id"]
    rows = cells.inner_join(members, keys).mutate(slice=lambda each: each.person_id % SLICES)
    units = members.mutate(slice=members.person_id % SLICES)
    by = ["slice", "cohort", *keys[1:]]
    return {
        "sizes": units.group_by(*by).agg(units=units.count()),
        "sums": rows.group_by("slice", "part", "cohort", "month").agg(
            **{name: total(rows[name].cast("float64")) for name in values}
        ),
    }


def sliced(found: Mapping[str, pa.Table], values: Sequence[str], months: Months) -> Sliced:
    """Arrange what an engine added up; sizes without parts are those of every part."""
    sizes, sums = found["sizes"], found["sums"]
    parts = sorted(set(sums["part"].to_pylist()))
    cohorts = sorted(set(sizes["cohort"].to_pylist()))
    units = np.zeros((SLICES, len(parts), len(cohorts)))
    piece, cohort_at = _whole(sizes["slice"]), _places(sizes["cohort"], cohorts)
    if "part" in sizes.column_names:
        known = np.isin(sizes["part"].to_pylist(), parts)
        part = _places(sizes["part"].filter(pa.array(known)), parts)
        np.add.at(units, (piece[known], part, cohort_at[known]), _numbers(sizes["units"])[known])
    else:
        np.add.at(units.transpose(0, 2, 1), (piece, cohort_at), _numbers(sizes["units"])[:, None])
    grid = np.zeros((SLICES, len(parts), len(values), len(cohorts), months.count))
    at = (_whole(sums["slice"]), _places(sums["part"], parts))
    then = (_places(sums["cohort"], cohorts), _whole(sums["month"]))
    for place, name in enumerate(values):
        np.add.at(grid[:, :, place], (*at, *then), _numbers(sums[name]))
    cohort = np.array([np.inf if one == NEVER else float(one) for one in cohorts])
    return Sliced(tuple(parts), cohort, units, grid)


def effects(whole: Sliced, kept: Bools, *, anticipation: int = 0, first: int = 0) -> Floats:
    """Mean effect per treated unit and month, by part and value; NaN for a part without any.

    Args:
        whole: The sums.
        kept: Shape (slices,): which slices count.
        anticipation: Months before treatment in which it may already act.
        first: Months since treatment that are left out.
    """
    units, sums = whole.units[kept].sum(axis=0), whole.sums[kept].sum(axis=0)
    times = np.arange(sums.shape[-1], dtype=np.float64)
    found = np.full(sums.shape[:2], np.nan)
    for size in np.unique(units, axis=0):
        parts = np.flatnonzero((units == size).all(axis=1))
        here = (size > 0) & (whole.cohort > anticipation)
        cohort = whole.cohort[here]
        weight = (times >= (cohort + first)[:, None]) * size[here][:, None]
        if weight.any() and np.isinf(cohort).any():
            means = sums[parts][:, :, here] / size[here][:, None]
            gap = imputed_gap(means, size[here], cohort, times, anticipation=anticipation)
            found[parts] = (gap * weight).sum(axis=(2, 3)) / weight.sum()
    return found


def paths(whole: Sliced, kept: Bools, steps: Steps) -> Floats:
    """Effects by step of time since treatment, by part and value.

    Shape (parts, values, steps): all steps in order, that just before treatment left out; NaN
    where a step is not seen.
    """
    units, sums = whole.units[kept].sum(axis=0), whole.sums[kept].sum(axis=0)
    times = np.arange(sums.shape[-1], dtype=np.float64)
    every = all_steps(steps)
    found = np.full((*sums.shape[:2], every.size), np.nan)
    for part, size in enumerate(units):
        here = (size > 0) & (whole.cohort > steps.anticipation)
        cohort = whole.cohort[here]
        never = np.isinf(cohort)
        if never.all() or not never.any():
            continue
        means = sums[part][:, here] / size[here][:, None]
        gap = means - means[:, never].mean(axis=1, keepdims=True)
        at, loads = step_loads(cohort, size[here], times, steps)
        found[part][:, np.isin(every, at)] = np.einsum("kgt,vgt->vk", loads, gap)
    return found


def told_path(found: Jackknife, here: slice, steps: Steps) -> list[dict[str, float]]:
    """Write down a path that stands at `here` among the numbers; steps not seen are left out."""
    rows = []
    for at, estimate, half in zip(
        all_steps(steps), found.estimate[here], found.half[here], strict=True
    ):
        if not np.isfinite(estimate + half):
            continue
        first = at * steps.width - (steps.anticipation if at < 0 else 0)
        rows.append(
            {
                "from_month": float(first),
                "to_month": float(first + steps.width - 1),
                "estimate": float(estimate),
                "low": float(estimate - half),
                "high": float(estimate + half),
            }
        )
    return rows


def placebo(found: Jackknife, here: slice, steps: Steps) -> dict[str, float]:
    """The mean of a path before treatment, where nothing should be; p is 1 where none is seen."""
    known = np.isfinite(found.estimate) & np.isfinite(found.half)
    load = np.zeros(found.estimate.size)
    load[here] = all_steps(steps) < 0
    load = load[known]
    if not load.any():
        return {"estimate": 0.0, "low": 0.0, "high": 0.0, "p": 1.0}
    part = Jackknife(
        found.estimate[known], found.covariance[np.ix_(known, known)], found.without[:, known]
    )
    load /= load.sum()
    estimate = float(load @ part.estimate)
    half = Z95 * max(float(load @ widened(part) @ load), 0.0) ** 0.5
    low, high = estimate - half, estimate + half
    return {"estimate": estimate, "low": low, "high": high, "p": part.p(load)}


def all_steps(steps: Steps) -> Floats:
    """Positions of all steps but the one just before treatment."""
    return np.array([step for step in range(-1 - steps.before, steps.after) if step != -1], float)


def widened(found: Jackknife) -> Floats:
    """The covariance as a normal interval would need it to be as wide as that of the t."""
    ratio = critical(found.freedom) / Z95
    covariance: Floats = found.covariance * ratio**2
    return covariance


def unlike(found: Jackknife, places: Sequence[int]) -> float | None:
    """The p-value of some of the numbers all being zero; None where they are too many.

    Hotelling's test: as many numbers as there are slices cannot be told from anything.
    """
    load = list(places)
    size, freedom = len(load), found.freedom
    if not 0 < size < freedom // 2:
        return None
    values, spread = found.estimate[load], found.covariance[np.ix_(load, load)]
    square = float(values @ np.linalg.pinv(spread, hermitian=True) @ values)
    left = freedom - size + 1
    return float(stats.f.sf(square * left / (freedom * size), size, left))


def _places(column: pa.ChunkedArray, names: Sequence[object]) -> Ints:
    at = {name: place for place, name in enumerate(names)}
    return np.array([at[one] for one in column.to_pylist()], dtype=np.int64)


def _whole(column: pa.ChunkedArray) -> Ints:
    return np.asarray(column, dtype=np.int64)


def _numbers(column: pa.ChunkedArray) -> Floats:
    return np.asarray(column, dtype=np.float64)
