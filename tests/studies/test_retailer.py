"""On the simulated retailer the studies find what is known to be true."""

import shutil

import pytest

from tests.studies.retailers import judged

pytestmark = pytest.mark.slow

SEEDS = (7, pytest.param(11, marks=pytest.mark.storm))


@pytest.fixture(scope="module", params=SEEDS)
def found(request):
    retailer = judged(request.param)
    yield retailer
    shutil.rmtree(retailer.root.parent, ignore_errors=True)


def test_the_share_of_new_online_orders_that_stores_lost_is_found(found):
    answer, truth = found.answers["cannibalisation"], found.truth["diversion_members"]
    # two retailers, one of which lies at the edge of its interval; a hundred are a storm
    assert abs(answer.estimate - truth) < 0.65 * (answer.high - answer.low)
    assert answer.low < found.truth["diversion"] < answer.high


def test_what_stores_lost_in_articles_is_found_and_categories_are_not_told_apart(found):
    answer = found.answers["cannibalisation_by_category"]
    assert abs(answer.estimate - found.truth["diversion_members"]) < 0.08
    assert answer.diagnostics["alike"] > 0.01
    assert len([row for row in answer.diagnostics["by_category"] if row["low"] is not None]) >= 5


def test_who_knows_a_category_from_the_store_buys_it_online_far_less_often_than_taste_has_it(found):
    answer = found.answers["familiarity_effect"]
    naive = answer.diagnostics["naive"]
    assert answer.high > 0
    assert answer.high < naive["difference"]


def test_both_channels_of_provinces_with_a_launch_gain_together_what_is_known(found):
    both = found.outcome("cannibalisation_by_market", "orders_both")
    truth = found.truth
    sides = [truth[f"click_and_collect_effect_{side}_orders"] for side in ("store", "online")]
    shares = [
        truth[f"click_and_collect_effect_{side}_orders_share"] for side in ("store", "online")
    ]
    usual = sum(side / share for side, share in zip(sides, shares, strict=True))
    assert both["low"] < sum(sides) / usual < both["high"]
    answer = found.answers["cannibalisation_by_market"]
    assert answer.refused or answer.low < -sides[0] / sides[1] < answer.high


def test_orders_and_euros_tell_the_same_with_more_doubt_in_euros(found):
    orders, euros = (found.outcome("cannibalisation", name) for name in ("orders", "net"))
    assert max(orders["low"], euros["low"]) < min(orders["high"], euros["high"])
    assert euros["high"] - euros["low"] > 1.3 * (orders["high"] - orders["low"])


def test_what_going_online_adds_is_far_less_than_what_buyers_of_both_channels_spend_more(found):
    naive = found.answers["cannibalisation"].diagnostics["naive"]
    assert naive["times"] > 1.8
    assert 1 < naive["adjusted_times"] < 0.8 * naive["times"]


def test_the_loyalty_effect_is_inside_its_interval_and_the_naive_one_is_twice_the_truth(found):
    answer, truth = found.answers["loyalty_effect"], found.truth["loyalty_effect_orders"]
    assert 0 < answer.low < truth < answer.high
    assert answer.diagnostics["naive"]["difference"] > answer.high


def test_the_click_and_collect_effects_are_inside_their_intervals(found):
    for side in ("store", "online"):
        effect = found.outcome("click_and_collect_effect", f"orders_{side}")
        truth = found.truth[f"click_and_collect_effect_{side}_orders_share"]
        assert effect["low"] < truth < effect["high"]
        assert effect["estimate"] > 0


def test_before_and_after_alone_would_credit_click_and_collect_with_all_growth_online(found):
    naive = found.answers["click_and_collect_effect"].diagnostics["naive"]["online"]
    truth = found.truth["click_and_collect_effect_online_orders_share"]
    assert naive["times"] > 1 + 3 * truth


def test_members_are_found_to_show_their_card_as_often_as_they_do(found):
    seen = found.answers["cannibalisation"].diagnostics["seen"]
    assert seen["share"] == pytest.approx(0.84, abs=0.025)


def test_an_answer_carries_all_that_is_needed_to_ask_again(found):
    for name, answer in found.answers.items():
        told = answer.diagnostics
        assert told["declared"]["name"] == name
        assert told["stored_with"]["tables"]["person"] >= 0
        assert told["stored_with"]["release"] == 1
