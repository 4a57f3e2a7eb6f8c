"""Whom does a campaign move? Scores of uplift, and whether they rank better than chance."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from tuttuno.effects.groups import Groups
from tuttuno.effects.numbers import Bools, Floats, Ints
from tuttuno.errors import BadInput

#: Resamples of the persons for the interval of the Qini coefficient.
DRAWS = 500


class Learner(StrEnum):
    """How uplift is learnt from a randomised campaign."""

    T = "t"  # one regression for each arm; the difference of what they predict
    X = "x"  # each arm's outcomes minus what the other arm's regression predicts
    DR = "dr"  # a regression of doubly robust scores, cross-fitted


@dataclass(frozen=True, slots=True)
class Uplift:
    """A linear score of who is moved by how much.

    Attributes:
        constant: Uplift of a person whose traits are all zero.
        slopes: Shape (traits,): by how much each trait changes it.
    """

    constant: float
    slopes: Floats

    def predict(self, covariates: Floats) -> Floats:
        """Expected uplift of persons, in the unit of the outcome; shape (persons,)."""
        predicted: Floats = self.constant + covariates @ self.slopes
        return predicted


def learn(
    groups: Groups, learner: Learner = Learner.T, *, ridge: float = 1.0, seed: int = 0
) -> Uplift:
    """Learn a linear score from a randomised campaign.

    `ridge` counts in persons: that many persons' worth of pull towards no difference. Judge
    the score by `qini` on other persons than it was learnt from. Trees are no better on the
    public data at hand, and cannot be read.

    Sources: Künzel, Sekhon, Bickel & Yu (2019), Metalearners for estimating heterogeneous
    treatment effects, PNAS 116(10); Kennedy (2023), Electronic Journal of Statistics 17(2).
    """
    centre = groups.covariates.mean(axis=0)
    spread = groups.covariates.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    design = np.hstack([np.ones((groups.outcome.size, 1)), (groups.covariates - centre) / spread])
    fitted = {Learner.T: _t, Learner.X: _x}.get(learner)
    if fitted is not None:
        coefficients = fitted(design, groups.outcome, groups.treated, ridge)
    else:
        coefficients = _dr(design, groups, ridge, seed)
    slopes = coefficients[1:] / spread
    return Uplift(float(coefficients[0] - slopes @ centre), slopes)


@dataclass(frozen=True, slots=True)
class Qini:
    """How much better than chance a score ranks those whom a campaign moves.

    Attributes:
        coefficient: Area between the curve and the diagonal, in outcome per person.
        low, high: 95 % interval by resampling persons within arms.
        share: Shape (points,): share of persons with the highest scores.
        gain: Shape (points,): uplift per person of all when only these are treated.
    """

    coefficient: float
    low: float
    high: float
    share: Floats
    gain: Floats


def qini(
    score: Floats, outcome: Floats, treated: Bools, *, draws: int = DRAWS, seed: int = 0
) -> Qini:
    """Judge a score on persons of a randomised campaign from whom it was not learnt.

    At each share of persons, highest scores first, the gain is that share times the difference
    of arms among them. Persons with the same score are taken together.

    Source: Radcliffe (2007), Using control groups to target on predicted lift, Direct
    Marketing Analytics Journal; gains per person of all, arms of any size.

    Raises:
        BadInput: Shapes differ, or one arm is empty.
    """
    if not score.shape == outcome.shape == treated.shape:
        raise BadInput("every person has a score, an outcome and an arm")
    if not 0 < treated.sum() < treated.size:
        raise BadInput("both arms need persons")
    order = np.argsort(-score, kind="stable")
    outcome, treated = outcome[order], treated[order]
    ends = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    share, gain = _curve(outcome, treated, np.ones(score.size), ends)
    rng = np.random.default_rng(seed)
    drawn = [_area(*_curve(outcome, treated, _again(treated, rng), ends)) for _ in range(draws)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Qini(_area(share, gain), float(low), float(high), share, gain)


def lift_by_group(score: Floats, outcome: Floats, treated: Bools, *, groups: int = 5) -> Floats:
    """Difference of arms in groups of equal size, highest scores first; NaN without both arms."""
    order = np.argsort(-score, kind="stable")
    lifts = np.full(groups, np.nan)
    for index, rows in enumerate(np.array_split(order, groups)):
        arm = treated[rows]
        if 0 < arm.sum() < arm.size:
            lifts[index] = outcome[rows][arm].mean() - outcome[rows][~arm].mean()
    return lifts


def _curve(outcome: Floats, treated: Bools, weight: Floats, ends: Ints) -> tuple[Floats, Floats]:
    mine, theirs = weight * treated, weight * ~treated
    count, other = np.cumsum(mine)[ends], np.cumsum(theirs)[ends]
    total, rest = np.cumsum(mine * outcome)[ends], np.cumsum(theirs * outcome)[ends]
    share = (count + other) / weight.sum()
    both = (count > 0) & (other > 0)
    lift = total / np.where(both, count, 1) - rest / np.where(both, other, 1)
    gain = np.where(both, lift * share, 0.0)
    return np.append(0.0, share), np.append(0.0, gain)


def _area(share: Floats, gain: Floats) -> float:
    return float(np.trapezoid(gain, share) - gain[-1] / 2)


def _again(treated: Bools, rng: np.random.Generator) -> Floats:
    """How often each person is drawn, arms keeping their sizes."""
    times = np.empty(treated.size)
    for arm in (treated, ~treated):
        size = int(arm.sum())
        times[arm] = np.bincount(rng.integers(0, size, size), minlength=size)
    return times


def _fit(design: Floats, outcome: Floats, ridge: float) -> Floats:
    penalty = np.diag(np.append(0.0, np.full(design.shape[1] - 1, ridge)))
    gram, moment = design.T @ design + penalty, design.T @ outcome
    return np.asarray(np.linalg.lstsq(gram, moment, rcond=None)[0], dtype=np.float64)


def _t(design: Floats, outcome: Floats, treated: Bools, ridge: float) -> Floats:
    mine = _fit(design[treated], outcome[treated], ridge)
    return mine - _fit(design[~treated], outcome[~treated], ridge)


def _x(design: Floats, outcome: Floats, treated: Bools, ridge: float) -> Floats:
    mine = _fit(design[treated], outcome[treated], ridge)
    theirs = _fit(design[~treated], outcome[~treated], ridge)
    gained = _fit(design[treated], outcome[treated] - design[treated] @ theirs, ridge)
    missed = _fit(design[~treated], design[~treated] @ mine - outcome[~treated], ridge)
    share = treated.mean()
    combined: Floats = share * missed + (1 - share) * gained
    return combined


def _dr(design: Floats, groups: Groups, ridge: float, seed: int) -> Floats:
    outcome, treated = groups.outcome, groups.treated
    fold = np.random.default_rng(seed).permutation(outcome.size) % 2 == 0
    share, scores = treated.mean(), np.empty(outcome.size)
    for used in (fold, ~fold):
        known = design[~used], outcome[~used], treated[~used]
        mine = design[used] @ _fit(known[0][known[2]], known[1][known[2]], ridge)
        theirs = design[used] @ _fit(known[0][~known[2]], known[1][~known[2]], ridge)
        arm, seen = treated[used], outcome[used]
        pull = np.where(arm, (seen - mine) / share, -(seen - theirs) / (1 - share))
        scores[used] = mine - theirs + pull
    return _fit(design, scores, ridge)
