"""The lowest point of a loss, within bounds, from any start."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from tuttuno.measures.buying.descent import lowest
from tuttuno.measures.buying.histories import Histories
from tuttuno.measures.buying.mbg_nbd import fit_mbg_nbd

WIDE = ((-10.0, 10.0),) * 2
PLACE = st.floats(-3.0, 3.0)


def valley(at):
    """Rosenbrock's: a bent valley whose lowest point is (1, 1)."""
    x, y = at
    value = (1 - x) ** 2 + 100 * (y - x**2) ** 2
    return value, np.array([-2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)])


@settings(max_examples=30, deadline=None)
@given(PLACE, PLACE)
def test_the_lowest_point_is_found_from_anywhere(x, y):
    found = lowest(valley, np.array([x, y]), WIDE)
    assert found.at == pytest.approx((1, 1), abs=1e-5)


@pytest.mark.parametrize("high", [0.5, 0.0, -0.5])
def test_within_bounds_it_ends_where_a_library_does(high):
    bounds = ((-2.0, high), (-2.0, 2.0))
    found = lowest(valley, np.array([-1.0, 1.0]), bounds)
    other = minimize(valley, [-1.0, 1.0], jac=True, method="L-BFGS-B", bounds=bounds)
    assert found.at == pytest.approx(other.x, abs=1e-3)
    assert found.at[0] == high


def test_where_the_curvature_is_known_few_steps_are_needed():
    near, asked = lowest(valley, np.array([-1.0, 1.0]), WIDE), []

    def counted(at):
        asked.append(at)
        return valley(at)

    found = lowest(counted, near.at + 1e-3, WIDE, inverse=near.inverse)
    assert found.at == pytest.approx((1, 1), abs=1e-6)
    assert len(asked) < 15


def ridge(at):
    """Falls along x = y for ever, so that both are stopped where one of them meets its bound."""
    x, y = at
    value = 50 * (x - y) ** 2 + 0.1 * (np.exp(-x) + np.exp(-y))
    return value, np.array([100 * (x - y) - 0.1 * np.exp(-x), -100 * (x - y) - 0.1 * np.exp(-y)])


def test_what_is_held_at_its_bound_does_not_slow_what_follows_it():
    asked = []

    def counted(at):
        asked.append(at)
        return ridge(at)

    found = lowest(counted, np.array([-1.0, 1.0]), ((-10.0, 10.0), (-3.0, 3.0)))
    assert found.at[1] == 3.0
    assert abs(ridge(found.at)[1][0]) < 1e-8
    assert len(asked) < 50


def test_it_goes_nowhere_from_nothing():
    found = lowest(lambda at: (np.inf, np.zeros_like(at)), np.zeros(2), WIDE)
    assert found.loss == np.inf


def test_looking_among_a_few_first_changes_no_estimate(monkeypatch):
    draw = np.random.default_rng(3)
    age = draw.integers(50, 150, 12_000).astype(float)
    repeats = draw.poisson(draw.gamma(1.2, 0.02, len(age)) * age)
    recency = np.where(repeats > 0, np.ceil(age * draw.beta(repeats + 1, 1.5)), 0.0)
    known = Histories.of(repeats, np.minimum(recency, age), age)
    assert known.few(1_000).total == 1_000
    monkeypatch.setattr("tuttuno.measures.buying.mbg_nbd.FEW", 1_000)
    quick = fit_mbg_nbd(known)
    monkeypatch.setattr("tuttuno.measures.buying.mbg_nbd.FEW", 10**9)
    assert quick.fit.values == pytest.approx(fit_mbg_nbd(known).fit.values, rel=1e-5)


def test_a_few_histories_stand_for_all():
    known = Histories.of([0] * 900 + [1] * 100, [0] * 900 + [4] * 100, np.arange(1000) + 5)
    few = known.few(100)
    assert few.total == 100
    assert float(np.average(few.age, weights=few.customers)) == pytest.approx(504.5, rel=0.02)
    assert known.few(500) is None
