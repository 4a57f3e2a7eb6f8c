"""Reading an experiment: were the arms filled as planned, and what did the action change?"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from tuttuno.effects.groups import Adjusted, Groups, adjusted
from tuttuno.effects.numbers import Bools, Floats
from tuttuno.errors import BadInput

#: Arms as unequal as this have been filled by something else than chance.
BROKEN = 0.001


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """A test that arms have the sizes that were planned.

    Attributes:
        p: Of the chi-square test.
        refused: Why the experiment must not be read; None when it may.
    """

    p: float
    refused: str | None


def sample_ratio(counts: Floats, planned: Floats) -> SampleRatio:
    """Compare the sizes of arms with their planned shares (which need not add up to one).

    Source: Fabijan et al. (2019), Diagnosing sample ratio mismatch in online controlled
    experiments, KDD. The threshold is .001 because the test is run on every experiment.
    """
    if counts.shape != planned.shape or counts.size < 2 or not (planned > 0).all():
        raise BadInput("every arm needs a count and a positive planned share")
    if counts.sum() == 0:
        raise BadInput("nobody is in any arm")
    expected = counts.sum() * planned / planned.sum()
    p = float(stats.chisquare(counts, expected).pvalue)
    reason = f"sample ratio mismatch: arms of {_listed(counts)} where {_listed(expected)} were due"
    return SampleRatio(p, reason if p < BROKEN else None)


def _listed(values: Floats) -> str:
    return " and ".join(f"{value:,.0f}" for value in values)


@dataclass(frozen=True, slots=True)
class Cuped:
    """A difference of arms after taking off what the time before predicts.

    Attributes:
        effect: The adjusted difference.
        slope: By how much the outcome follows the value before.
        variance_ratio: Variance of the outcome left, relative to before.
    """

    effect: Adjusted
    slope: float
    variance_ratio: float


def cuped(outcome: Floats, before: Floats, treated: Bools) -> Cuped:
    """Difference of arms of an experiment, with the noise that was there before taken off.

    `before` must lie before the assignment (spend in the time before, or a prediction from
    it), or it takes off the effect itself. The slope is pooled within arms; Welch's interval.

    Source: Deng, Xu, Kohavi & Walker (2013), Improving the sensitivity of online controlled
    experiments by utilizing pre-experiment data, WSDM.
    """
    groups = Groups(outcome, treated, before[:, None])
    inside, follow = outcome.copy(), before.copy()
    for arm in (treated, ~treated):
        inside[arm] -= outcome[arm].mean()
        follow[arm] -= before[arm].mean()
    spread = float(follow @ follow)
    slope = float(inside @ follow) / spread if spread else 0.0
    rest = outcome - slope * (before - before.mean())
    left = inside - slope * follow
    mine, theirs = treated.sum(), (~treated).sum()
    if min(mine, theirs) < 2:
        raise BadInput("each arm needs two units")
    influence = np.where(
        treated,
        left * outcome.size / np.sqrt(mine * (mine - 1)),
        -left * outcome.size / np.sqrt(theirs * (theirs - 1)),
    )
    effect = adjusted("cuped", groups, rest[treated].mean() - rest[~treated].mean(), influence)
    ratio = float(left @ left / (inside @ inside)) if inside.any() else 1.0
    return Cuped(effect, slope, ratio)


def benjamini_hochberg(p: Floats) -> Floats:
    """Adjusted p-values: those at most q are discoveries of which at most a share q is false.

    Source: Benjamini & Hochberg (1995), Journal of the Royal Statistical Society B 57(1).

    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03, 0.5])).round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.5]
    """
    if p.size == 0:
        return p
    if not ((p >= 0) & (p <= 1)).all():
        raise BadInput("a p-value lies between 0 and 1")
    result: Floats = stats.false_discovery_control(p)
    return result
