"""How far from a threshold units still count: bandwidths by mean squared error."""

from dataclasses import dataclass

import numpy as np

from tuttuno.effects.numbers import Floats
from tuttuno.errors import BadInput

#: Pilot constant of the triangular kernel.
PILOT = 2.576

#: Neighbours whose mean stands for what was expected of a unit.
NEIGHBOURS = 3

#: Distinct scores that pilot bandwidths must reach where many units share a score.
LEAST_SCORES = 10


@dataclass(frozen=True, slots=True)
class Bandwidths:
    """Distances from the threshold: for the line, and for the correction of its bias."""

    main: float
    bias: float

    def __post_init__(self) -> None:
        """Refuse distances that are none.

        Raises:
            BadInput: One is not positive.
        """
        if not (self.main > 0 and self.bias > 0):
            raise BadInput("a bandwidth is positive")


@dataclass(frozen=True, slots=True)
class Side:
    """Units on one side of a threshold at zero, by increasing score."""

    outcome: Floats
    score: Floats

    @classmethod
    def of(cls, outcome: Floats, score: Floats, *, above: bool) -> "Side":
        """The units of one side; those at the threshold have reached it."""
        there = score >= 0 if above else score < 0
        order = np.argsort(score[there], kind="stable")
        if np.unique(score[there]).size < 5:
            raise BadInput("too few different scores on one side of the threshold")
        return cls(outcome[there][order], score[there][order])

    def within(self, reach: float) -> "Side":
        """Those nearer to the threshold than this."""
        near = np.abs(self.score) < reach
        return Side(self.outcome[near], self.score[near])

    def units_within(self, reach: float) -> int:
        """How many of them there are."""
        return int((np.abs(self.score) < reach).sum())

    def smoother(self, bandwidth: float, order: int) -> Floats:
        """Weights of the units in each coefficient of a local polynomial; shape (order + 1, n)."""
        kernel = np.maximum(1 - np.abs(self.score) / bandwidth, 0.0) / bandwidth
        scaled = np.vander(self.score / bandwidth, order + 1, increasing=True)
        gram = (scaled * kernel[:, None]).T @ scaled
        weights = np.linalg.pinv(gram, hermitian=True) @ (scaled * kernel[:, None]).T
        result: Floats = weights / bandwidth ** np.arange(order + 1)[:, None]
        return result


def select(below: Side, above: Side, score: Floats) -> Bandwidths:
    """Bandwidths with the smallest mean squared error, one for both sides.

    Source: Calonico, Cattaneo & Farrell (2020), Econometrics Journal 23(2); selector `mserd`
    of R's `rdrobust`, three stages.
    """
    sides = (below, above)
    quarter = np.quantile(score, [0.25, 0.75], method="averaged_inverted_cdf")
    spread = min(float(score.std(ddof=1)), float(np.diff(quarter)[0]) / 1.349)
    distinct = [np.unique(side.score).size for side in sides]
    most = max(float(np.abs(side.score).max()) for side in sides)
    tied = any(1 - few / side.score.size >= 0.2 for few, side in zip(distinct, sides, strict=True))
    least = max(_reach(side) for side in sides) if tied else 0.0

    pilot = max(min(PILOT * spread * sum(distinct) ** -0.2, most), least)
    wide = [float(np.abs(side.score).max()) * (1 + 1e-8) for side in sides]
    first = [_terms(side, 3, 3, pilot, far) for side, far in zip(sides, wide, strict=True)]
    curve = max(min(_best(first, 3, regularise=False), most), least)
    bias = min(_best([_terms(side, 2, 2, pilot, curve) for side in sides], 2), most)
    main = min(_best([_terms(side, 1, 0, pilot, bias) for side in sides], 1), most)
    return Bandwidths(main, bias)


def nearest_residuals(side: Side) -> Floats:
    """Outcome minus the mean of its nearest neighbours by score, scaled to the error's spread.

    Units with the same score have each other as neighbours; neighbours at the same distance
    on both sides are all taken.
    """
    values, starts, counts = np.unique(side.score, return_index=True, return_counts=True)
    total = np.concatenate([[0.0], np.cumsum(side.outcome)])
    edges = np.append(starts, side.score.size)
    wanted = min(NEIGHBOURS, side.score.size - 1)
    scores, bounds = values.tolist(), edges.tolist()
    windows = [_window(scores, bounds, index, wanted) for index in range(values.size)]
    first, last = np.array(windows).T
    size = last - first - 1
    sums = (total[last] - total[first])[np.repeat(np.arange(values.size), counts)]
    size = np.repeat(size, counts)
    residual: Floats = np.sqrt(size / (size + 1)) * (side.outcome - (sums - side.outcome) / size)
    return residual


def _window(values: list[float], edges: list[int], index: int, wanted: int) -> tuple[int, int]:
    """Grow around a score until enough neighbours are inside."""
    left, right = index, index
    while edges[right + 1] - edges[left] - 1 < wanted:
        before = values[index] - values[left - 1] if left else np.inf
        after = values[right + 1] - values[index] if right + 1 < len(values) else np.inf
        close = max(min(before, after), 0.0) * 1.5e-8
        left -= before <= after + close
        right += after <= before + close
    return edges[left], edges[right + 1]


def _terms(
    side: Side, order: int, derivative: int, pilot: float, wide: float
) -> tuple[float, float, float]:
    """Variance, bias and spread of the bias of a local polynomial's coefficient."""
    near = side.within(pilot)
    weights = near.smoother(pilot, order)[derivative]
    variance = float(((weights * nearest_residuals(near)) ** 2).sum())
    constant = float(weights @ (near.score / pilot) ** (order + 1)) * pilot**derivative
    broad = side.within(wide)
    top = broad.smoother(wide, order + 1)[order + 1]
    slack = float(((top * nearest_residuals(broad)) ** 2).sum())
    grade = 2 * (order + 1 - derivative)
    return (
        (2 * derivative + 1) * pilot ** (2 * derivative + 1) * variance,
        float(np.sqrt(grade)) * constant * float(top @ broad.outcome),
        grade * 3 * constant**2 * slack,
    )


def _best(terms: list[tuple[float, float, float]], order: int, *, regularise: bool = True) -> float:
    (variance, bias, slack), (other, tilt, play) = terms
    distance = (tilt - bias) ** 2 + (slack + play if regularise else 0.0)
    if distance <= 0:
        raise BadInput("the scores vary too little to choose a bandwidth", hint="name one")
    return float(((variance + other) / distance) ** (1 / (2 * order + 3)))


def _reach(side: Side) -> float:
    distances = np.sort(np.unique(np.abs(side.score)))
    return float(distances[min(LEAST_SCORES, distances.size) - 1]) * (1 + 1.5e-8)
