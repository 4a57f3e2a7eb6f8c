"""What known people look at, and whether they then buy it."""

import pytest

from tests.measures.scenario import Shop, asked
from tuttuno.measures.intervals import Clusters, wilson, wilson_of_clusters

SALES = """
    anna   2026-01-05  store - 30.00 product=hat
    anna   2026-02-10  web   - 50.00 product=shoe
    bruno  2026-02-03  store - 40.00 product=hat
    bruno  2026-02-20  web   - 20.00 product=hat
    carla  2026-02-25  store - 15.00 product=sock
    dora   2026-01-02  store - 15.00 product=coat
    -      2026-04-30  store - 80.00 product=hat
"""


def touch(who, day, kind, product=None):
    """One touch on the site, as the lake has it."""
    return {
        "record_key": who, "updated_at": None, "at": f"{day}T10:00:00", "month": day[:7],
        "channel": "web", "kind": kind, "product_id": product,
    }  # fmt: skip


TOUCHES = [
    touch("anna", "2026-01-20", "product_view", "hat"),
    touch("anna", "2026-02-01", "product_view", "shoe"),
    touch("anna", "2026-02-09", "cart_add", "shoe"),
    touch("bruno", "2026-02-01", "product_view", "hat"),
    touch("bruno", "2026-02-02", "product_view", "hat"),
    touch("carla", "2026-02-01", "product_added_to_wishlist", "coat"),
    touch("carla", "2026-02-20", "search"),
    touch("dora", "2026-02-20", "search"),
    touch("dora", "2026-04-20", "product_view", "coat"),
    touch(None, "2026-02-20", "product_view", "coat"),
    touch("dora", "2026-02-21", "product_view"),
    touch("dora", "2026-02-21", "social_like", "coat"),
]

SHOP = Shop(SALES, touches=TOUCHES, products={
    "hat": {"category": "Head"}, "shoe": {"category": "Feet"}, "coat": {"category": "Body"},
})  # fmt: skip


@pytest.fixture(scope="module")
def found(duck):
    return {row["signal"]: row for row in asked("interests", SHOP, duck).rows}


def test_an_interest_is_one_person_and_one_product(found):
    whole = found["any"]
    assert (whole["persons"], whole["interests"], whole["touches"]) == (4, 5, 7)
    assert [found[one]["interests"] for one in ("viewed", "in_cart", "wished")] == [4, 1, 1]


def test_the_first_purchase_after_the_look_decides_on_the_side(found):
    whole = found["any"]
    assert whole["settled"] == 4
    assert (whole["online_share"], whole["store_share"], whole["not_share"]) == (0.25, 0.25, 0.5)


def test_what_was_bought_before_the_look_is_not_bought_after_it(found):
    assert (found["wished"]["bought_share"], found["in_cart"]["online_share"]) == (0.0, 1.0)


def test_a_look_of_which_the_days_have_not_passed_is_not_settled(found):
    assert (found["viewed"]["interests"], found["viewed"]["settled"]) == (4, 3)


def test_after_a_search_any_purchase_counts(found):
    searched = found["searched"]
    assert (searched["persons"], searched["interests"], searched["settled"]) == (2, 2, 2)
    assert (searched["store_share"], searched["online_share"]) == (0.5, 0.0)


def test_touches_of_nobody_known_are_told_as_coverage(found):
    assert found["viewed"]["known_share"] == pytest.approx(5 / 6)
    assert found["searched"]["known_share"] == 1.0


def test_a_purchase_counts_up_to_the_days_of_the_parameter(duck):
    given = {"interests.days": 0}
    rows = asked("interests", SHOP, duck, given=given).rows
    assert rows[0]["settled"] == 5
    assert rows[0]["bought_share"] == 0.0


def test_interests_are_split_by_the_category_of_the_product(duck):
    rows = asked("interests", SHOP, duck, by=("category",)).rows
    whole = {row["category"]: row for row in rows if row["signal"] == "any"}
    counted = {key: row["interests"] for key, row in whole.items()}
    assert counted == {"Body": 2, "Feet": 1, "Head": 2}
    assert [row["category"] for row in rows if row["signal"] == "searched"] == [None]


def test_a_filter_on_purchases_chooses_which_purchases_count(duck):
    rows = asked("interests", SHOP, duck, where=(("side", "online"),)).rows
    assert (rows[0]["interests"], rows[0]["online_share"], rows[0]["store_share"]) == (5, 0.5, 0.0)


def test_without_touches_there_is_nothing_to_say(duck):
    assert asked("interests", SALES, duck).rows == ()


def test_looks_of_one_person_count_for_less_than_as_many_people():
    alone = Clusters(hits=50, trials=100, size=100, hits2=50, both=50, trials2=100)
    few = Clusters(hits=50, trials=100, size=10, hits2=500, both=500, trials2=1000)
    wide, narrow = (wilson_of_clusters(each) for each in (few, alone))
    assert wide.high - wide.low > 2.5 * (narrow.high - narrow.low)
    assert narrow == pytest.approx(wilson(50, 100), abs=1e-3)
    assert wide == pytest.approx(wilson(4.5, 9), abs=1e-9)
