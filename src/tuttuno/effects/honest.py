"""How wrong may parallel trends be before a conclusion falls? Bounds by Rambachan & Roth."""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from tuttuno.effects.aggregate import aggregate
from tuttuno.effects.choices import Base, Kind
from tuttuno.effects.group_time import GroupTime
from tuttuno.effects.numbers import Bools, Floats, Ints
from tuttuno.errors import BadInput

#: Share of the error probability that the first test of the hybrid spends.
FIRST = 0.1

#: Draws for the critical value of the first test, and points on which effects are tested.
DRAWS = 5_000
POINTS = 1_001


@dataclass(frozen=True, slots=True)
class EventStudy:
    """Effects by time since treatment against one base period, which itself is left out.

    Attributes:
        before: Shape (p,): the path before treatment, oldest first, base period excluded.
        after: Shape (q,): the effects.
        covariance: Shape (p + q, p + q).
    """

    before: Floats
    after: Floats
    covariance: Floats

    def __post_init__(self) -> None:
        """Refuse shapes that do not fit.

        Raises:
            BadInput: There is nothing before or after, or the covariance has another shape.
        """
        size = self.before.size + self.after.size
        if not (self.before.size and self.after.size):
            raise BadInput("bounds need a path before treatment and effects after it")
        if self.covariance.shape != (size, size):
            raise BadInput(f"the covariance of {size} effects has {size} rows and columns")


@dataclass(frozen=True, slots=True)
class Bound:
    """A 95 % interval that allows for violations of parallel trends up to a size."""

    size: float
    low: float
    high: float


def event_study(found: GroupTime) -> EventStudy:
    """The event study of an estimate with a universal base.

    Raises:
        BadInput: The base varies, or there is nothing before or after treatment.
    """
    if found.design.base is not Base.UNIVERSAL:
        raise BadInput("bounds need an event study with a universal base")
    lines = aggregate(found, Kind.DYNAMIC)
    reference = lines.errors == 0
    chosen = np.flatnonzero(~reference)
    after = lines.at[chosen] >= 0
    return EventStudy(
        before=lines.effects[chosen][~after],
        after=lines.effects[chosen][after],
        covariance=lines.covariance[np.ix_(chosen, chosen)],
    )


def first_effect(study: EventStudy) -> Floats:
    """Weights that pick the effect in the first treated period."""
    weights = np.zeros(study.after.size)
    weights[0] = 1.0
    return weights


def smoothness(study: EventStudy, size: float, weights: Floats | None = None) -> Bound:
    """Interval when the slope of the violation changes by at most `size` from period to period.

    The shortest interval of fixed length around a linear estimator; `size` 0 allows a straight
    line that goes on. `weights` say of which effects after treatment; the first without.

    Source: Rambachan & Roth (2023), A more credible approach to parallel trends, Review of
    Economic Studies 90(5), section 4, set SD; as "FLCI" of R's `HonestDiD`.

    Raises:
        BadInput: The size is negative.
    """
    if size < 0:
        raise BadInput("the size of a violation is not negative")
    weights = first_effect(study) if weights is None else weights
    shortest = _Shortest(study, size, weights)
    load = shortest.load()
    centre = float(load @ np.concatenate([study.before, study.after]))
    half = shortest.half(load)
    return Bound(size, centre - half, centre + half)


@dataclass(frozen=True, slots=True)
class _Shortest:
    """The search for the linear estimator with the shortest interval.

    Its loads on the path before treatment follow from cumulative weights c on the steps of that
    path, of which the last is fixed; the worst bias is `size` times their absolute sum.
    """

    study: EventStudy
    size: float
    weights: Floats

    def load(self) -> Floats:
        free = self.study.before.size - 1
        start = np.linspace(0, self._target(), free + 2)[1:-1]
        split = np.concatenate([np.maximum(start, 0), np.maximum(-start, 0)])
        scale = float(np.sqrt(np.diag(self.study.covariance)).mean())
        if not free:
            return self._load(np.zeros(0))
        found = optimize.minimize(
            lambda parts: self._value(parts, scale),
            split,
            jac=True,
            method="L-BFGS-B",
            bounds=[(0, None)] * split.size,
            options={"maxiter": 5_000, "ftol": 1e-15, "gtol": 1e-10},
        )
        return self._load(found.x[:free] - found.x[free:])

    def half(self, load: Floats) -> float:
        sd = float(np.sqrt(load @ self.study.covariance @ load))
        free = load[: self.study.before.size]
        return sd * _folded(self.size * self._bias(free) / sd)

    def _value(self, parts: Floats, scale: float) -> tuple[float, Floats]:
        free = parts.size // 2
        load = self._load(parts[:free] - parts[free:])
        spread = self.study.covariance @ load
        sd = float(np.sqrt(load @ spread))
        total = float(parts.sum()) + abs(self._target()) + self._later()
        ratio = self.size * total / sd
        quantile = _folded(ratio)
        up, down = stats.norm.pdf(quantile - ratio), stats.norm.pdf(quantile + ratio)
        slope = (up - down) / (up + down)
        by_sd = (quantile - ratio * slope) / sd * (self._steps(free).T @ spread[: free + 1])
        gradient = np.concatenate([by_sd, -by_sd]) + slope * self.size
        return sd * quantile / scale, gradient / scale

    def _steps(self, free: int) -> Floats:
        """Loads on the path before treatment per cumulative weight: second differences."""
        size = free + 1
        steps = np.eye(size) - np.eye(size, k=-1)
        return (steps @ steps)[:, :free]

    def _load(self, free: Floats) -> Floats:
        cumulative = np.append(free, self._target())
        before = np.diff(np.diff(cumulative, prepend=0.0), prepend=0.0)
        return np.concatenate([before, self.weights])

    def _bias(self, before: Floats) -> float:
        return float(np.abs(np.cumsum(np.cumsum(before))).sum()) + self._later()

    def _target(self) -> float:
        return float(np.arange(1, self.weights.size + 1) @ self.weights)

    def _later(self) -> float:
        """Bias that steps after treatment add, whatever is done before it."""
        count = self.weights.size
        sums = [
            abs(float(np.arange(1, s + 1) @ self.weights[count - s :])) for s in range(1, count + 1)
        ]
        return float(sum(sums)) - self._target()


def relative(study: EventStudy, size: float, weights: Floats | None = None) -> Bound:
    """Interval when steps of the violation are at most `size` times the largest one before.

    The largest step before treatment is unknown: every step and sign is tried, and the
    intervals are united. Each tests the inequalities of the steps after treatment by the
    conditional test with a least favourable first stage ("C-LF" of R's `HonestDiD`). Because
    the unknown effects enter through their steps, the dual of its linear program has only as
    many corners as there are periods after treatment, plus two; they are written down here.

    Sources: Rambachan & Roth (2023), set RM; Andrews, Roth & Pakes (2023), Inference for linear
    conditional moment inequalities, Review of Economic Studies 90(6).

    Raises:
        BadInput: The size is negative, or there is only one period before the base.
    """
    if size < 0:
        raise BadInput("the size of a violation is not negative")
    if study.before.size < 2:
        raise BadInput("relative bounds need two periods before the base period")
    weights = first_effect(study) if weights is None else weights
    path = np.concatenate([study.before, study.after])
    target = np.concatenate([np.zeros(study.before.size), weights])
    centre = float(target @ path)
    sd = float(np.sqrt(target @ study.covariance @ target))
    worst = np.abs(np.diff(np.append(study.before, 0.0))).max()
    reach = size * float(np.abs(_later_steps(weights)).sum()) * worst + 20 * sd
    effects = np.linspace(centre - reach, centre + reach, POINTS)
    inside = effects[_any_accepted(study, weights, size, effects)]
    return Bound(size, float(inside[0]), float(inside[-1]))


def breakdown(study: EventStudy, weights: Floats | None = None, *, most: float = 4.0) -> float:
    """Largest relative violation at which the interval still leaves out zero.

    Zero when even exact parallel trends do not show an effect, `most` when nothing up to there
    takes it away; found to 1/64.
    """
    low, high = 0.0, most
    weights = first_effect(study) if weights is None else weights
    if _allows_zero(study, weights, low):
        return 0.0
    if not _allows_zero(study, weights, high):
        return most
    while high - low > 1 / 64:
        middle = (low + high) / 2
        if _allows_zero(study, weights, middle):
            high = middle
        else:
            low = middle
    return low


def _allows_zero(study: EventStudy, weights: Floats, size: float) -> bool:
    return bool(_any_accepted(study, weights, size, np.zeros(1))[0])


def _any_accepted(study: EventStudy, weights: Floats, size: float, effects: Floats) -> Bools:
    """Which effects are possible under some choice of the largest step before treatment."""
    accepted = np.zeros(effects.size, dtype=bool)
    for step in range(study.before.size):
        for sign in (-1.0, 1.0):
            accepted |= _accepted(study, weights, size, _step(study, step) * sign, effects)
    return accepted


def _later_steps(weights: Floats) -> Floats:
    """How often the step into each period after treatment is part of the weighted effects."""
    return np.cumsum(weights[::-1])[::-1]


def _step(study: EventStudy, step: int) -> Floats:
    """The vector that takes a step before treatment from the path; the base period is zero."""
    vector = np.zeros(study.before.size + study.after.size)
    vector[step] = -1.0
    if step + 1 < study.before.size:
        vector[step + 1] = 1.0
    return vector


def _corners(study: EventStudy, weights: Floats, size: float, largest: Floats) -> Floats:
    """Corners of the dual: loads on the path; the first two also load on the effect."""
    first, count = study.before.size, study.after.size
    multiples = _later_steps(weights)
    target = np.concatenate([np.zeros(first), weights])
    scale = np.zeros((count, 2))
    for period in range(count):
        move = np.zeros(target.size)
        move[first + period] = 1.0
        if period:
            move[first + period - 1] = -1.0
        for side, sign in enumerate((1.0, -1.0)):
            row = sign * move - size * largest
            scale[period, side] = np.sqrt(max(float(row @ study.covariance @ row), 0.0))
    if not (scale > 0).all():
        raise BadInput("the errors of the path depend on each other: too few units or clusters")
    up, down = np.maximum(multiples, 0), np.maximum(-multiples, 0)
    allowed = size * float(np.abs(multiples).sum()) * largest
    return np.array(
        [
            (target - allowed) / (up @ scale[:, 0] + down @ scale[:, 1]),
            (-target - allowed) / (up @ scale[:, 1] + down @ scale[:, 0]),
            *(-2 * size * largest / scale[period].sum() for period in range(count) if size > 0),
        ]
    )


def _accepted(
    study: EventStudy, weights: Floats, size: float, largest: Floats, effects: Floats
) -> Bools:
    """Which effects the hybrid test does not reject, given which step was the largest."""
    corners = _corners(study, weights, size, largest)
    target = np.concatenate([np.zeros(study.before.size), weights])
    unit = float(target @ target)
    load = np.zeros((corners.shape[0], 1))
    load[:2, 0] = [corners[0] @ target / unit, corners[1] @ target / unit]
    path = np.concatenate([study.before, study.after])
    values = (corners @ path)[:, None] - load * effects
    spread = corners @ study.covariance @ corners.T
    limit = _least_favourable(spread)
    best, low, high = _support(values, spread, limit)
    top = values.max(axis=0)
    sd = np.sqrt(np.diag(spread)[best])
    level = (0.05 - 0.05 * FIRST) / (1 - 0.05 * FIRST)
    critical = np.maximum(_truncated(1 - level, low / sd, high / sd), 0.0)
    accepted: Bools = (top <= limit) & (top / sd <= critical)
    return accepted


def _support(values: Floats, spread: Floats, limit: float) -> tuple[Ints, Floats, Floats]:
    """The largest corner, and between which values it is the largest and passes the first test.

    Everything uncorrelated with it is held where it is.
    """
    best = values.argmax(axis=0)
    top = values.max(axis=0)
    pull = spread[:, best] / np.diag(spread)[best]
    still = values - pull * top
    with np.errstate(divide="ignore", invalid="ignore"):
        edge = still / (1 - pull)
    low = np.where(pull < 1 - 1e-9, edge, -np.inf).max(axis=0)
    high = np.where(pull > 1 + 1e-9, edge, np.inf).min(axis=0)
    return best, low, np.minimum(high, limit)


def _least_favourable(spread: Floats) -> float:
    values, vectors = np.linalg.eigh(spread)
    normal = np.random.default_rng(0).standard_normal((DRAWS, values.size))
    highest = (normal @ (vectors * np.sqrt(np.maximum(values, 0))).T).max(axis=1)
    return float(np.quantile(highest, 1 - 0.05 * FIRST))


def _truncated(level: float, low: Floats, high: Floats) -> Floats:
    """Quantile of a standard normal between two values, computed in its nearer tail."""
    flip = low > 0
    left, right = np.where(flip, -high, low), np.where(flip, -low, high)
    share = np.where(flip, 1 - level, level)
    below, above = stats.norm.cdf(left), stats.norm.cdf(right)
    quantile = stats.norm.ppf(below + share * (above - below))
    quantile = np.clip(quantile, left, right)
    result: Floats = np.where(flip, -quantile, quantile)
    return result


def _folded(shift: float) -> float:
    """The 95 % quantile of the absolute value of a normal with this mean and unit variance."""
    return (
        float(np.sqrt(stats.ncx2.ppf(0.95, 1, shift**2))) if shift else float(stats.norm.ppf(0.975))
    )
