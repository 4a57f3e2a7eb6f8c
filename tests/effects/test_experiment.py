"""Experiments: arms, noise taken off, many questions, many looks, and the plan before."""

import numpy as np
import pytest
from scipy import stats

from tuttuno.effects.always_valid import confidence_sequence, running_difference
from tuttuno.effects.experiment import benjamini_hochberg, cuped, sample_ratio
from tuttuno.effects.power import Plan
from tuttuno.errors import BadInput


def test_arms_that_chance_did_not_fill_are_refused():
    found = sample_ratio(np.array([50_000.0, 48_500.0]), np.array([1.0, 1.0]))
    assert found.p == pytest.approx(stats.binomtest(48_500, 98_500).pvalue, rel=0.05)
    assert found.refused == (
        "sample ratio mismatch: arms of 50,000 and 48,500 where 49,250 and 49,250 were due"
    )
    assert sample_ratio(np.array([898.0, 102.0]), np.array([9.0, 1.0])).refused is None


@pytest.mark.parametrize(
    ("counts", "planned"), [([1.0, 2.0], [1.0]), ([0.0, 0.0], [1.0, 1.0]), ([1.0, 2.0], [1.0, 0])]
)
def test_a_ratio_of_nothing_is_no_ratio(counts, planned):
    with pytest.raises(BadInput):
        sample_ratio(np.array(counts), np.array(planned))


def test_cuped_takes_off_the_noise_that_was_there_before():
    rng = np.random.default_rng(1)
    before = rng.gamma(2, 10, 4_000)
    treated = rng.random(4_000) < 0.5
    outcome = before * 0.9 + rng.normal(0, 5, 4_000) + treated
    found = cuped(outcome, before, treated)
    left = 1 - np.corrcoef(outcome, before)[0, 1] ** 2
    assert found.variance_ratio == pytest.approx(left, abs=0.01)
    assert found.slope == pytest.approx(0.9, abs=0.02)
    assert found.effect.low < 1 < found.effect.high
    plain = cuped(outcome, before * 0, treated).effect
    welch = stats.ttest_ind(outcome[treated], outcome[~treated], equal_var=False)
    assert plain.estimate / plain.se == pytest.approx(welch.statistic)
    assert found.effect.se / plain.se == pytest.approx(np.sqrt(left), abs=0.01)


def test_cuped_equals_the_regression_with_a_centred_covariate():
    rng = np.random.default_rng(2)
    before, treated = rng.normal(size=200), np.arange(200) % 2 == 0
    outcome = before + treated + rng.normal(size=200)
    design = np.column_stack([np.ones(200), treated, before])
    expected = np.linalg.lstsq(design, outcome, rcond=None)[0][1]
    assert cuped(outcome, before, treated).effect.estimate == pytest.approx(expected)


def test_false_discoveries_are_kept_to_their_share():
    p = np.array([0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205])
    assert (benjamini_hochberg(p) <= 0.05).sum() == 2
    assert benjamini_hochberg(p).tolist() == sorted(benjamini_hochberg(p))
    assert benjamini_hochberg(np.array([])).size == 0
    with pytest.raises(BadInput):
        benjamini_hochberg(np.array([1.2]))


def test_the_sequence_is_the_published_formula():
    n, rho2 = 1_000.0, (-2 * np.log(0.05) + np.log(-2 * np.log(0.05)) + 1) / 1_000
    found = confidence_sequence(np.array([0.0]), np.array([0.1]), np.array([n]))
    variance = n * 0.1**2
    half = np.sqrt(
        variance * 2 * (n * rho2 + 1) / (n**2 * rho2) * np.log(np.sqrt(n * rho2 + 1) / 0.05)
    )
    assert found.high[0] == pytest.approx(half)
    assert 2 < found.high[0] / 0.1 < 3.5


def test_the_running_difference_is_that_of_the_units_so_far():
    rng = np.random.default_rng(3)
    outcome, treated = rng.normal(size=300), np.arange(300) % 3 == 0
    found = running_difference(outcome, treated * 1.0, np.array([90, 300]))
    mean = outcome[:90][treated[:90]].mean() - outcome[:90][~treated[:90]].mean()
    assert found.estimate[0] == pytest.approx(mean)
    welch = stats.ttest_ind(outcome[treated], outcome[~treated], equal_var=False)
    error = found.estimate[1] / welch.statistic
    fixed = confidence_sequence(found.estimate[1:], np.array([error]), np.array([300.0]))
    assert found.high[1] == pytest.approx(fixed.high[0])
    with pytest.raises(BadInput, match="each arm needs two units"):
        running_difference(outcome, treated * 1.0, np.array([3]))


def test_power_before_the_study_is_that_of_the_textbook():
    plan = Plan(spread=1.0)
    assert plan.units(0.5) / 2 == pytest.approx(62.79, abs=0.01)
    assert plan.effect(plan.units(0.3)) == pytest.approx(0.3)
    assert plan.chance(0.5, plan.units(0.5)) == pytest.approx(0.8, abs=1e-4)
    assert Plan(1.0, share=0.1).units(0.5) == pytest.approx(plan.units(0.5) * 0.25 / 0.09)
    grouped = Plan(1.0, cluster_size=20, correlation=0.05)
    assert grouped.units(0.5) == pytest.approx(plan.units(0.5) * 1.95)
    assert Plan(1.0, explained=0.75).units(0.5) == pytest.approx(plan.units(0.5) / 4)
    with pytest.raises(BadInput):
        Plan(spread=0)
    with pytest.raises(BadInput):
        plan.units(0)
