"""Comparisons of means, computed from the statistics of cohorts alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tuttuno.effects.cohorts import CohortStatistics
from tuttuno.effects.comparison import Comparison
from tuttuno.effects.group_time import Compared
from tuttuno.effects.numbers import Floats
from tuttuno.errors import BadInput


@dataclass(frozen=True, slots=True)
class Influence:
    """How each unit of one cohort moves every estimate, over the number of units.

    The influence of unit i is `slope @ (w (y - m)) + level w + constant`: what varies within
    the cohort, and what is the same for all of it.
    """

    slope: Floats
    level: Floats
    constant: Floats

    @classmethod
    def nothing(cls, estimates: int, periods: int) -> "Influence":
        """The influence of units on estimates that do not depend on them, to be added to."""
        return cls(np.zeros((estimates, periods)), np.zeros(estimates), np.zeros(estimates))


def compare_cohorts(
    statistics: Sequence[CohortStatistics], plan: Sequence[Comparison], groups: Floats
) -> Compared:
    """Estimate every comparison of a plan within strata, and average strata over the treated.

    The covariance is that of the influence functions of Callaway & Sant'Anna (2021), Journal
    of Econometrics 225(2), theorem 2, without covariates or saturated in the strata. Each is
    linear in a unit's outcomes given its cohort, so that their sums of products need only
    the sums of products of the outcomes.

    Raises:
        BadInput: A stratum has treated units and nobody to compare them with.
    """
    units = float(sum(one.units for one in statistics))
    size, periods = len(plan), statistics[0].mean.size
    total = size + groups.size
    parts = [Influence.nothing(total, periods) for _ in statistics]
    att = np.array([_compare(statistics, parts, row, it) for row, it in enumerate(plan)])
    shares = np.array([sum(s.weight for s in statistics if s.cohort == g) for g in groups]) / units
    for one, part in zip(statistics, parts, strict=True):
        part.constant[size:] -= shares / units
        part.level[size:] += (groups == one.cohort) / units
    return Compared(tuple(plan), att, groups, shares, covariance_of(statistics, parts))


def covariance_of(statistics: Sequence[CohortStatistics], parts: Sequence[Influence]) -> Floats:
    """Sum the products of all units' influences, or of those of clusters where there are any."""
    clustered = any(one.clusters is not None for one in statistics)
    return (_clustered if clustered else _independent)(statistics, parts)


def _compare(
    statistics: Sequence[CohortStatistics], parts: list[Influence], row: int, it: Comparison
) -> float:
    treated = [index for index, one in enumerate(statistics) if one.cohort == it.cohort]
    whole = sum(statistics[index].weight for index in treated)
    pairs = [(index, _controls(statistics, index, it)) for index in treated]
    change = [one.mean[it.period] - one.mean[it.base] for one in statistics]
    expected = [
        sum(change[c] * statistics[c].weight for c in controls)
        / sum(statistics[c].weight for c in controls)
        for _, controls in pairs
    ]
    effect = sum(
        statistics[index].weight / whole * (change[index] - without)
        for (index, _), without in zip(pairs, expected, strict=True)
    )
    for (index, controls), without in zip(pairs, expected, strict=True):
        _add(parts[index], row, it, 1 / whole, change[index] - without - effect)
        weight = statistics[index].weight / whole / sum(statistics[c].weight for c in controls)
        for c in controls:
            _add(parts[c], row, it, -weight, change[c] - without)
    return float(effect)


def _controls(statistics: Sequence[CohortStatistics], index: int, it: Comparison) -> list[int]:
    stratum = statistics[index].stratum
    cohorts = np.array([one.cohort for one in statistics])
    found = [int(c) for c in np.flatnonzero(it.controls(cohorts))]
    found = [c for c in found if statistics[c].stratum == stratum and statistics[c].weight > 0]
    if not found:
        where = f" in stratum {stratum}" if stratum not in {"", "0"} else ""
        raise BadInput(
            f"nobody can be compared with cohort {it.cohort:g}{where}",
            hint="leave the cohort out, make strata wider, or compare with not_yet",
        )
    return found


def _add(part: Influence, row: int, it: Comparison, factor: float, level: float) -> None:
    part.slope[row, it.period] += factor
    part.slope[row, it.base] -= factor
    part.level[row] += factor * level


def _independent(statistics: Sequence[CohortStatistics], parts: Sequence[Influence]) -> Floats:
    loads = [np.column_stack([part.slope, part.level, part.constant]) for part in parts]
    turned = [load @ _moments(one) for load, one in zip(loads, statistics, strict=True)]
    # one product of wide matrices: many cohorts make many small ones slow
    whole: Floats = np.concatenate(turned, axis=1) @ np.concatenate(loads, axis=1).T
    return whole


def _moments(one: CohortStatistics) -> Floats:
    """Sums of products of w (y - m), w and 1 over the units of a cohort."""
    size = one.mean.size
    moments = np.zeros((size + 2, size + 2))
    moments[:size, :size] = one.scatter
    moments[:size, size] = moments[size, :size] = one.tilt
    moments[size, size] = one.square
    moments[size, size + 1] = moments[size + 1, size] = one.weight
    moments[size + 1, size + 1] = one.units
    return moments


def _clustered(statistics: Sequence[CohortStatistics], parts: Sequence[Influence]) -> Floats:
    """Sums of influence within clusters, over cohorts, then their products."""
    if any(one.clusters is None for one in statistics):
        raise BadInput("some cohorts have sums by cluster and some do not")
    sums = [one.clusters for one in statistics if one.clusters is not None]
    ids = np.unique(np.concatenate([one.cluster for one in sums]))
    whole = np.zeros((ids.size, parts[0].level.size))
    for one, part, inside in zip(statistics, parts, sums, strict=True):
        moved = (inside.total - np.outer(inside.weight, one.mean)) @ part.slope.T
        moved += np.outer(inside.weight, part.level) + np.outer(inside.units, part.constant)
        whole[np.searchsorted(ids, inside.cluster)] += moved
    product: Floats = whole.T @ whole
    return product
