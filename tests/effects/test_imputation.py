"""Borusyak, Jaravel & Spiess: equal to two libraries, and to the regression it stands for."""

import numpy as np
import pytest

from tests.effects.panels import mpdta, panel, world
from tuttuno.effects.aggregate import aggregate
from tuttuno.effects.choices import Kind
from tuttuno.effects.comparison import Design
from tuttuno.effects.imputation import imputation, imputed_gap, imputed_share
from tuttuno.effects.staggered import staggered
from tuttuno.errors import BadInput


def test_the_numbers_of_two_libraries_are_reproduced(shared):
    """diff-diff 3.13.0, ImputationDiD: overall, by event time, by cohort."""
    found = imputation(mpdta(shared))
    simple, dynamic, group = (
        aggregate(found, kind) for kind in (Kind.SIMPLE, Kind.DYNAMIC, Kind.GROUP)
    )
    assert simple.estimate == pytest.approx(-0.04770991827781883, abs=1e-9)
    assert simple.se == pytest.approx(0.01322248865001637, abs=1e-9)
    assert dynamic.effects == pytest.approx([-0.03106693, -0.05223486, -0.13607811, -0.10470747])
    assert dynamic.errors == pytest.approx([0.01357725, 0.01881243, 0.03534197, 0.03376585])
    assert group.errors == pytest.approx([0.02561662, 0.02001766, 0.01837214], abs=1e-8)


def by_regression(outcome, cohort):
    """Fit unit and period effects to untreated rows, subtract what they predict."""
    units, periods = outcome.shape
    unit, time = np.divmod(np.arange(outcome.size), periods)
    design = np.hstack([unit[:, None] == np.arange(units), time[:, None] == np.arange(periods)])
    start = np.where(cohort == 0, np.inf, cohort)[unit]
    free = time + 1 < start
    effects = np.linalg.lstsq(design[free] * 1.0, outcome.ravel()[free], rcond=None)[0]
    gap = outcome.ravel() - design @ effects
    return np.array([
        gap[(start == g) & (time + 1 == t)].mean()
        for g in np.unique(start[np.isfinite(start)]) for t in range(int(g), periods + 1)
    ])  # fmt: skip


def test_effects_equal_those_of_the_regression_on_rows():
    outcome, cohort = world(np.random.default_rng(1), 60)
    assert imputation(panel(outcome, cohort)).att == pytest.approx(by_regression(outcome, cohort))


def test_units_as_clusters_change_nothing_and_copies_add_no_information():
    outcome, cohort = world(np.random.default_rng(2), 60)
    plain = imputation(panel(outcome, cohort))
    twice = panel(np.tile(outcome, (2, 1)), np.tile(cohort, 2), cluster="k", k=np.arange(120) % 60)
    assert imputation(twice).se == pytest.approx(plain.se)


def test_anticipation_takes_the_periods_it_may_reach_out_of_the_fit():
    outcome, cohort = world(np.random.default_rng(3), 200)
    early = outcome + 5.0 * (np.arange(1, 9) == cohort[:, None] - 1)
    kept = aggregate(imputation(panel(early, cohort), Design(anticipation=1)), Kind.DYNAMIC)
    assert kept.effects[0] == pytest.approx(1, abs=0.4)
    assert aggregate(imputation(panel(early, cohort)), Kind.DYNAMIC).effects[0] < 0.4


def test_it_needs_less_noise_than_comparisons_with_one_base_period():
    outcome, cohort = world(np.random.default_rng(4), 300)
    whole = panel(outcome, cohort)
    ours = aggregate(imputation(whole), Kind.SIMPLE).se
    assert ours < aggregate(staggered(whole), Kind.SIMPLE).se


def test_what_it_cannot_do_is_refused():
    outcome, cohort = world(np.random.default_rng(5), 60)
    with pytest.raises(BadInput, match="takes no covariates"):
        imputation(panel(outcome, cohort, covariates=("x",), x=cohort))


def test_a_share_is_that_of_a_poisson_regression_on_untreated_rows():
    statsmodels = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(6)
    cohort = np.repeat([np.inf, 5.0, 7.0], 4)
    level, season = rng.gamma(5, 40, (12, 1)), 1 + 0.3 * np.sin(np.arange(10))
    values = rng.poisson(level * season * (1 + 0.2 * (np.arange(10) >= cohort[:, None])))
    free = (np.arange(10) < cohort[:, None]).ravel()
    unit, period = np.repeat(np.eye(12), 10, axis=0), np.tile(np.eye(10)[:, 1:], (12, 1))
    design = np.hstack([unit, period])
    fit = statsmodels.GLM(
        values.ravel()[free], design[free], family=statsmodels.families.Poisson()
    ).fit(tol=1e-12)
    expected = np.exp(design[~free] @ fit.params).sum()
    found = imputed_share(values.astype(float), cohort, np.arange(10.0))
    assert found == pytest.approx(values.ravel()[~free].sum() / expected - 1, rel=1e-7)
    assert found == pytest.approx(0.2, abs=0.06)


def test_a_share_without_anybody_to_learn_from_is_refused():
    values, times = np.ones((3, 4)), np.arange(4.0)
    with pytest.raises(BadInput, match="everybody is treated"):
        imputed_share(values, np.array([2.0, 2.0, 3.0]), times)
    with pytest.raises(BadInput, match="nobody is treated"):
        imputed_share(values, np.full(3, np.inf), times)
    values[0, :2] = 0
    with pytest.raises(BadInput, match="nothing before its treatment"):
        imputed_share(values, np.array([2.0, np.inf, np.inf]), times)


def test_gaps_of_many_outcomes_at_once_are_those_of_each_alone():
    outcome, cohort = world(np.random.default_rng(7), 60)
    groups = np.unique(np.where(cohort > 0, cohort, np.inf))
    start = np.where(cohort > 0, cohort, np.inf)
    means = np.array([outcome[start == one].mean(axis=0) for one in groups])
    units = np.array([(start == one).sum() for one in groups], dtype=float)
    times = np.arange(1.0, outcome.shape[1] + 1)
    gap = imputed_gap(np.stack([means, 3 * means]), units, groups, times)
    found = imputation(panel(outcome, cohort))
    ours = [
        gap[0, place, int(time) - 1]
        for place, one in enumerate(groups) if np.isfinite(one) for time in times if time >= one
    ]  # fmt: skip
    assert ours == pytest.approx(found.att)
    assert gap[1] == pytest.approx(3 * gap[0])
    with pytest.raises(BadInput, match="from the first period on"):
        imputed_gap(means, units, np.where(groups == groups[0], 1.0, groups), times)
