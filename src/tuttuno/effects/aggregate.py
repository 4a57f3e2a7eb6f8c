"""One number from many: effects over all cohorts, by cohort, by calendar time, by time since."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from tuttuno.effects.choices import Kind
from tuttuno.effects.group_time import GroupTime
from tuttuno.effects.numbers import LEVEL, Z95, Bools, Floats, NormalInterval, standard_errors
from tuttuno.errors import BadInput

#: Correlations whose smallest eigenvalue is below this share of the largest are singular.
SINGULAR = 1e-6

#: The spread within cohorts of fewer units than this cannot be told.
SMALL = 5

#: Draws of the multiplier bootstrap.
DRAWS = 10_000


@dataclass(frozen=True, slots=True)
class Aggregate(NormalInterval):
    """An average effect, and the effects that it is the average of.

    Attributes:
        estimate: In the unit of the outcome; `low` and `high` are its 95 % interval.
        at: Shape (lines,): cohort, calendar time or time since treatment; empty for `simple`.
        effects: Shape (lines,).
        covariance: Shape (lines, lines): of `effects`.
        critical: Half-width, in standard errors, of the band that holds all lines at once.
    """

    kind: Kind
    estimate: float
    se: float
    at: Floats
    effects: Floats
    covariance: Floats
    critical: float

    @property
    def errors(self) -> Floats:
        """Standard errors of the lines."""
        return standard_errors(self.covariance)


def aggregate(found: GroupTime, kind: Kind, *, seed: int = 0) -> Aggregate:
    """Average the effects of cohorts and periods, cohorts weighted by their size.

    The sizes are estimates too, and the standard errors say so (delta method). The overall
    number of `dynamic` and `calendar` is the plain mean over treated lines.

    Source: Callaway & Sant'Anna (2021), section 3, as `aggte` of R's `did`.

    The simultaneous band is drawn with `seed`; see `band`.
    """
    if not found.post.any():
        raise BadInput("no treated cohort is observed after its treatment")
    at, picks = _lines(found, kind)
    values, slopes = _averages(found, picks)
    estimate, slope = _overall(found, kind, at, values, slopes)
    covariance = slopes @ found.covariance @ slopes.T
    simple = kind is Kind.SIMPLE
    return Aggregate(
        kind=kind,
        estimate=estimate,
        se=max(float(slope @ found.covariance @ slope), 0.0) ** 0.5,
        at=np.array([]) if simple else at,
        effects=np.array([]) if simple else values,
        covariance=np.zeros((0, 0)) if simple else covariance,
        critical=Z95 if simple else band(covariance, seed=seed),
    )


def band(covariance: Floats, *, seed: int = 0, level: float = LEVEL) -> float:
    """How many standard errors hold all estimates at once with this probability.

    The multiplier bootstrap with normal multipliers: given the data, the sum of influences
    times multipliers is exactly normal with this covariance, so it is drawn from directly.
    """
    errors = standard_errors(covariance)
    moving = errors > 0
    if not moving.any():
        return Z95
    scaled = covariance[np.ix_(moving, moving)] / np.outer(errors[moving], errors[moving])
    values, vectors = np.linalg.eigh(scaled)
    root = vectors * np.sqrt(np.maximum(values, 0))
    normal = np.random.default_rng(seed).standard_normal((DRAWS, values.size))
    highest: Floats = np.abs(normal @ root.T).max(axis=1)
    return max(float(np.quantile(highest, level)), Z95)


@dataclass(frozen=True, slots=True)
class WaldTest:
    """A test that several effects are all zero; `p` is small when they are not."""

    statistic: float
    df: int
    p: float


def pre_trend(found: GroupTime) -> WaldTest | None:
    """Test that nothing happened before treatment; None where there is nothing to test.

    All placebos of cohorts with at least five units are tested together: the variance of fewer
    cannot be told. Where a cohort has no more units than placebos, their averages by time since
    treatment are tested, and where these are too many, nothing is.

    A test that does not reject is no proof: see `tuttuno.effects.honest` for what a trend of
    the size seen before treatment would do to the conclusion.
    """
    placebo = ~found.post & ~found.reference & (found.sizes[found.group_of] >= SMALL)
    chosen = np.flatnonzero(placebo)
    counts = np.bincount(found.group_of[chosen], minlength=found.groups.size)
    if (counts < found.sizes).all():
        test = wald(found.att[chosen], found.covariance[np.ix_(chosen, chosen)])
        if test is not None:
            return test
    events = np.unique(found.event[chosen])
    if events.size >= found.sizes[counts > 0].sum():
        return None
    values, slopes = _averages(found, [placebo & (found.event == event) for event in events])
    return wald(values, slopes @ found.covariance @ slopes.T)


def wald(effects: Floats, covariance: Floats) -> WaldTest | None:
    """Test that all effects are zero; None without effects or with a singular covariance."""
    errors = standard_errors(covariance)
    if not effects.size or not errors.all():
        return None
    scaled = covariance / np.outer(errors, errors)
    values, vectors = np.linalg.eigh(scaled)
    if values[0] < SINGULAR * values[-1]:
        return None
    turned = vectors.T @ (effects / errors)
    statistic = float((turned**2 / values).sum())
    return WaldTest(statistic, effects.size, float(stats.chi2.sf(statistic, effects.size)))


def _lines(found: GroupTime, kind: Kind) -> tuple[Floats, list[Bools]]:
    if kind is Kind.SIMPLE:
        return np.array([0.0]), [found.post]
    if kind is Kind.DYNAMIC:
        events = np.unique(found.event)
        return events, [found.event == event for event in events]
    of = found.cohort if kind is Kind.GROUP else found.time
    at = np.unique(of[found.post])
    return at, [found.post & (of == one) for one in at]


def _averages(found: GroupTime, picks: list[Bools]) -> tuple[Floats, Floats]:
    """Averages of effects weighted by cohort share, and their slopes in effects and shares."""
    size = found.att.size
    values = np.zeros(len(picks))
    slopes = np.zeros((len(picks), size + found.groups.size))
    weight = found.shares[found.group_of]
    for row, pick in enumerate(picks):
        total = weight[pick].sum()
        values[row] = weight[pick] @ found.att[pick] / total
        slopes[row, :size] = np.where(pick, weight / total, 0.0)
        away = (found.att[pick] - values[row]) / total
        slopes[row, size:] = np.bincount(found.group_of[pick], away, found.groups.size)
    return values, slopes


def _overall(
    found: GroupTime, kind: Kind, at: Floats, values: Floats, slopes: Floats
) -> tuple[float, Floats]:
    if kind is Kind.SIMPLE:
        return float(values[0]), slopes[0]
    if kind is not Kind.GROUP:
        kept = at >= 0 if kind is Kind.DYNAMIC else np.ones(at.size, dtype=bool)
        return float(values[kept].mean()), slopes[kept].mean(axis=0)
    which = np.searchsorted(found.groups, at)
    share = found.shares[which]
    estimate = float(share @ values / share.sum())
    slope = share @ slopes / share.sum()
    slope[found.att.size + which] += (values - estimate) / share.sum()
    return estimate, slope
