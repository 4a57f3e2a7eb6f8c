"""Why the usual regression misleads when treatment comes in waves: its comparisons, one by one."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import permutations

import numpy as np

from tuttuno.effects.cohorts import CohortStatistics, cohort_statistics
from tuttuno.effects.numbers import Floats
from tuttuno.effects.panel import Panel
from tuttuno.errors import BadInput


class Sort(StrEnum):
    """Who is compared with whom."""

    NEVER = "treated_vs_never"
    LATER = "earlier_vs_later"  # before the later ones are treated
    EARLIER = "later_vs_earlier"  # against units already treated: the comparison that misleads


@dataclass(frozen=True, slots=True)
class Piece:
    """One two-by-two comparison; `weight` is its share in the regression."""

    sort: Sort
    cohort: float
    against: float
    estimate: float
    weight: float


@dataclass(frozen=True, slots=True)
class Bacon:
    """The coefficient of a two-way fixed effects regression and what it is made of."""

    estimate: float
    pieces: tuple[Piece, ...]

    def weight(self, sort: Sort) -> float:
        """Share of one sort of comparison."""
        return sum(piece.weight for piece in self.pieces if piece.sort is sort)

    def mean(self, sort: Sort) -> float:
        """Average estimate of one sort of comparison; NaN where there is none."""
        weight = self.weight(sort)
        total = sum(piece.weight * piece.estimate for piece in self.pieces if piece.sort is sort)
        return total / weight if weight else float("nan")


def bacon(panel: Panel) -> Bacon:
    """Take the regression with unit and period effects apart; a warning, not an estimator.

    Weights are exact: those of the estimates' own variances, not of treated periods alone.
    Units treated from the first period on serve as controls that are already treated.

    Source: Goodman-Bacon (2021), Difference-in-differences with variation in treatment timing,
    Journal of Econometrics 225(2), theorem 1.

    Raises:
        BadInput: Nobody becomes treated, or units have weights.
    """
    if panel.weight is not None:
        raise BadInput("the decomposition takes no weights")
    whole = panel.balanced()
    times = whole.timeline.times
    groups = [(one, _first(one.cohort, times)) for one in cohort_statistics(whole)]
    total = sum(one.units for one, _ in groups)
    found = []
    for (one, start), (other, otherwise) in permutations(groups, 2):
        if 0 < start < times.size:
            found += _pieces((one, start), (other, otherwise), times.size, total)
    if not found:
        raise BadInput("no unit becomes treated within the panel")
    whole_weight = sum(piece.weight for piece in found)
    pieces = tuple(
        Piece(p.sort, p.cohort, p.against, p.estimate, p.weight / whole_weight) for p in found
    )
    return Bacon(sum(piece.weight * piece.estimate for piece in pieces), pieces)


def _first(cohort: float, times: Floats) -> int:
    """Position of the first treated period; the number of periods for never."""
    return int(np.searchsorted(times, cohort))


def _pieces(
    mine: tuple[CohortStatistics, int],
    theirs: tuple[CohortStatistics, int],
    periods: int,
    total: int,
) -> list[Piece]:
    """What the comparison of one cohort with another adds to the regression."""
    (one, start), (other, otherwise) = mine, theirs
    if otherwise >= periods:
        window, sort = (0, periods), Sort.NEVER
    elif otherwise > start:
        window, sort = (0, otherwise), Sort.LATER
    else:
        window, sort = (otherwise, periods), Sort.EARLIER
    first, last = window
    length = last - first
    early, late = slice(first, start), slice(start, last)
    change = one.mean[late].mean() - one.mean[early].mean()
    without = other.mean[late].mean() - other.mean[early].mean()
    both = one.units + other.units
    share, treated = one.units / both, (last - start) / length
    variance = share * (1 - share) * treated * (1 - treated)
    weight = (both * length / (total * periods)) ** 2 * variance
    return [Piece(sort, one.cohort, other.cohort, float(change - without), float(weight))]
