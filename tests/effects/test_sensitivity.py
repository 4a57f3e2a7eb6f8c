"""What a hidden cause would have to be like: published values, and exact enumeration."""

import itertools

import numpy as np
import pytest

from tuttuno.effects.sensitivity import (
    e_value,
    e_value_of_difference,
    robustness,
    rosenbaum,
    rosenbaum_p,
)
from tuttuno.errors import BadInput


@pytest.mark.parametrize(
    ("ratio", "low", "high", "point", "interval"),
    [
        pytest.param(10.73, 8.02, 14.36, 20.94777, 15.52336, id="vignette-of-EValue"),
        pytest.param(3.9, 1.8, 8.7, 7.263, 3.0, id="VanderWeele-Ding"),
        pytest.param(0.8, 0.71, 0.91, 1.809, 1.429, id="protective"),
        pytest.param(1.3, 0.9, 1.9, 1.924, 1.0, id="not-significant"),
    ],
)
def test_e_values_are_the_published_ones(ratio, low, high, point, interval):
    found = e_value(ratio, low, high)
    assert (found.point, found.interval) == pytest.approx((point, interval), abs=6e-4)


def test_a_difference_is_turned_into_a_ratio_first():
    assert e_value_of_difference(0, 1, 2).point == 1
    found = e_value_of_difference(-0.42, 0.14, 1)
    assert found.point == pytest.approx(e_value(np.exp(-0.3822), 0.1, 1.0).point)
    upper = np.exp(-0.3822 + 1.78 * 0.14)
    assert found.interval == pytest.approx(e_value(upper, upper / 2, upper).point)


def test_robustness_values_are_those_of_the_darfur_study():
    """sensemakr: t 4.18445 with 783 degrees of freedom gives 13.9 %, 7.6 % and 2.2 %."""
    found = robustness(4.18445, 783)
    assert found.value == pytest.approx(0.13878, abs=1e-5)
    assert found.significant == pytest.approx(0.07626, abs=1e-5)
    assert found.partial_r2 == pytest.approx(0.02187, abs=1e-5)
    assert robustness(1.0, 783).significant == 0


def test_without_hidden_bias_the_bound_is_the_signed_rank_test():
    pairs = np.random.default_rng(1).normal(0.8, 1, 12)
    ranks = np.argsort(np.argsort(np.abs(pairs))) + 1
    seen = ranks[pairs > 0].sum()
    exact = np.mean([
        ranks[np.array(signs) > 0].sum() >= seen for signs in itertools.product((0, 1), repeat=12)
    ])  # fmt: skip
    assert rosenbaum_p(pairs, 1.0) == pytest.approx(exact, abs=0.01)


def test_gamma_is_where_the_worst_p_reaches_five_percent():
    pairs = np.random.default_rng(2).normal(0.5, 1, 80)
    found = rosenbaum(pairs)
    assert rosenbaum_p(pairs, found.gamma) == pytest.approx(0.05, abs=1e-6)
    assert found.gamma > 1
    assert rosenbaum(-pairs).gamma == 1
    assert rosenbaum(np.abs(pairs), most=2).gamma == 2


@pytest.mark.parametrize(
    "call",
    [
        lambda: e_value(2, 3, 4),
        lambda: e_value(-1, -2, 4),
        lambda: e_value_of_difference(1, 1, 0),
        lambda: rosenbaum(np.zeros(4)),
        lambda: robustness(1, 1),
    ],
)
def test_numbers_that_mean_nothing_are_refused(call):
    with pytest.raises(BadInput):
        call()
