"""A panel: each unit's outcome in each period, and when the unit was first treated."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tuttuno.effects.columns import Columns, Sheet
from tuttuno.effects.numbers import Bools, Floats, Ints
from tuttuno.effects.timeline import Timeline, read_cohorts, read_timeline
from tuttuno.effects.treated_rows import since
from tuttuno.errors import BadInput

#: More distinct texts than this are no category but an identifier.
MOST_LEVELS = 50

#: A covariate that varies by less than this share of its size is a constant.
SAME = 1e-12

#: A covariate of whose variance less than this share is new repeats others.
REPEATED = 1e-9


@dataclass(frozen=True, slots=True)
class Panel:
    """Units by periods.

    Attributes:
        unit: Shape (units,): what the table calls them.
        timeline: The periods.
        cohort: Shape (units,): first treated time, infinity for never.
        outcome: Shape (units, periods); NaN where a unit was not observed.
        weight: Shape (units, periods), None when every unit counts the same.
        cluster: Shape (units,): number of the cluster, None when units are independent.
        covariates: Shape (units, periods, covariates), None without.
        names: What the covariates are called; one for each level of a category but the first.
        rows: Rows that were read, also those of units that were left out since.
        notes: What was done to the panel since.
    """

    unit: pa.Array
    timeline: Timeline
    cohort: Floats
    outcome: Floats
    weight: Floats | None = None
    cluster: Ints | None = None
    covariates: Floats | None = None
    names: tuple[str, ...] = ()
    rows: int = 0
    notes: tuple[str, ...] = ()

    @property
    def observed(self) -> Bools:
        """Where everything that was asked for is known; shape (units, periods)."""
        known: Bools = ~np.isnan(self.outcome)
        if self.weight is not None:
            known &= ~np.isnan(self.weight)
        if self.covariates is not None:
            known &= ~np.isnan(self.covariates).any(axis=2)
        return known

    @property
    def coverage(self) -> float:
        """Share of the rows read that are still in the panel."""
        return float(self.observed.sum() / self.rows) if self.rows else float("nan")

    @property
    def clusters(self) -> int:
        """Independent observations: clusters where there are any, else units."""
        return self.outcome.shape[0] if self.cluster is None else np.unique(self.cluster).size

    def only(self, keep: Bools, note: str) -> "Panel":
        """The panel of some of its units; `note` says which went and why."""
        return replace(
            self,
            unit=self.unit.filter(pa.array(keep)),
            cohort=self.cohort[keep],
            outcome=self.outcome[keep],
            weight=None if self.weight is None else self.weight[keep],
            cluster=None if self.cluster is None else self.cluster[keep],
            covariates=None if self.covariates is None else self.covariates[keep],
            notes=(*self.notes, note),
        )

    def without_repeats(self) -> "Panel":
        """The panel without covariates that a constant and those before them add up to."""
        if self.covariates is None:
            return self
        units, periods, count = self.covariates.shape
        rows = self.covariates.reshape(units * periods, count)
        kept = independent(rows[~np.isnan(rows).any(axis=1)])
        if kept.all():
            return self
        gone = ", ".join(name for name, keep in zip(self.names, kept, strict=True) if not keep)
        return replace(
            self,
            covariates=self.covariates[:, :, kept] if kept.any() else None,
            names=tuple(name for name, keep in zip(self.names, kept, strict=True) if keep),
            notes=(*self.notes, f"left out, because other covariates say the same: {gone}"),
        )

    def first_periods(self, count: int, note: str) -> "Panel":
        """The panel of its first periods."""
        line = self.timeline
        return replace(
            self,
            timeline=Timeline(line.times[:count], line.labels[:count], line.numeric),
            outcome=self.outcome[:, :count],
            weight=None if self.weight is None else self.weight[:, :count],
            covariates=None if self.covariates is None else self.covariates[:, :count],
            notes=(*self.notes, note),
        )

    def balanced(self, *, refuse: bool = False) -> "Panel":
        """The units that were observed in every period, as R's `did` keeps them.

        Raises:
            BadInput: Nobody was, or somebody was not and `refuse` is set.
        """
        whole: Bools = np.asarray(self.observed.all(axis=1))
        lost = int((~whole).sum())
        if not lost:
            return self
        if (self.observed.sum(axis=1) <= 1).all():
            raise BadInput(
                f"each of the {whole.size} units is observed once: people asked anew each time are "
                "no panel",
                hint="average by group and time first, and name the group as the unit",
            )
        first = int(np.argmin(whole))
        period = int(np.argmin(self.observed[first]))
        where = f"{self.unit[first].as_py()!r} at {self.timeline.labels[period]}"
        if refuse or lost == whole.size:
            raise BadInput(
                f"{lost} of {whole.size} units are not observed in every period, "
                f"the first is {where}",
                hint="complete the panel, leave out periods, or drop incomplete units",
            )
        return self.only(whole, f"{lost} of {whole.size} units left out: not in every period")


def read_panel(table: pa.Table, columns: Columns, *, source: str = "panel") -> Panel:
    """Arrange a table with one row for each unit and period.

    Args:
        table: Any Arrow table; `pyarrow.table({...})` makes one from numpy arrays.
        columns: Which columns are what.
        source: What errors call the table, such as the name of its file.

    Raises:
        Unknown: A column is not in the table.
        BadCell: A value cannot be used, a row is repeated, or a unit changes its cohort.
    """
    sheet = Sheet(table, source)
    timeline, period = read_timeline(sheet, columns.time)
    unit, names = _codes(sheet, columns.unit)
    shape = (len(names), timeline.times.size)
    cell = unit * shape[1] + period
    _refuse_repeated(sheet, columns, cell, shape)
    cohort = since(sheet, columns.cohort, unit, period, timeline)
    notes = () if cohort is None else (f"{columns.cohort} marks treated rows: the first counts",)
    if cohort is None:
        cohort = read_cohorts(sheet, columns.cohort, timeline, columns.time)
    covariates, covariate_names = _covariates(sheet, columns.covariates, cell, shape)
    panel = Panel(
        unit=names,
        timeline=timeline,
        cohort=_constant(sheet, columns.cohort, unit, cohort, len(names)),
        outcome=_spread(sheet.floats(columns.outcome), cell, shape),
        weight=_weights(sheet, columns.weight, cell, shape),
        cluster=_clusters(sheet, columns.cluster, unit, len(names)),
        covariates=covariates,
        names=covariate_names,
        rows=table.num_rows,
        notes=notes,
    )
    if np.isnan(panel.outcome).all():
        raise sheet.bad(0, columns.outcome, "missing here and in all other rows")
    if np.isinf(panel.outcome).any():
        row = int(np.argmax(np.isinf(sheet.floats(columns.outcome))))
        raise sheet.bad(row, columns.outcome, "infinity is no outcome")
    return panel


def independent(columns: Floats) -> Bools:
    """Which columns are no sum of a constant and of columns before them."""
    centred = columns - columns.mean(axis=0)
    size = np.sqrt((centred**2).mean(axis=0))
    level = np.abs(columns).max(axis=0, initial=0.0)
    kept: Bools = np.asarray(size > SAME * np.maximum(level, np.finfo(np.float64).tiny))
    centred /= np.where(kept, size, 1.0)
    alike = centred.T @ centred / max(columns.shape[0], 1)
    lower = np.zeros(alike.shape)  # the Cholesky factor, a row for each column that is new
    for place in np.flatnonzero(kept):
        before = np.flatnonzero(kept[:place])
        row = np.linalg.solve(lower[np.ix_(before, before)], alike[before, place])
        rest = float(alike[place, place] - row @ row)
        kept[place] = rest > REPEATED
        lower[place, before], lower[place, place] = row, max(rest, 0.0) ** 0.5
    return kept


def _codes(sheet: Sheet, name: str) -> tuple[Ints, pa.Array]:
    column = sheet.column(name)
    nothing = pc.is_null(column, nan_is_null=True)
    if pc.any(nothing).as_py():
        row = int(pc.index(nothing, value=True).as_py())
        raise sheet.bad(row, name, "nothing says whose row this is")
    coded = column.dictionary_encode()
    return np.asarray(coded.indices, dtype=np.int64), coded.dictionary


def _refuse_repeated(sheet: Sheet, columns: Columns, cell: Ints, shape: tuple[int, int]) -> None:
    seen = np.zeros(shape[0] * shape[1], dtype=bool)
    seen[cell] = True
    if int(seen.sum()) == cell.size:
        return
    order = np.argsort(cell, kind="stable")
    again = order[1:][np.diff(cell[order]) == 0]
    row = int(again.min())
    first = int(np.argmax(cell == cell[row]))
    whose = sheet.column(columns.unit)[row].as_py()
    when = sheet.column(columns.time)[row].as_py()
    hint = "sum or average them first, or name the column that tells them apart"
    what = f"{whose!r} at {when} was already in row {first + 1}"
    raise sheet.bad(row, columns.unit, what, hint=hint)


def _constant(sheet: Sheet, name: str, unit: Ints, values: Floats, units: int) -> Floats:
    whole = np.empty(units)
    whole[unit] = values
    differs = whole[unit] != values
    if differs.any():
        row = int(np.argmax(differs))
        hint = "a unit has one first treated time; write it in all of its rows"
        raise sheet.bad(row, name, "another value than in other rows of the unit", hint=hint)
    return whole


def _spread(values: Floats, cell: Ints, shape: tuple[int, int]) -> Floats:
    whole = np.full(shape, np.nan)
    whole.ravel()[cell] = values
    return whole


def _weights(sheet: Sheet, name: str | None, cell: Ints, shape: tuple[int, int]) -> Floats | None:
    if name is None:
        return None
    values = sheet.floats(name)
    wrong = (values < 0) | np.isinf(values)
    if wrong.any():
        raise sheet.bad(int(np.argmax(wrong)), name, "a weight is a number that is not negative")
    return _spread(values, cell, shape)


def _clusters(sheet: Sheet, name: str | None, unit: Ints, units: int) -> Ints | None:
    if name is None:
        return None
    codes, _ = _codes(sheet, name)
    whole = np.empty(units, dtype=np.int64)
    whole[unit] = codes
    if not np.array_equal(whole[unit], codes):
        row = int(np.argmax(whole[unit] != codes))
        raise sheet.bad(row, name, "the unit is in another cluster in other rows")
    return whole


def _covariates(
    sheet: Sheet, names: tuple[str, ...], cell: Ints, shape: tuple[int, int]
) -> tuple[Floats | None, tuple[str, ...]]:
    if not names:
        return None, ()
    found = [pair for name in names for pair in _numbers_of(sheet, name)]
    whole = np.stack([_spread(values, cell, shape) for _, values in found], axis=2)
    return whole, tuple(name for name, _ in found)


def _numbers_of(sheet: Sheet, name: str) -> list[tuple[str, Floats]]:
    """A covariate as numbers: itself, or an indicator for each text but the first."""
    column = sheet.column(name)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return [(name, sheet.floats(name))]
    levels = sorted(level for level in pc.unique(column).to_pylist() if level is not None)
    if len(levels) > MOST_LEVELS:
        hint = f"a category has at most {MOST_LEVELS}"
        raise sheet.bad(0, name, f"{len(levels)} different texts", hint=hint)
    return [
        (
            f"{name}={level}",
            np.asarray(
                pc.cast(pc.equal(column, level), pa.float64())
                .fill_null(float("nan"))
                .to_numpy(zero_copy_only=False)
            ),
        )
        for level in levels[1:]
    ]
