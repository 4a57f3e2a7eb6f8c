"""Jumps at a threshold: equal to rdrobust on data with and without ties, and to a truth."""

import numpy as np
import pytest

from tuttuno.effects.bandwidth import Bandwidths, Side, nearest_residuals
from tuttuno.effects.discontinuity import discontinuity
from tuttuno.errors import BadInput


def curved(seed=5, units=500, jump=0.8):
    rng = np.random.default_rng(seed)
    score = rng.uniform(-1, 1, units)
    outcome = 0.5 * score + score**2 + jump * (score >= 0) + rng.normal(0, 0.3, units)
    return outcome, score


def test_estimates_errors_and_bandwidths_equal_an_independent_library():
    """rdrobust 2.1.1 (Python) on the same draws, all defaults."""
    found = discontinuity(*curved(), 0.0)
    assert found.conventional == pytest.approx(0.8390372102606571, abs=1e-8)
    assert found.estimate == pytest.approx(0.8463041927727633, abs=1e-8)
    assert found.conventional_se == pytest.approx(0.12174575484051163, abs=1e-8)
    assert found.se == pytest.approx(0.14440076699290616, abs=1e-8)
    assert found.bandwidth == pytest.approx(0.2978984350427381, abs=1e-7)
    assert found.bias_bandwidth == pytest.approx(0.4564109278672984, abs=1e-7)


def test_given_bandwidths_are_used_as_they_are():
    found = discontinuity(*curved(), 0.0, bandwidths=Bandwidths(0.4, 0.6))
    assert found.conventional == pytest.approx(0.830247502262397, abs=1e-12)
    assert found.estimate == pytest.approx(0.8410198329729627, abs=1e-12)
    assert found.se == pytest.approx(0.122835732290997, abs=1e-12)


def test_points_come_in_whole_numbers_and_units_share_a_score():
    """rdrobust 2.1.1 on scores rounded to one of 81 values: ties on both sides."""
    outcome, score = curved(units=2_000)
    found = discontinuity(outcome, np.round(score * 40) / 40, 0.0)
    assert (found.conventional, found.estimate, found.se) == pytest.approx(
        (0.4091939889065524, 0.37466802062201526, 0.1033563993846541), abs=1e-7
    )
    assert found.bandwidth == pytest.approx(0.1364105713154348, abs=1e-7)


def test_the_threshold_may_lie_anywhere_and_units_at_it_have_reached_it():
    outcome, score = curved()
    moved = discontinuity(outcome, score + 100, 100.0)
    assert moved.estimate == pytest.approx(discontinuity(outcome, score, 0.0).estimate)
    sides = [Side.of(np.zeros(10), np.arange(-5.0, 5.0), above=above) for above in (False, True)]
    assert [side.score.min() for side in sides] == [-5, 0]


def test_a_residual_compares_with_the_three_nearest():
    side = Side(np.array([1.0, 2, 4, 8, 16]), np.array([0.0, 1, 2.1, 3.3, 4.6]))
    scale = np.sqrt(3 / 4)
    assert nearest_residuals(side)[0] == pytest.approx(scale * (1 - 14 / 3))
    assert nearest_residuals(side)[2] == pytest.approx(scale * (4 - (1 + 2 + 8) / 3))
    even = Side(np.array([1.0, 2, 4, 8, 16]), np.arange(5.0))
    assert nearest_residuals(even)[2] == pytest.approx(np.sqrt(4 / 5) * (4 - 27 / 4))
    tied = Side(np.array([1.0, 3, 5, 7]), np.zeros(4))
    assert nearest_residuals(tied)[0] == pytest.approx(scale * (1 - 5))


def coverage(draws, units, bandwidths=None):
    found = (
        discontinuity(*curved(seed, units), 0.0, bandwidths=bandwidths) for seed in range(draws)
    )
    return np.mean([one.low <= 0.8 <= one.high for one in found])


def test_the_robust_interval_keeps_its_promise_over_a_curved_path():
    assert coverage(400, 500, Bandwidths(0.4, 0.6)) == pytest.approx(0.95, abs=0.025)


@pytest.mark.storm
def test_the_robust_interval_keeps_its_promise_with_bandwidths_of_its_own():
    assert coverage(1_000, 2_000) == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize(
    ("outcome", "score", "message"),
    [
        (np.zeros(3), np.zeros(2), "an outcome and a score"),
        (np.array([np.nan, 1]), np.zeros(2), "is missing"),
        (np.zeros(40), np.arange(40.0), "too few different scores on one side"),
    ],
)
def test_without_two_sides_there_is_no_jump(outcome, score, message):
    with pytest.raises(BadInput, match=message):
        discontinuity(outcome, score, 0.0)
    with pytest.raises(BadInput, match="positive"):
        Bandwidths(0, 1)
