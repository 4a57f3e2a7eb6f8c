"""Weights that sum to one and bring donors near to a target: the solver of synthetic control."""

from dataclasses import dataclass

import numpy as np

from tuttuno.effects.numbers import Floats

#: Steps before weights below a quarter of the largest are dropped, and after.
FIRST_STEPS = 100
MORE_STEPS = 10_000


@dataclass(frozen=True, slots=True)
class Fit:
    """Problems of one shape, solved side by side.

    Attributes:
        donors: Shape (problems, rows, donors).
        target: Shape (problems, rows).
        ridge: Shape (problems,): penalty zeta; the objective is zeta² |x|² + |Ax - b|² / rows.
        tolerance: Shape (problems,): a step that gains less than its square is the last.
        intercept: Whether level differences are free.
    """

    donors: Floats
    target: Floats
    ridge: Floats
    tolerance: Floats
    intercept: bool

    def weights(self) -> Floats:
        """Solve, drop small weights, solve again; shape (problems, donors).

        The steps, their stopping rule and the dropping are those of R's `synthdid`, because
        the published numbers depend on them.
        """
        donors, target = self.donors, self.target
        if self.intercept:
            donors = donors - donors.mean(axis=1, keepdims=True)
            target = target - target.mean(axis=1, keepdims=True)
        problems, _, size = donors.shape
        start = np.full((problems, size), 1 / size)
        first = self._descend(donors, target, start, FIRST_STEPS)
        kept = np.where(first <= first.max(axis=1, keepdims=True) / 4, 0.0, first)
        kept /= kept.sum(axis=1, keepdims=True)
        return self._descend(donors, target, kept, MORE_STEPS)

    def _descend(self, donors: Floats, target: Floats, start: Floats, steps: int) -> Floats:
        rows = donors.shape[1]
        weights = start.copy()
        going = np.arange(weights.shape[0])
        a, b, x = donors, target, weights
        square, least = self.ridge**2, self.tolerance**2
        value = np.full(going.size, np.inf)
        for step in range(steps):
            x, error = _step(a, b, x, rows * square)
            now = square * (x**2).sum(axis=1) + (error**2).sum(axis=1) / rows
            gained = value - now > least
            value = now
            if step and not gained.all():
                weights[going] = x
                going, a, b, x = going[gained], a[gained], b[gained], x[gained]
                square, least, value = square[gained], least[gained], value[gained]
                if not going.size:
                    break
        weights[going] = x
        return weights


def _step(a: Floats, b: Floats, x: Floats, penalty: Floats) -> tuple[Floats, Floats]:
    """Move towards the best corner of the simplex; returns weights and errors."""
    error = (a @ x[:, :, None])[:, :, 0] - b
    slope = (error[:, None, :] @ a)[:, 0, :] + penalty[:, None] * x
    every = np.arange(x.shape[0])
    corner = slope.argmin(axis=1)
    away = -x
    away[every, corner] += 1.0
    change = a[every, :, corner] - (error + b)
    curve = (change**2).sum(axis=1) + penalty * (away**2).sum(axis=1)
    flat = curve == 0
    length = -(slope * away).sum(axis=1) / np.where(flat, 1.0, curve)
    length = np.where(flat, 0.0, np.clip(length, 0.0, 1.0))
    return x + length[:, None] * away, error + length[:, None] * change
