"""Bounds on violations of parallel trends: the published Medicaid example, and laws."""

import itertools

import numpy as np
import pytest
from scipy import optimize, stats

from tests.effects.medicaid import STUDY
from tests.effects.panels import panel, world
from tuttuno.effects import honest
from tuttuno.effects.choices import Base
from tuttuno.effects.comparison import Design
from tuttuno.effects.honest import (
    EventStudy,
    breakdown,
    event_study,
    relative,
    smoothness,
)
from tuttuno.effects.staggered import staggered
from tuttuno.errors import BadInput


@pytest.mark.parametrize(
    ("size", "low", "high"),
    [(0.5, 0.0241, 0.0673), (1, 0.0171, 0.0720), (1.5, 0.00859, 0.0796), (2, -0.00107, 0.0883)],
)
def test_relative_bounds_are_those_of_the_r_reference(size, low, high):
    found = relative(STUDY, size)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-3)


@pytest.mark.parametrize(
    ("size", "low", "high"),
    [
        (0, 0.0259, 0.0607),
        (0.01, 0.0132, 0.0787),
        (0.02, 0.00286, 0.0907),
        (0.03, -0.00714, 0.101),
    ],
)
def test_smoothness_bounds_are_those_of_the_r_reference(size, low, high):
    found = smoothness(STUDY, size)
    assert (found.low, found.high) == pytest.approx((low, high), abs=4e-4)
    assert found.low == pytest.approx(low, abs=1e-4)


def test_the_breakdown_is_where_the_interval_meets_zero():
    value = breakdown(STUDY)
    assert relative(STUDY, value - 0.05).low > 0 >= relative(STUDY, value + 0.05).low
    assert breakdown(EventStudy(STUDY.before, STUDY.after * 0, STUDY.covariance)) == 0
    assert breakdown(EventStudy(STUDY.before, STUDY.after + 9, STUDY.covariance), most=1) == 1


def test_larger_violations_never_narrow_a_bound():
    for bound, sizes in ((relative, (0, 0.5, 1, 2)), (smoothness, (0, 0.01, 0.03))):
        found = [bound(STUDY, size) for size in sizes]
        assert all(a.low >= b.low and a.high <= b.high for a, b in itertools.pairwise(found))


def test_a_straight_line_before_treatment_is_taken_off_when_slopes_may_not_change():
    line = 0.3 * np.arange(-4.0, 3.0)
    path = np.delete(line, 3) + np.array([0, 0, 0, 0, 2, 2])
    study = EventStudy(path[:3], path[3:], np.eye(6) * 1e-6)
    found = smoothness(EventStudy(line[:4] - line[4], line[5:] - line[4] + 2, np.eye(6) * 1e-6), 0)
    assert study.after.size == 3
    assert (found.low + found.high) / 2 == pytest.approx(2)


def test_no_other_linear_estimator_has_a_shorter_interval():
    weights = honest.first_effect(STUDY)
    search = honest._Shortest(STUDY, 0.01, weights)
    best = search.half(search.load())
    rng = np.random.default_rng(1)
    tried = [search.half(search._load(rng.normal(0, 0.5, 4))) for _ in range(500)]
    assert best <= min(tried)


def test_corners_of_the_dual_give_the_optimum_of_the_linear_program():
    """The statistic of Andrews, Roth & Pakes by the definition, with a general solver."""
    weights, size = np.array([0.7, 0.3]), 0.8
    largest = honest._step(STUDY, 1)
    rows, nuisance = [], []
    for period, sign in itertools.product(range(2), (1.0, -1.0)):
        row = np.zeros(7)
        row[5 + period] = sign
        if period:
            row[4 + period] = -sign
        rows.append(row - size * largest)
        nuisance.append(sign * np.array([-0.3 / 0.7, 1 + 0.3 / 0.7][period]))
    rows = np.array(rows)
    sd = np.sqrt(np.diag(rows @ STUDY.covariance @ rows.T))
    for draw in np.random.default_rng(2).normal(0, 0.05, (20, 7)):
        table = -np.column_stack([sd, nuisance])
        program = optimize.linprog([1, 0], table, -rows @ draw, bounds=[(None, None)] * 2)
        ours = (honest._corners(STUDY, weights, size, largest) @ draw).max()
        shift = (weights @ draw[5:]) / 0.7
        fixed = draw.copy()
        fixed[5] -= shift
        at_zero = optimize.linprog([1, 0], table, -rows @ fixed, bounds=[(None, None)] * 2)
        there = (honest._corners(STUDY, weights, size, largest) @ fixed).max()
        assert program.status == 0
        assert there == pytest.approx(at_zero.fun, abs=1e-9)
        assert ours >= there - np.abs(shift) / sd.min()


def test_a_truncated_quantile_is_right_also_far_in_the_tail():
    lows, highs = np.array([-np.inf, 8.0, -9.0]), np.array([np.inf, np.inf, -7.0])
    ours = honest._truncated(0.95, lows, highs)
    expected = [stats.norm.ppf(0.95), stats.norm.isf(stats.norm.sf(8) * 0.05)]
    assert ours[:2] == pytest.approx(expected)
    assert -7.1 < ours[2] < -7


def held(bound, size, draws, seed):
    """How often an effect of one is inside, where trends diverge by as much at each step."""
    drift = 0.2 * np.arange(-3.0, 3.0)
    truth = np.delete(drift, 3) + np.array([0, 0, 0, 1.0, 1.0])
    covariance, inside = 0.01 * (np.eye(5) + 1), 0
    for draw in np.random.default_rng(seed).multivariate_normal(truth, covariance, draws):
        found = bound(EventStudy(draw[:3], draw[3:], covariance), size)
        inside += found.low <= 1 <= found.high
    return inside / draws


def test_relative_bounds_cover_the_truth_when_trends_diverge_as_they_did_before():
    assert held(relative, 1.0, 300, seed=3) >= 0.925


@pytest.mark.storm
def test_bounds_keep_their_promise_over_many_more_worlds():
    """A straight line that goes on is what no change of slope allows, with nothing to spare."""
    assert held(smoothness, 0.0, 1_000, seed=2) == pytest.approx(0.95, abs=0.015)
    assert held(relative, 1.0, 1_000, seed=2) >= 0.935


def test_an_event_study_needs_a_universal_base_and_two_periods_before():
    whole = panel(*world(np.random.default_rng(4), 200))
    with pytest.raises(BadInput, match="universal base"):
        event_study(staggered(whole))
    study = event_study(staggered(whole, Design(base=Base.UNIVERSAL)))
    assert (study.before.size, study.after.size) == (4, 5)
    with pytest.raises(BadInput, match="two periods before"):
        relative(EventStudy(study.before[:1], study.after[:1], np.eye(2)), 1)
    with pytest.raises(BadInput, match="not negative"):
        smoothness(study, -1)


def test_the_largest_corner_stays_the_largest_exactly_within_its_support():
    rng = np.random.default_rng(5)
    for _ in range(20):
        root = rng.normal(size=(4, 4))
        spread, values = root @ root.T, rng.normal(size=(4, 1))
        best, low, high = honest._support(values, spread, 50.0)
        pull = spread[:, best[0]] / spread[best[0], best[0]]
        still = values[:, 0] - pull * values.max()
        inside = np.linspace(max(low[0], -60) + 1e-6, high[0] - 1e-6, 9)
        outside = [end for end in (low[0] - 1e-6, high[0] + 1e-6) if -60 < end < 49]
        assert all((still + pull * value).argmax() == best[0] for value in inside)
        assert all((still + pull * value).argmax() != best[0] for value in outside)
        assert high[0] <= 50
