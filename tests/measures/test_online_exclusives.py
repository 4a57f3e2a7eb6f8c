"""Who buys exclusively online, since when, near which store."""

from datetime import date

from tests.measures.scenario import Shop, asked

SALES = """
    anna   2024-05-01  web    -  10.00  product=shoe
    anna   2026-01-01  web    -  10.00  product=shoe
    anna   2026-02-01  app    -  10.00  product=hat
    bruno  2023-01-01  store  -  10.00  product=boot
    bruno  2026-01-05  web    -  10.00  product=shoe
    bruno  2026-01-06  web    -  10.00  product=shoe
    carla  2026-01-05  web    -  10.00  product=shoe
    dora   2026-01-05  web    collected  10.00  product=shoe
    dora   2026-01-06  web    -  10.00  product=shoe
    elia   2026-01-06  store  -  50.00  product=boot
    -      2026-01-07  store  -  50.00  product=hat
"""
SHOP = Shop(
    SALES,
    people={"anna": {"province": "MI"}, "bruno": {"province": "NA"}},
    stores={"S1": {"province": "MI"}, "S2": {"province": "TO"}},
)


def persons(duck, shop=SHOP, column="persons", **ask):
    rows = asked("online_exclusives", shop, duck, all_time=False, **ask).rows
    return {(row["split"], row["part"]): row[column] for row in rows}


def test_two_orders_all_online_in_the_window_make_an_exclusive_buyer(duck):
    found = persons(duck)
    assert found["all", "all"] == 3  # anna, bruno, dora; carla has one order
    assert persons(duck, column="persons_share")["all", "all"] == 0.6


def test_it_is_told_since_when_and_whether_she_knows_the_stores(duck):
    found = persons(duck)
    assert (found["since", "2024"], found["since", "2026"]) == (1, 2)
    assert (found["past", "once_in_store"], found["past", "never_in_store"]) == (1, 2)


def test_a_store_is_near_when_it_stands_in_her_province(duck):
    found = persons(duck)
    assert found["store_near", "in_province"] == 1
    assert found["store_near", "not_in_province"] == 1
    assert found["store_near", None] == 1


def test_a_closed_store_is_not_near(duck):
    stores = {"S1": {"province": "MI", "closed_on": date(2020, 1, 1)}}
    shop = Shop(SALES, people=SHOP.people, stores=stores)
    assert persons(duck, shop)["store_near", "not_in_province"] == 2


def test_by_handover_a_collected_order_breaks_exclusivity(duck):
    assert persons(duck, view="fulfilment")["all", "all"] == 2


def test_products_that_sell_on_one_side_only_are_counted(duck):
    found = persons(duck, column="products")
    sides = {part: count for (split, part), count in found.items() if split == "products"}
    assert sides == {"online_only": 1, "store_only": 1, "both": 1}
