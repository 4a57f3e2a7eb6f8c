"""Adjustment for what was observed: LaLonde's data, other routes to the same number, a truth."""

import numpy as np
import pytest
from scipy import optimize, special

from tests.effects.lalonde import experiment, with_cps
from tuttuno.effects import doubly_robust
from tuttuno.effects.balancing import entropy_balancing, entropy_weights
from tuttuno.effects.doubly_robust import aipw
from tuttuno.effects.doubly_robust_did import doubly_robust_did
from tuttuno.effects.groups import Groups, balance
from tuttuno.effects.logit import fit_logit
from tuttuno.effects.regression import difference, oaxaca_blinder, regression
from tuttuno.errors import BadInput

METHODS = (regression, oaxaca_blinder, entropy_balancing, aipw)


def buyers(rng, units=400, effect=1.5):
    """Who is treated depends on three traits, and so does what they buy."""
    traits = rng.normal(size=(units, 3))
    treated = rng.random(units) < special.expit(traits @ [0.5, 0.3, 0.2] - 0.5)
    outcome = traits @ [1, 2, 0.5] + effect * treated + rng.normal(size=units)
    return Groups(outcome, treated, traits, ("a", "b", "c"))


def test_the_experiment_gives_what_was_published():
    found = difference(experiment())
    assert found.estimate == pytest.approx(1794.34, abs=0.01)
    assert found.se == pytest.approx(671.00, abs=0.01)


@pytest.mark.parametrize(
    ("method", "published", "within"),
    [
        (difference, -8497.52, 0.01),
        (regression, 1066.38, 0.01),
        (oaxaca_blinder, 1133.28, 0.01),
        (entropy_balancing, 1406.27, 0.1),
    ],
)
def test_adjustment_with_survey_controls_gives_what_imbens_and_xu_publish(
    method, published, within
):
    assert method(with_cps()).estimate == pytest.approx(published, abs=within)


@pytest.mark.parametrize("method", METHODS)
def test_a_known_effect_is_found_where_the_plain_difference_is_wrong(method):
    groups = buyers(np.random.default_rng(1), 4_000)
    found = method(groups)
    assert found.low < 1.5 < found.high
    assert found.refused is None
    plain = difference(groups)
    assert not plain.low < 1.5 < plain.high


def test_aipw_without_folds_equals_an_independent_library():
    """moderndid 0.2.0, `drdid_panel` with nothing before: the same estimator of the ATT."""
    rng = np.random.default_rng(9)
    traits = rng.normal(size=(400, 3))
    treated = rng.random(400) < 1 / (1 + np.exp(-(traits @ [0.5, -0.3, 0.2] - 0.5)))
    outcome = traits @ [1, 2, 0.5] + treated * 1.5 + rng.normal(size=400)
    design = np.hstack([np.ones((400, 1)), traits])
    effect, influence = doubly_robust_did(outcome, treated, design, np.ones(400))
    assert effect == pytest.approx(1.319152476584766, abs=1e-9)
    assert np.sqrt(influence @ influence) / 400 == pytest.approx(0.1182563090964093, abs=2e-4)
    ours = aipw(Groups(outcome, treated, traits), folds=1, ridge=0)
    assert ours.estimate == pytest.approx(effect, abs=1e-6)


def test_folds_are_drawn_from_the_seed_and_hold_both_groups():
    groups = buyers(np.random.default_rng(2))
    assert aipw(groups, seed=1).estimate == aipw(groups, seed=1).estimate
    assert aipw(groups, seed=1).estimate != aipw(groups, seed=2).estimate


def test_a_unit_is_never_judged_by_a_model_that_has_seen_it():
    groups = buyers(np.random.default_rng(3), 200)
    design = np.hstack([np.ones((200, 1)), groups.covariates])
    fold = doubly_robust._folds(groups.treated, 5, 0)
    wild = np.where(fold == 2, 1e4, groups.outcome)
    odd = Groups(wild, groups.treated, groups.covariates)
    before = doubly_robust._predict(groups, design, fold, 0.0)[1]
    after = doubly_robust._predict(odd, design, fold, 0.0)[1]
    assert after[fold == 2] == pytest.approx(before[fold == 2])
    assert np.abs(after - before)[fold != 2].min() > 1


def test_entropy_weights_are_those_of_a_general_optimiser():
    rng = np.random.default_rng(4)
    controls, target = rng.normal(size=(40, 2)), np.array([0.3, -0.2])
    ours = entropy_weights(controls, target)
    conditions = [
        {"type": "eq", "fun": lambda w: w @ controls - target},
        {"type": "eq", "fun": lambda w: w.sum() - 1},
    ]
    found = optimize.minimize(
        lambda w: w @ np.log(w), np.full(40, 1 / 40), bounds=[(1e-9, 1)] * 40,
        constraints=conditions, options={"maxiter": 500, "ftol": 1e-12},
    )  # fmt: skip
    assert ours == pytest.approx(found.x, abs=1e-4)
    assert ours @ controls == pytest.approx(target, abs=1e-9)


def test_weights_that_do_not_exist_are_refused():
    controls = np.random.default_rng(5).normal(size=(40, 2))
    with pytest.raises(BadInput, match="no weights make the controls look like"):
        entropy_weights(controls, np.array([9.0, 0.0]))


def test_oaxaca_blinder_is_the_regression_of_controls_written_out():
    groups = buyers(np.random.default_rng(6))
    design = np.hstack([np.ones((400, 1)), groups.covariates])
    controls = ~groups.treated
    fitted = np.linalg.lstsq(design[controls], groups.outcome[controls], rcond=None)[0]
    expected = (groups.outcome - design @ fitted)[groups.treated].mean()
    assert oaxaca_blinder(groups).estimate == pytest.approx(expected)


@pytest.mark.parametrize("method", METHODS)
def test_copies_within_clusters_add_no_information(method):
    once = buyers(np.random.default_rng(7), 300)
    twice = Groups(
        np.repeat(once.outcome, 2),
        np.repeat(once.treated, 2),
        np.repeat(once.covariates, 2, axis=0),
        cluster=np.repeat(np.arange(300), 2),
    )
    options = {"folds": 1} if method is aipw else {}
    assert method(twice, **options).se == pytest.approx(method(once, **options).se, rel=1e-6)
    assert method(twice, **options).clusters == 300


def test_balance_is_in_standard_deviations_and_counts_effective_controls():
    groups = Groups(
        np.zeros(6), np.array([1, 1, 0, 0, 0, 0]) > 0, np.array([[1.0], [3], [0], [2], [4], [6]])
    )
    found = balance(groups, np.array([1.0, 1, 0, 0]))
    spread = np.sqrt((1 + 5) / 2)
    assert found.before == pytest.approx([(2 - 3) / spread])
    assert found.after == pytest.approx([(2 - 1) / spread])
    assert found.effective == pytest.approx(2)


def test_imbalance_and_a_small_effective_sample_are_refused():
    groups = buyers(np.random.default_rng(8), 4_000)
    equal = balance(groups, np.ones(int((~groups.treated).sum())))
    assert "a still differs by" in equal.refusal()
    few = entropy_balancing(buyers(np.random.default_rng(8), 120))
    assert "effective sample of controls is" in few.refused


def test_groups_that_do_not_overlap_are_refused():
    rng = np.random.default_rng(10)
    treated = np.arange(200) < 80
    apart = Groups(rng.normal(size=200), treated, rng.normal(size=(200, 1)) + 20 * treated[:, None])
    with pytest.raises(BadInput, match="without overlap nobody can be compared"):
        aipw(apart)


def test_the_logit_equals_a_general_optimiser():
    rng = np.random.default_rng(11)
    design = np.hstack([np.ones((300, 1)), rng.normal(size=(300, 2))])
    treated = rng.random(300) < special.expit(design @ [0.2, 1, -1])
    weight = rng.uniform(0.5, 2, 300)
    found = optimize.minimize(
        lambda b: -(weight @ special.log_expit(np.where(treated, 1, -1) * (design @ b))),
        np.zeros(3), options={"gtol": 1e-8},
    )  # fmt: skip
    assert fit_logit(design, treated, weight).coefficients == pytest.approx(found.x, abs=1e-5)


@pytest.mark.parametrize(
    ("outcome", "treated", "message"),
    [
        ([1.0, np.nan], [True, False], "is missing"),
        ([1.0, 2.0], [True, True], "treated and other units"),
        ([1.0, 2.0, 3.0], [True, False], "one row for each unit"),
    ],
)
def test_groups_that_cannot_be_compared_are_refused(outcome, treated, message):
    with pytest.raises(BadInput, match=message):
        Groups(np.array(outcome), np.array(treated), np.zeros((2, 1)))
