"""What is needed of a cohort: how many units, their mean outcome by period, how it spreads.

An engine can aggregate it over any number of persons; the estimates need nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from tuttuno.effects.numbers import Floats, Ints
from tuttuno.effects.panel import Panel
from tuttuno.errors import BadInput


@dataclass(frozen=True, slots=True)
class ClusterSums:
    """The units of a cohort, summed within each cluster.

    Attributes:
        cluster: Shape (k,): number of the cluster; the same number means the same cluster in
            every cohort.
        units: Shape (k,).
        weight: Shape (k,): sum of weights.
        total: Shape (k, periods): weighted sum of outcomes.
    """

    cluster: Ints
    units: Floats
    weight: Floats
    total: Floats


@dataclass(frozen=True, slots=True)
class CohortStatistics:
    """All that a comparison of means has to know about one cohort.

    Attributes:
        cohort: First treated time; infinity for the never treated.
        units: How many.
        weight: Sum of weights w; `units` without weights.
        square: Sum of w²; `units` without weights.
        mean: Shape (periods,): weighted mean outcome m.
        scatter: Shape (periods, periods): sum of w² (y - m)(y - m)'.
        tilt: Shape (periods,): sum of w² (y - m); zeros without weights.
        stratum: Units are compared within their stratum only.
        clusters: Needed where units are not independent.
    """

    cohort: float
    units: int
    weight: float
    square: float
    mean: Floats
    scatter: Floats
    tilt: Floats
    stratum: str = ""
    clusters: ClusterSums | None = None

    @classmethod
    def from_sums(
        cls, cohort: float, units: int, sums: Floats, products: Floats, *, stratum: str = ""
    ) -> "CohortStatistics":
        """Make it from sums of outcomes and of their products, as an engine gives them.

        `sums` has shape (periods,): the sum of y; `products` shape (periods, periods): the sum
        of y y'. Subtract a constant from y first where means are large against their spread:
        the difference of two large sums loses digits.
        """
        mean = sums / units
        return cls(
            cohort=cohort,
            units=units,
            weight=float(units),
            square=float(units),
            mean=mean,
            scatter=products - units * np.outer(mean, mean),
            tilt=np.zeros_like(mean),
            stratum=stratum,
        )

    def through(self, matrix: Floats) -> "CohortStatistics":
        """The same of other outcomes, each a sum of these; `matrix` has a row for each.

        Sums by cluster are not carried along.
        """
        return replace(
            self,
            mean=matrix @ self.mean,
            scatter=matrix @ self.scatter @ matrix.T,
            tilt=matrix @ self.tilt,
            clusters=None,
        )


def cohort_statistics(panel: Panel, strata: Ints | None = None) -> list[CohortStatistics]:
    """Summarise a panel without missing outcomes; weights are those of the first period.

    Raises:
        BadInput: All units of a cohort have a weight of zero.
    """
    found = []
    for stratum, cohort, rows in _cells(panel, strata):
        outcome = panel.outcome[rows]
        weight = np.ones(rows.size) if panel.weight is None else panel.weight[rows, 0]
        if not weight.any():
            raise BadInput(
                f"the {rows.size} units of cohort {cohort:g} weigh nothing",
                hint="leave them out, or give them weights above zero",
            )
        mean = weight @ outcome / weight.sum()
        centred = outcome - mean
        spread = centred if panel.weight is None else centred * weight[:, None]
        found.append(
            CohortStatistics(
                cohort=cohort,
                units=rows.size,
                weight=float(weight.sum()),
                square=float(weight @ weight),
                mean=mean,
                scatter=spread.T @ spread,
                tilt=np.zeros(mean.size) if panel.weight is None else weight @ spread,
                stratum=stratum,
                clusters=_sums(panel.cluster, rows, weight, outcome),
            )
        )
    return found


def _cells(panel: Panel, strata: Ints | None) -> Iterator[tuple[str, float, Ints]]:
    """Rows of each cohort within each stratum, from one sort of the units."""
    cohorts, code = np.unique(panel.cohort, return_inverse=True)
    strata = np.zeros(code.size, dtype=np.int64) if strata is None else strata
    cell = strata * cohorts.size + code
    order = np.argsort(cell, kind="stable")
    edges = np.flatnonzero(np.diff(cell[order], prepend=-1))
    for rows in np.split(order, edges[1:]):
        first = cell[rows[0]]
        yield str(first // cohorts.size), float(cohorts[first % cohorts.size]), rows


def _sums(cluster: Ints | None, rows: Ints, weight: Floats, outcome: Floats) -> ClusterSums | None:
    if cluster is None:
        return None
    ids, code = np.unique(cluster[rows], return_inverse=True)
    columns = [np.bincount(code, weight * y, ids.size) for y in outcome.T]
    return ClusterSums(
        cluster=ids,
        units=np.bincount(code, minlength=ids.size).astype(np.float64),
        weight=np.bincount(code, weight, ids.size).astype(np.float64),
        total=np.stack(columns, axis=1),
    )
