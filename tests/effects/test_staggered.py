"""Callaway & Sant'Anna on published numbers, against independent routes, and with known truth."""

import numpy as np
import pytest
from scipy import stats

from tests.effects.panels import mpdta, panel, world
from tuttuno.effects.aggregate import aggregate, band, pre_trend, wald
from tuttuno.effects.choices import Base, Control, Kind
from tuttuno.effects.cohorts import CohortStatistics, cohort_statistics
from tuttuno.effects.comparison import Design
from tuttuno.effects.doubly_robust_did import NoOverlap
from tuttuno.effects.staggered import staggered, staggered_from_cohorts
from tuttuno.errors import BadInput

NOT_YET = Design(Control.NOT_YET)

#: README and vignette of R's `did`: the minimum wage and county teen employment.
PUBLISHED = {
    (2004, 2004): -0.0105,
    (2004, 2005): -0.0704,
    (2004, 2006): -0.1373,
    (2004, 2007): -0.1008,
    (2006, 2004): 0.0065,
    (2006, 2005): -0.0028,
    (2006, 2006): -0.0046,
    (2006, 2007): -0.0412,
    (2007, 2004): 0.0305,
    (2007, 2005): -0.0027,
    (2007, 2006): -0.0311,
    (2007, 2007): -0.0261,
}

#: moderndid 0.2.0: simple, group, calendar and dynamic averages with analytic errors.
MODERNDID = [
    (
        Control.NEVER,
        0,
        (),
        (-0.03995128, -0.03101828, -0.04170043, -0.07723982),
        (0.01203401, 0.01244606, 0.01597185, 0.01996499),
    ),
    (
        Control.NEVER,
        0,
        ("lpop",),
        (-0.04175177, -0.0328196, -0.04417736, -0.08035395),
        (0.01150284, 0.01189818, 0.01503818, 0.01895756),
    ),
    (
        Control.NEVER,
        1,
        ("lpop",),
        (-0.0455285, -0.05001021, -0.0300971, -0.04628228),
        (0.01662666, 0.01719037, 0.01758047, 0.01828123),
    ),
    (
        Control.NOT_YET,
        0,
        (),
        (-0.03976363, -0.03046223, -0.04426708, -0.07739931),
        (0.01205242, 0.01257512, 0.0155709, 0.01956018),
    ),
    (
        Control.NOT_YET,
        0,
        ("lpop",),
        (-0.04135163, -0.03226404, -0.04566463, -0.07999262),
        (0.01142784, 0.01198341, 0.01469826, 0.018494),
    ),
]


def test_published_effects_by_county_group_and_year_are_reproduced(shared):
    found = staggered(mpdta(shared))
    ours = dict(zip(zip(found.cohort, found.time, strict=True), found.att, strict=True))
    assert ours == pytest.approx(PUBLISHED, abs=5e-5)
    assert pre_trend(found).p == pytest.approx(0.16812, abs=1e-5)
    group = aggregate(found, Kind.GROUP)
    assert group.effects == pytest.approx([-0.0797, -0.0229, -0.0261], abs=5e-5)


@pytest.mark.parametrize(("control", "ahead", "covariates", "estimates", "errors"), MODERNDID)
def test_averages_and_errors_equal_an_independent_library(
    shared, control, ahead, covariates, estimates, errors
):
    found = staggered(mpdta(shared, *covariates), Design(control, anticipation=ahead))
    ours = [aggregate(found, kind) for kind in Kind]
    assert [one.estimate for one in ours] == pytest.approx(estimates, abs=1e-8)
    assert [one.se for one in ours] == pytest.approx(errors, abs=1e-8)


def test_a_universal_base_changes_the_path_before_treatment_only(shared):
    varying = staggered(mpdta(shared))
    universal = staggered(mpdta(shared), Design(base=Base.UNIVERSAL))
    assert universal.att[universal.post] == pytest.approx(varying.att[varying.post])
    assert int(universal.reference.sum()) == 3
    last = universal.att[(universal.cohort == 2007) & (universal.time == 2005)]
    steps = varying.att[(varying.cohort == 2007) & (varying.time == 2006)]
    assert last == pytest.approx(-steps)
    assert pre_trend(universal).p == pytest.approx(pre_trend(varying).p)


@pytest.mark.parametrize("design", [Design(), NOT_YET, Design(Control.NOT_YET, anticipation=1)])
@pytest.mark.parametrize("clustered", [False, True])
def test_statistics_of_cohorts_give_what_the_influence_of_every_unit_gives(design, clustered):
    rng = np.random.default_rng(3)
    outcome, cohort = world(rng, 120)
    more = {"w": rng.uniform(0.5, 2, 120), "k": rng.integers(0, 30, 120)}
    cluster = "k" if clustered else None
    plain = panel(outcome, cohort, weight="w", cluster=cluster, **more)
    flat = panel(
        outcome, cohort, weight="w", cluster=cluster, covariates=("zero",), zero=0 * cohort, **more
    )
    object.__setattr__(flat, "covariates", flat.covariates[:, :, :0])
    ours, oracle = staggered(plain, design), staggered(flat, design)
    assert ours.att == pytest.approx(oracle.att, abs=1e-12)
    assert ours.covariance == pytest.approx(oracle.covariance, abs=1e-13)


def test_strata_give_what_indicators_of_the_strata_give():
    rng = np.random.default_rng(4)
    outcome, cohort = world(rng, 400, 5, cohorts=(0, 3))
    stratum = rng.integers(0, 3, 400)
    outcome += stratum[:, None] * np.arange(5) * 0.3 * (1 + (cohort[:, None] > 0))
    by_dummies = staggered(
        panel(outcome, cohort, covariates=("s",), s=np.array(["a", "b", "c"])[stratum])
    )
    statistics = cohort_statistics(panel(outcome, cohort), stratum)
    by_strata = staggered_from_cohorts(statistics, np.arange(1.0, 6.0))
    assert by_strata.att == pytest.approx(by_dummies.att, abs=1e-9)
    assert by_strata.covariance == pytest.approx(by_dummies.covariance, rel=1e-6, abs=1e-9)


def test_sums_from_an_engine_are_enough():
    outcome, cohort = world(np.random.default_rng(5), 90)
    whole = panel(outcome, cohort)
    sums = [
        CohortStatistics.from_sums(
            g, int(one.sum()), outcome[one].sum(0), outcome[one].T @ outcome[one]
        )
        for g in np.unique(whole.cohort)
        for one in [whole.cohort == g]
    ]
    ours = staggered_from_cohorts(sums, np.arange(1.0, 9.0), NOT_YET)
    theirs = staggered(whole, NOT_YET)
    assert ours.att == pytest.approx(theirs.att, abs=1e-12)
    assert ours.covariance == pytest.approx(theirs.covariance, abs=1e-12)
    assert (ours.treated, ours.control) == (theirs.treated, theirs.control)


def test_two_periods_and_two_groups_are_the_textbook_difference():
    before, after = np.array([1.0, 2.0, 4.0, 0.0, 3.0]), np.array([4.0, 6.0, 5.0, 1.0, 3.0])
    cohort = np.array([2, 2, 2, 0, 0])
    found = staggered(panel(np.stack([before, after], axis=1), cohort))
    assert found.att == pytest.approx([8 / 3 - 0.5])
    spread = np.array([3, 4, 1]).var() / 3 + np.array([1, 0]).var() / 2
    assert found.se == pytest.approx([np.sqrt(spread)])


def test_each_unit_as_its_own_cluster_changes_nothing_and_copies_do_not_add_information():
    outcome, cohort = world(np.random.default_rng(6), 60)
    plain = aggregate(staggered(panel(outcome, cohort)), Kind.SIMPLE)
    own = panel(outcome, cohort, cluster="k", k=np.arange(60))
    assert aggregate(staggered(own), Kind.SIMPLE).se == pytest.approx(plain.se)
    twice = panel(np.tile(outcome, (2, 1)), np.tile(cohort, 2), cluster="k", k=np.arange(120) % 60)
    assert aggregate(staggered(twice), Kind.SIMPLE).se == pytest.approx(plain.se)


def test_a_weight_of_two_estimates_like_two_units():
    outcome, cohort = world(np.random.default_rng(7), 60)
    double = np.arange(60) % 2 + 1
    weighted = staggered(panel(outcome, cohort, weight="w", w=double))
    repeated = staggered(panel(np.repeat(outcome, double, 0), np.repeat(cohort, double)))
    assert weighted.att == pytest.approx(repeated.att)


def test_without_never_treated_the_last_cohort_is_the_control():
    outcome, cohort = world(np.random.default_rng(8), 90, cohorts=(4, 6, 7))
    found = staggered(panel(outcome, cohort), NOT_YET)
    assert found.time.max() == 6
    assert set(found.groups) == {4, 6}
    assert "cohort 7 is the control" in found.notes[-1]
    with pytest.raises(BadInput, match=r"never treated; compare with units .* not_yet"):
        staggered(panel(outcome, cohort))


def test_units_without_a_before_are_left_out_and_later_ones_count_as_never():
    outcome, cohort = world(np.random.default_rng(9), 90, cohorts=(1, 4, 12))
    found = staggered(panel(outcome, cohort))
    assert (found.treated, found.control) == ((cohort == 4).sum(), (cohort == 12).sum())
    assert "before a base period" in found.notes[1]
    assert "count as never" in found.notes[0]


def test_units_with_a_missing_outcome_are_left_out_with_a_note():
    outcome, cohort = world(np.random.default_rng(10), 90)
    gap = outcome.copy()
    gap[5, 3] = np.nan
    keep = np.arange(90) != 5
    found = staggered(panel(gap, cohort))
    assert found.att == pytest.approx(staggered(panel(outcome[keep], cohort[keep])).att)
    assert found.notes == ("1 of 90 units left out: not in every period",)


def test_covariates_that_separate_the_groups_are_refused():
    outcome, cohort = world(np.random.default_rng(11), 90)
    apart = panel(outcome, cohort, covariates=("x",), x=(cohort > 0) * 1.0)
    with pytest.raises(NoOverlap, match="cohort 4 at 2 cannot be adjusted"):
        staggered(apart)


def test_the_test_of_pre_trends_sees_a_trend():
    outcome, cohort = world(np.random.default_rng(12), 300)
    assert pre_trend(staggered(panel(outcome, cohort))).p > 0.05
    drifting = outcome + 0.3 * (cohort[:, None] > 0) * np.arange(8)
    assert pre_trend(staggered(panel(drifting, cohort))).p < 1e-6


def test_the_band_of_independent_effects_is_that_of_sidak():
    sidak = stats.norm.ppf((1 + 0.95 ** (1 / 5)) / 2)
    assert band(np.diag([1.0, 4.0, 9.0, 1.0, 2.0]), seed=1) == pytest.approx(sidak, abs=0.03)
    same = np.outer([1.0, 2.0], [1.0, 2.0])
    assert band(same, seed=1) == pytest.approx(1.96, abs=0.05)
    assert band(np.eye(3), seed=2) == band(np.eye(3), seed=2)


def test_covariates_are_those_of_the_earlier_of_the_two_periods():
    rng = np.random.default_rng(13)
    outcome, cohort = world(rng, 120, 3, cohorts=(0, 2))
    moving = rng.normal(size=(120, 3))
    found = panel(outcome, cohort, covariates=("x",), x=0 * cohort)
    object.__setattr__(found, "covariates", moving[:, :, None])
    at_first = panel(outcome, cohort, covariates=("x",), x=moving[:, 0])
    assert staggered(found).att == pytest.approx(staggered(at_first).att)


def test_more_placebos_than_units_can_carry_are_tested_by_time_since_treatment():
    rng = np.random.default_rng(14)
    outcome, _ = world(rng, 34, 12, cohorts=(0,))
    cohort = np.array([0] * 20 + [9] * 6 + [11] * 6 + [10, 12])
    found = staggered(panel(outcome, cohort))
    test = pre_trend(found)
    assert int((~found.post).sum()) > 30
    assert test.df == 9
    assert "fewer than 5 units" in found.notes[-1]
    assert "10 (1), 12 (1)" in found.notes[-1]


def test_a_singular_covariance_gives_no_test():
    assert wald(np.ones(2), np.ones((2, 2))) is None
    assert wald(np.zeros(0), np.zeros((0, 0))) is None
    assert wald(np.ones(2), np.eye(2)).statistic == pytest.approx(2)
