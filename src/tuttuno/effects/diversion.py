"""How much of what a new channel sells was taken from the old one: the diversion ratio."""

from dataclasses import dataclass, replace

import numpy as np

from tuttuno.effects.aggregate import Aggregate, aggregate
from tuttuno.effects.choices import Kind
from tuttuno.effects.comparison import Design
from tuttuno.effects.numbers import Z95, Estimated
from tuttuno.effects.panel import Panel
from tuttuno.effects.staggered import staggered
from tuttuno.errors import BadInput


@dataclass(frozen=True, slots=True)
class Changes:
    """What an action changed in the old and in the new channel, estimated on the same units.

    Attributes:
        old: Effect on sales in the old channel.
        new: Effect on sales in the new channel, same unit.
        covariance: Of the two estimates.
    """

    old: float
    new: float
    old_se: float
    new_se: float
    covariance: float

    @classmethod
    def of(cls, old: Estimated, new: Estimated, both: Estimated) -> "Changes":
        """Make it from the effects on the old, on the new and on the sum of both channels.

        How the first two vary together follows from how much their sum varies.
        """
        covariance = (both.se**2 - old.se**2 - new.se**2) / 2
        return cls(old.estimate, new.estimate, old.se, new.se, covariance)


@dataclass(frozen=True, slots=True)
class Diversion:
    """Share of the new channel's sales that the old one lost; negative is synergy.

    Attributes:
        ratio: Minus the change in the old channel over the change in the new one.
        low, high: 95 % interval of Fieller: right also where the new channel sells little.
        delta_low, delta_high: Interval by the delta method, for comparison.
        refused: Why there is no interval; then `low` and `high` are infinite.
    """

    ratio: float
    low: float
    high: float
    delta_low: float
    delta_high: float
    refused: str | None = None

    @property
    def incremental(self) -> float:
        """Share of the new channel's sales that would not have been made without it."""
        return 1 - self.ratio


def diversion(changes: Changes) -> Diversion:
    """The diversion ratio with its intervals.

    Source: Fieller (1954), Journal of the Royal Statistical Society B 16(2): all ratios d for
    which old + d new is not significantly different from zero. They make an interval only
    where the change in the new channel is significant.
    """
    old, new = changes.old, changes.new
    if new == 0:
        raise BadInput("the new channel changed by nothing: there is no ratio")
    ratio = -old / new
    variance = changes.old_se**2 + ratio**2 * changes.new_se**2 + 2 * ratio * changes.covariance
    half = Z95 * float(np.sqrt(max(variance, 0.0))) / abs(new)
    square = new**2 - Z95**2 * changes.new_se**2
    if square <= 0:
        reason = "the change in the new channel cannot be told from zero"
        return Diversion(ratio, -np.inf, np.inf, ratio - half, ratio + half, reason)
    linear = old * new - Z95**2 * changes.covariance
    rest = old**2 - Z95**2 * changes.old_se**2
    root = float(np.sqrt(max(linear**2 - square * rest, 0.0)))
    low, high = (-linear - root) / square, (-linear + root) / square
    return Diversion(ratio, low, high, ratio - half, ratio + half)


def changes_of(
    old: Panel, new: Panel, design: Design | None = None, *, kind: Kind = Kind.SIMPLE
) -> Changes:
    """Estimate both changes on the same panel of units, and how they vary together.

    Raises:
        BadInput: The panels do not have the same units, periods and cohorts.
    """
    together = combined(old, new, sign=1.0)
    return Changes.of(*(_effect(panel, design, kind) for panel in (old, new, together)))


def combined(one: Panel, other: Panel, *, sign: float) -> Panel:
    """The panel of the sum (or, with sign -1, the difference) of two outcomes of the same units."""
    same = (
        one.unit.equals(other.unit)
        and np.array_equal(one.timeline.times, other.timeline.times)
        and np.array_equal(one.cohort, other.cohort)
    )
    if not same:
        raise BadInput("both panels need the same units, periods and cohorts, in the same order")
    return replace(one, outcome=one.outcome + sign * other.outcome)


def _effect(panel: Panel, design: Design | None, kind: Kind) -> Aggregate:
    return aggregate(staggered(panel, design), kind)
