"""The lowest point of a smooth loss of a few parameters, each between two bounds.

Quasi-Newton by the formula of Broyden, Fletcher, Goldfarb and Shanno (Nocedal and Wright,
Numerical Optimization, 2006, chapter 6), with parameters held where they meet a bound. A
library would hand four numbers to BLAS, whose threads then spin for longer than all else takes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuttuno.measures.buying.histories import Numbers

#: Value and gradient; an infinite value says that there is nothing.
Loss = Callable[[Numbers], tuple[float, Numbers]]

#: Between which values each parameter is sought.
Bounds = Sequence[tuple[float, float]]

#: How flat it must be at the end; a loss is a mean over customers.
_FLAT = 1e-8

#: How far a step may go, and how often it is shortened to a third before it is given up.
_FAR, _SHORTENED = 3.0, 12

#: A step that gains a smaller share of the loss than this is idle; so many of them are the end.
_GAIN, _IDLE = 1e-13, 3

#: How near a bound a parameter counts as lying there; natural logarithms.
_NEAR = 0.05

#: What rounding may add to a loss, as a share of it.
_ROUNDING = 1e-14


@dataclass(frozen=True, slots=True)
class Lowest:
    """Where a descent ended.

    Attributes:
        at: The parameters.
        loss: There; infinite where it began at nothing.
        inverse: Inverse of the curvature as the steps have shown it, to begin another with.
    """

    at: Numbers
    loss: float
    inverse: Numbers


def lowest(
    loss: Loss, start: Numbers, bounds: Bounds, *, inverse: Numbers | None = None, steps: int = 200
) -> Lowest:
    """Go downhill until it is flat, or until nothing lower is found.

    Args:
        loss: What is to be low.
        start: Where to begin.
        bounds: Of each parameter.
        inverse: Inverse curvature near the start, where it is known: saves most of the steps.
        steps: At most so many.
    """
    low, high = np.array(bounds, np.float64).T
    at = np.clip(np.asarray(start, np.float64), low, high)
    value, slope = loss(at)
    known = inverse is not None
    turned, idle = np.eye(len(at)) if inverse is None else inverse, 0
    for _ in range(steps):
        # What is near a bound and drawn to it goes there by itself: others must not stop it.
        at_low, at_high = (at <= low + _NEAR) & (slope > 0), (at >= high - _NEAR) & (slope < 0)
        rest = np.where(at_low, low - at, np.where(at_high, high - at, 0.0))
        free = ~(at_low | at_high)
        flat = np.abs(np.where(free, slope, 0.0)).max() < _FLAT
        if not np.isfinite(value) or (flat and not rest.any()):
            break
        ahead = _direction(turned, slope, free)
        # What would be stopped at its bound must not take along those that follow it.
        free &= ~((at <= low) & (ahead < 0) | (at >= high) & (ahead > 0))
        ahead = _direction(turned, slope, free) + rest
        found = _stepped(loss, (at, value, slope), ahead, (low, high))
        if found is None and not known:
            break
        if found is None:
            # What was thought to be the curvature leads nowhere: look anew.
            turned, known = np.eye(len(at)), False
            continue
        moved, bent = found[0] - at, found[2] - slope
        turned, known = _learned(turned, moved, bent, known=known), True
        idle = idle + 1 if value - found[1] <= _GAIN * abs(value) else 0
        at, value, slope = found
        if idle == _IDLE:
            break
    return Lowest(at, float(value), turned)


def _direction(turned: Numbers, slope: Numbers, free: NDArray[np.bool_]) -> Numbers:
    """Return where those that are free are to go while the others stay; downhill in any case."""
    own = turned
    for held in np.flatnonzero(~free):
        own = own - own[:, held, None] * own[None, held, :] / own[held, held]
    own = own * free[:, None] * free[None, :]
    ahead = -np.einsum("ij,j->i", own, slope)
    if np.einsum("i,i->", ahead, slope) >= 0:
        ahead = -np.where(free, slope, 0.0)
    farthest = float(np.abs(ahead).max())
    shortened: Numbers = ahead * min(1.0, _FAR / farthest) if farthest else ahead
    return shortened


def _stepped(
    loss: Loss,
    here: tuple[Numbers, float, Numbers],
    ahead: Numbers,
    bounds: tuple[Numbers, Numbers],
) -> tuple[Numbers, float, Numbers] | None:
    """Return a place ahead that is lower by enough, with its value and slope; None: nowhere."""
    at, value, slope = here
    length = 1.0
    for _ in range(_SHORTENED):
        there = np.clip(at + length * ahead, *bounds)
        if np.array_equal(there, at):
            return None
        new, bent = loss(there)
        promised = float(np.einsum("i,i->", slope, there - at))
        if np.isfinite(new) and new <= value + 1e-4 * promised + _ROUNDING * abs(value):
            return there, new, bent
        length /= 3.0
    return None


def _learned(turned: Numbers, moved: Numbers, bent: Numbers, *, known: bool) -> Numbers:
    """Return the inverse curvature after a step that moved so far and bent the slope so much."""
    along = float(np.einsum("i,i->", moved, bent))
    if along <= 1e-10 * float(np.sqrt((moved**2).sum() * (bent**2).sum())):
        return turned
    if not known:
        turned = np.eye(len(moved)) * along / float((bent**2).sum())
    through = np.eye(len(moved)) - moved[:, None] * bent[None, :] / along
    once = np.einsum("ij,jk->ik", through, turned)
    both: Numbers = np.einsum("ij,kj->ik", once, through)
    return both + moved[:, None] * moved[None, :] / along
