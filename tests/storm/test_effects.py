"""A hundred simulated retailers: how often the truth is inside, and the sign right."""

import shutil

import pytest

from tests.studies.retailers import surveyed

pytestmark = pytest.mark.storm

SEEDS = range(100, 200)

#: Effect, outcome (None: the headline) and the name of its truth.
KNOWN = (
    ("cannibalisation", None, "diversion_members"),
    ("cannibalisation", "net", "diversion_members_net"),
    ("loyalty_effect", None, "loyalty_effect_orders"),
    ("click_and_collect_effect", "orders_store", "click_and_collect_effect_store_orders_share"),
    ("click_and_collect_effect", "orders_online", "click_and_collect_effect_online_orders_share"),
)


@pytest.fixture(scope="module")
def worlds():
    found = []
    for seed in SEEDS:
        world = surveyed(seed)
        shutil.rmtree(world.root.parent)
        found.append(world)
    return found


@pytest.mark.parametrize(("effect", "outcome", "truth"), KNOWN)
def test_the_truth_is_inside_the_interval_as_often_as_it_says(worlds, effect, outcome, truth):
    told = [
        world.outcome(effect, outcome) if outcome else world.answers[effect].as_dict()
        for world in worlds
        if world.answers[effect].refused is None
    ]
    right = [world.truth[truth] for world in worlds if world.answers[effect].refused is None]
    inside = [one["low"] < value < one["high"] for one, value in zip(told, right, strict=True)]
    signs = [one.get("diversion", one.get("estimate")) > 0 for one in told]
    assert len(told) >= 97
    assert sum(inside) / len(inside) >= 0.93
    assert sum(signs) / len(signs) >= 0.99


def test_the_diversion_is_within_five_points_of_the_truth_at_the_mean(worlds):
    away = [
        world.answers["cannibalisation"].estimate - world.truth["diversion_members"]
        for world in worlds
        if world.answers["cannibalisation"].refused is None
    ]
    assert abs(sum(away) / len(away)) < 0.02
    assert sum(abs(one) < 0.05 for one in away) / len(away) >= 0.9


def test_naive_comparisons_are_shown_wrong(worlds):
    def told(name):
        return [
            (one.answers[name].diagnostics["naive"], one.truth)
            for one in worlds
            if one.answers[name].refused is None
        ]

    loyal = [naive["difference"] > 1.2 * truth["loyalty_effect_orders"]
             for naive, truth in told("loyalty_effect")]  # fmt: skip
    share = "click_and_collect_effect_online_orders_share"
    grown = [naive["online"]["times"] > 1 + 5 * truth[share]
             for naive, truth in told("click_and_collect_effect")]  # fmt: skip
    keen = [naive["times"] > 1.15 * naive["adjusted_times"] for naive, _ in told("cannibalisation")]
    for wrong in (loyal, grown, keen):
        assert sum(wrong) / len(wrong) >= 0.97


def test_new_stores_among_launches_of_click_and_collect_are_refused(worlds):
    refusals = [world.answers["store_role"].refused for world in worlds]
    assert all("too few to compare" in str(reason) for reason in refusals)
