"""One store with what passed through it."""

from datetime import date

from tests.measures.scenario import Shop, opened

SALES = """
    anna  2026-03-01  store  -   50.00  store=S1
    -     2026-03-02  store  -   20.00  store=S1
    anna  2026-03-03  web    -   30.00  sale=o1
    anna  2026-03-09  store  -  -30.00  store=S1 returns=o1
    anna  2026-03-10  store  -    5.00  store=S9
"""
PICKUP = {"sale_id": "o1", "store_id": "S1", "placed_at": "2026-03-03T10:00"}


def stores(duck):
    shop = Shop(SALES, stores={"S1": {"name": "Duomo"}, "S2": {"name": "New"}}, pickups=[PICKUP])
    return {row["store_id"]: row for row in duck.run(opened(shop, duck)["store"]).to_pylist()}


def test_what_is_paid_and_what_is_collected_are_apart(duck):
    row = stores(duck)["S1"]
    assert (row["orders"], row["orders_identified"], row["collected"]) == (2, 1, 1)
    assert (float(row["net"]), float(row["net_identified"])) == (70.0, 50.0)
    assert float(row["net_collected"]) == 30.0
    assert (row["first_on"], row["last_on"]) == (date(2026, 3, 1), date(2026, 3, 2))


def test_a_store_without_sales_and_one_without_a_name_are_both_there(duck):
    rows = stores(duck)
    assert (rows["S2"]["orders"], rows["S2"]["first_on"]) == (0, None)
    assert (rows["S9"]["orders"], rows["S9"]["name"]) == (1, None)
