"""Intervals that hold however often, and whenever, somebody looks."""

from dataclasses import dataclass

import numpy as np

from tuttuno.effects.numbers import LEVEL, Floats
from tuttuno.errors import BadInput


@dataclass(frozen=True, slots=True)
class Sequence:
    """Intervals at several looks, right at all of them at once with 95 %.

    Attributes:
        units: Shape (looks,): units seen until then.
        estimate, low, high: Shape (looks,).
    """

    units: Floats
    estimate: Floats
    low: Floats
    high: Floats


def confidence_sequence(
    estimate: Floats, se: Floats, units: Floats, *, tightest: float | None = None
) -> Sequence:
    """Intervals around the estimates at each look; stopping at any of them is allowed.

    `se` is the usual standard error at each look, `tightest` the number of units at which the
    sequence should be tightest: the planned size of the experiment, or the last look. It is
    right from a number of units on for which the usual normal interval is.

    Source: Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (2024), Time-uniform central limit
    theory and asymptotic confidence sequences, Annals of Statistics 52(6), theorem 2.2.

    Raises:
        BadInput: Shapes differ, or a look has no units.
    """
    if not estimate.shape == se.shape == units.shape or units.size == 0:
        raise BadInput("every look has an estimate, a standard error and a number of units")
    if not (units > 0).all():
        raise BadInput("a look needs units")
    error = 1 - LEVEL
    aim = float(units.max()) if tightest is None else tightest
    rho2 = (-2 * np.log(error) + np.log(-2 * np.log(error)) + 1) / aim
    grown = units * rho2 + 1
    half = se * np.sqrt(2 * grown / (units * rho2) * np.log(np.sqrt(grown) / error))
    return Sequence(units, estimate, estimate - half, estimate + half)


def running_difference(outcome: Floats, treated: Floats, looks: Floats) -> Sequence:
    """The sequence of differences of arms over units in order of arrival.

    Outcomes and arms have one row for each experiment or one experiment, shape (..., units);
    `looks` are numbers of units.
    """
    ends = looks.astype(np.int64) - 1
    arms = []
    for arm in (treated > 0, treated <= 0):
        count = np.cumsum(arm, axis=-1)[..., ends]
        total = np.cumsum(np.where(arm, outcome, 0.0), axis=-1)[..., ends]
        square = np.cumsum(np.where(arm, outcome**2, 0.0), axis=-1)[..., ends]
        if (count < 2).any():
            raise BadInput("at the first look each arm needs two units")
        mean = total / count
        arms.append((mean, np.maximum(square / count - mean**2, 0.0) / (count - 1)))
    (mine, first), (theirs, second) = arms
    units = np.broadcast_to(looks.astype(np.float64), mine.shape)
    return confidence_sequence(mine - theirs, np.sqrt(first + second), units)
