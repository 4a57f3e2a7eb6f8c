"""Whom a campaign moves: learnt scores and the test whether they rank."""

import numpy as np
import pytest

from tuttuno.effects.groups import Groups
from tuttuno.effects.uplift import Learner, learn, lift_by_group, qini
from tuttuno.errors import BadInput


def campaign(seed, persons=4_000, moved=1.0, share=0.5):
    """The first trait says who is moved, the second who buys anyway."""
    rng = np.random.default_rng(seed)
    traits = rng.normal(size=(persons, 2))
    treated = rng.random(persons) < share
    uplift = 0.5 + moved * traits[:, 0]
    outcome = 2 * traits[:, 1] + uplift * treated + rng.normal(size=persons)
    return Groups(outcome, treated, traits), uplift


@pytest.mark.parametrize("learner", Learner)
@pytest.mark.parametrize("share", [0.5, 0.2])
def test_the_known_uplift_is_learnt(learner, share):
    groups, _ = campaign(1, share=share)
    found = learn(groups, learner)
    assert found.constant == pytest.approx(0.5, abs=0.12)
    assert found.slopes == pytest.approx([1.0, 0.0], abs=0.12)


@pytest.mark.parametrize("learner", [Learner.X, Learner.DR])
def test_regressions_pulled_too_far_do_not_invent_uplift_where_arms_differ_in_size(learner):
    groups, _ = campaign(1, 40_000, share=0.2)
    assert learn(groups, Learner.T, ridge=10_000).slopes[1] < -0.5
    assert learn(groups, learner, ridge=10_000).slopes[1] == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("learner", Learner)
def test_a_learnt_score_ranks_other_persons_better_than_chance(learner):
    score = learn(campaign(2)[0], learner)
    others, _ = campaign(3)
    found = qini(score.predict(others.covariates), others.outcome, others.treated, draws=200)
    assert 0 < found.low < found.coefficient < found.high
    lifts = lift_by_group(score.predict(others.covariates), others.outcome, others.treated)
    assert lifts[0] > 1.5
    assert lifts[-1] < 0


def test_a_score_of_who_buys_anyway_ranks_nobody():
    groups, _ = campaign(4)
    found = qini(groups.covariates[:, 1], groups.outcome, groups.treated, draws=200)
    assert found.low < 0 < found.high


def test_the_curve_is_the_share_times_the_difference_of_arms():
    score = np.array([4.0, 3, 2, 1])
    outcome, treated = np.array([5.0, 1, 2, 2]), np.array([True, False, True, False])
    found = qini(score, outcome, treated, draws=2)
    assert found.share == pytest.approx([0, 0.25, 0.5, 0.75, 1])
    assert found.gain == pytest.approx([0, 0, 0.5 * 4, 0.75 * 2.5, 2])
    area = 0.25 * (0 + 0) / 2 + 0.25 * (0 + 2) / 2 + 0.25 * (2 + 1.875) / 2 + 0.25 * 3.875 / 2
    assert found.coefficient == pytest.approx(area - 1)


def test_persons_with_the_same_score_are_taken_together():
    groups, _ = campaign(5, 500)
    flat = qini(np.zeros(500), groups.outcome, groups.treated, draws=20)
    assert flat.coefficient == pytest.approx(0)
    assert flat.share.tolist() == [0, 1]


def test_a_perfect_score_gains_what_the_spread_of_uplift_allows():
    groups, uplift = campaign(6, 40_000)
    found = qini(uplift, groups.outcome, groups.treated, draws=50)
    assert found.low < 1 / (2 * np.sqrt(np.pi)) < found.high


def test_arms_without_persons_are_refused():
    with pytest.raises(BadInput, match="both arms"):
        qini(np.zeros(2), np.zeros(2), np.array([True, True]))
    with pytest.raises(BadInput, match="a score, an outcome and an arm"):
        qini(np.zeros(3), np.zeros(2), np.array([True, False]))
