"""What the treated would have done is filled in from untreated observations of all units."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tuttuno.effects.choices import Control
from tuttuno.effects.cohorts import CohortStatistics, cohort_statistics
from tuttuno.effects.comparison import Comparison, Design
from tuttuno.effects.from_cohorts import Influence, covariance_of
from tuttuno.effects.group_time import Compared, GroupTime
from tuttuno.effects.numbers import Bools, Floats
from tuttuno.effects.panel import Panel
from tuttuno.effects.staggered import (
    groups_of,
    ready_panel,
    result_from_cohorts,
    result_of,
    usable_cohorts,
)
from tuttuno.effects.timeline import Timeline
from tuttuno.errors import BadInput

#: Rounds of fitting margins, and how near two of them end it.
_ROUNDS, _NEAR = 1_000, 1e-11


def imputation(panel: Panel, design: Design | None = None) -> GroupTime:
    """Estimate the effect on each cohort in each treated period by imputation.

    Unit and period effects are fitted on the observations that treatment cannot have reached;
    the effect is what is observed minus what they predict. Efficient where effects of units
    and periods add up and errors are alike; unlike comparisons with one base period, it leans
    on all periods before treatment, and so on parallel trends in all of them.

    Standard errors are the conservative ones of the source, with effects averaged within
    cohort and period. They follow from the statistics of cohorts alone, because the weights
    of a unit's observations add up to zero.

    Source: Borusyak, Jaravel & Spiess (2024), Revisiting event-study designs: robust and
    efficient estimation, Review of Economic Studies 91(6).

    Raises:
        BadInput: Nobody is treated, no period is untreated, or there are covariates.
    """
    design = design or Design()
    if panel.covariates is not None:
        raise BadInput("imputation takes no covariates", hint="use the method cs")
    whole = panel.balanced()
    if whole.weight is not None and bool(np.ptp(whole.weight, axis=1).any()):
        raise BadInput("imputation needs weights that do not change", hint="use the method cs")
    ready = ready_panel(whole, replace(design, control=Control.NOT_YET))
    groups = groups_of(ready)
    compared = _impute(cohort_statistics(ready), ready.timeline.times, groups, design)
    return result_of(compared, design, ready)


def imputation_from_cohorts(
    statistics: Sequence[CohortStatistics], times: Floats, design: Design | None = None
) -> GroupTime:
    """Estimate the same from the statistics of cohorts, as an engine aggregates them.

    Cohorts without an untreated period are left out, later ones than the last period count as
    never treated.

    Raises:
        BadInput: Nobody is treated, nobody is untreated, or no period is.
    """
    design = replace(design or Design(), control=Control.NOT_YET)
    used = usable_cohorts(statistics, times, design)
    groups = np.unique([one.cohort for one in used if np.isfinite(one.cohort)])
    compared = _impute(used, times, groups, design)
    line = Timeline(times, tuple(f"{time:g}" for time in times), numeric=True)
    return result_from_cohorts(compared, design, line, used)


def imputed_gap(
    means: Floats, units: Floats, cohorts: Floats, times: Floats, *, anticipation: float = 0.0
) -> Floats:
    """What is observed minus what imputation predicts, of many outcomes at once, without errors.

    Args:
        means: Shape (..., cohorts, periods).
        units: Shape (cohorts,).
        cohorts: First treated times; infinity for never.
        times: Shape (periods,).
        anticipation: Periods before the treatment in which it may already act.

    Raises:
        BadInput: In some period everybody is treated, or a cohort is in every period.
    """
    untreated = times < (cohorts - anticipation)[:, None]
    if not untreated.any(axis=0).all():
        raise BadInput("in some period everybody is treated")
    if not untreated.any(axis=1).all():
        raise BadInput("a cohort is treated from the first period on")
    cell = untreated * units[:, None]
    moment = np.concatenate([(cell * means).sum(axis=-1), (cell * means).sum(axis=-2)], axis=-1)
    # levels and periods are told up to a constant: the last period is none of them
    fitted = np.linalg.solve(_gram(cell)[:-1, :-1], moment[..., :-1, None])[..., 0]
    size = cohorts.size
    gap: Floats = means - fitted[..., :size, None]
    gap[..., :-1] -= fitted[..., None, size:]
    return gap


def imputed_share(values: Floats, cohorts: Floats, times: Floats) -> float:
    """Share that treatment added to what would have been, where effects multiply.

    The prediction is `imputed_level`: units of any size may move in proportion.

    Args:
        values: Shape (units, periods): amounts, not negative.
        cohorts: First treated time of each unit; infinity for never.
        times: Shape (periods,).

    Raises:
        BadInput: In some period everybody is treated, or a unit has nothing untreated.
    """
    untreated = times < cohorts[:, None]
    if untreated.all():
        raise BadInput("nobody is treated")
    if (np.where(untreated, values, 0.0).sum(axis=1) <= 0).any():
        raise BadInput("a unit has nothing before its treatment")
    expected = imputed_level(values, np.ones(cohorts.size), cohorts, times)
    return float(values[~untreated].sum() / expected[~untreated].sum() - 1)


def imputed_level(
    sums: Floats, units: Floats, cohorts: Floats, times: Floats, *, anticipation: float = 0.0
) -> Floats:
    """What would have been without treatment, where all move in proportion; shaped as `sums`.

    A level of each cohort times a factor of each period is fitted to the untreated observations
    by their margins, which is Poisson regression; it predicts the treated ones. The level leans
    on all untreated periods. A cohort with nothing in them is foretold nothing.

    Source: Wooldridge (2023), Simple approaches to nonlinear difference-in-differences with
    panel data, Econometrics Journal 26(3).

    Args:
        sums: Shape (..., cohorts, periods): amounts, added up over the units of a cohort.
        units: Shape (cohorts,).
        cohorts: First treated times; infinity for never.
        times: Shape (periods,).
        anticipation: Periods before the treatment in which it may already act.

    Raises:
        BadInput: In some period everybody is treated.
    """
    untreated = times < (cohorts - anticipation)[:, None]
    if not untreated.any(axis=0).all():
        raise BadInput("in some period everybody is treated")
    known, cell = np.where(untreated, sums, 0.0), untreated * units[:, None]
    rows, columns = known.sum(axis=-1), known.sum(axis=-2)
    factor = np.ones(columns.shape)
    for _ in range(_ROUNDS):
        level = _share(rows, factor @ cell.T)
        last, factor = factor, _share(columns, level @ cell)
        if np.abs(factor - last).max() <= _NEAR * np.abs(factor).max():
            break
    expected: Floats = (level * units)[..., None] * factor[..., None, :]
    return expected


def _share(part: Floats, whole: Floats) -> Floats:
    """A quotient, zero where nothing is divided by nothing."""
    share: Floats = np.divide(part, whole, out=np.zeros(part.shape), where=whole != 0)
    return share


def _impute(
    statistics: Sequence[CohortStatistics], times: Floats, groups: Floats, design: Design
) -> Compared:
    cohorts = np.array([one.cohort for one in statistics])
    mean = np.array([one.mean for one in statistics])
    weight = np.array([one.weight for one in statistics])
    untreated = times < (cohorts - design.anticipation)[:, None]
    if not untreated.any(axis=0).all():
        raise BadInput("in some period everybody is treated")
    inverse, fitted = _two_way(mean, weight, untreated)
    plan = [
        Comparison(float(cohort), int(period), int(period), np.inf)
        for cohort in groups
        for period in np.flatnonzero(times >= cohort)
    ]
    row = {cohort: index for index, cohort in enumerate(cohorts)}
    att = np.array([(mean - fitted)[row[it.cohort], it.period] for it in plan])
    residual = np.where(untreated, mean - fitted, 0.0)
    parts = [Influence.nothing(len(plan) + groups.size, times.size) for _ in statistics]
    for index, it in enumerate(plan):
        pull = inverse[row[it.cohort]] + inverse[cohorts.size + it.period]
        spread = np.add.outer(pull[: cohorts.size], pull[cohorts.size :])
        share = -spread * untreated * weight[:, None]
        share[row[it.cohort], it.period] += 1.0
        for part, line, total, left in zip(parts, share, weight, residual, strict=True):
            part.slope[index] = line / total
            part.level[index] = line @ left / total
    units = sum(one.units for one in statistics)
    shares = np.array([weight[row[group]] for group in groups]) / units
    return Compared(tuple(plan), att, groups, shares, covariance_of(statistics, parts))


def _two_way(mean: Floats, weight: Floats, untreated: Bools) -> tuple[Floats, Floats]:
    """The inverse normal matrix of cohort and period effects, and what they predict."""
    cohorts = mean.shape[0]
    cell = untreated * weight[:, None]
    inverse = _inverse(cell)
    moment = np.concatenate([(cell * mean).sum(axis=1), (cell * mean).sum(axis=0)])
    effects = inverse @ moment
    return inverse, np.add.outer(effects[:cohorts], effects[cohorts:])


def _inverse(cell: Floats) -> Floats:
    """The inverse normal matrix of cohort and period effects, each cell with its weight."""
    inverse = np.linalg.pinv(_gram(cell), rcond=1e-12, hermitian=True)
    return np.asarray(inverse, dtype=np.float64)


def _gram(cell: Floats) -> Floats:
    """The normal matrix itself."""
    cohorts, periods = cell.shape
    gram: Floats = np.zeros((cohorts + periods, cohorts + periods))
    gram[:cohorts, :cohorts] = np.diag(cell.sum(axis=1))
    gram[cohorts:, cohorts:] = np.diag(cell.sum(axis=0))
    gram[:cohorts, cohorts:] = cell
    gram[cohorts:, :cohorts] = cell.T
    return gram
