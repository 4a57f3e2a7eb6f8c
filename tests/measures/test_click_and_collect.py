"""Click & collect from order to till."""

import pytest

from tests.measures.scenario import Shop, asked


def pickup(sale, placed, store="S1", **at):
    return {"sale_id": sale, "store_id": store, "placed_at": placed, **at}


DAY = "2026-01-0"
SALES = """
    anna   2026-01-01T08:00  web    -  10.00  sale=a
    bruno  2026-01-01T08:00  web    -  10.00  sale=b
    carla  2026-01-01T08:00  app    -  10.00  sale=c
    dora   2026-01-01T08:00  web    -  10.00  sale=d
    elia   2026-01-01T08:00  web    -  10.00  sale=e
    -      2026-03-01T08:00  web    -  10.00  sale=f
    anna   2025-12-01T08:00  store  -  10.00  store=S1
"""
PICKUPS = [
    pickup("a", f"{DAY}1T08:00", ready_at=f"{DAY}1T10:00", promised_at=f"{DAY}1T10:00",
           collected_at=f"{DAY}2T10:00"),
    pickup("b", f"{DAY}1T08:00", ready_at=f"{DAY}1T12:00", promised_at=f"{DAY}1T11:59",
           expired_at=f"{DAY}8T12:00"),
    pickup("c", f"{DAY}1T08:00", cancelled_at=f"{DAY}1T09:00", cancelled_by="retailer"),
    pickup("d", f"{DAY}1T08:00", store="S2", ready_at=f"{DAY}1T14:00",
           cancelled_at=f"{DAY}1T20:00", cancelled_by="customer"),
    pickup("f", "2026-03-01T08:00", ready_at="2026-03-01T09:00"),
]  # fmt: skip
SHOP = Shop(SALES, pickups=PICKUPS)


def figures(duck, shop=SHOP, **ask):
    return asked("click_and_collect", shop, duck, **ask).rows


def test_adoption_divides_by_all_online_orders(duck):
    (row,) = figures(duck)
    assert (row["orders"], row["online_orders"], row["buyers"]) == (5, 6, 4)
    assert row["adoption"] == pytest.approx(5 / 6)


def test_split_by_store_it_divides_by_those_of_the_whole_chain(duck):
    found = {row["store"]: (row["orders"], row["adoption"]) for row in figures(duck, by=("store",))}
    assert found == {"S1": (4, pytest.approx(4 / 6)), "S2": (1, pytest.approx(1 / 6))}


def test_restricted_to_a_store_adoption_is_unknown(duck):
    (row,) = figures(duck, where=(("store", "S1"),))
    assert (row["orders"], row["adoption"]) == (4, None)


def test_ready_times_count_orders_that_never_were(duck):
    # 1 h (f), 1 h (c ends unready), 2 h, 4 h, 6 h
    (row,) = figures(duck)
    assert (row["ready_hours"], row["ready_hours_p90"]) == (4.0, None)


def test_a_promise_is_kept_to_the_minute(duck):
    (row,) = figures(duck)
    assert row["promise_kept"] == 0.5


def test_three_ends_compete_for_what_is_ready(duck):
    # Ready: a collected after 24 h, d cancelled after 6 h, b expired after 168 h, f open
    # for 15 h (until the end of the last day).
    (row,) = figures(duck)
    assert row["collected_24h"] == pytest.approx(0.75 * 0.5)
    assert row["collected_168h"] == pytest.approx(0.375)
    assert row["cancelled_168h"] == pytest.approx(0.25)
    assert row["expired_168h"] == pytest.approx(0.375)
    assert row["dwell_hours"] is None


def test_shares_of_ends_leave_out_what_is_still_on_its_way(duck):
    (row,) = figures(duck)
    assert (row["immature"], row["no_show"]) == (1, pytest.approx(1 / 3))
    assert row["cancelled"] == 0.5
    assert (row["cancelled_by_customer"], row["cancelled_by_retailer"]) == (0.25, 0.25)


def test_what_is_still_on_its_way_is_named(duck):
    notes = asked("click_and_collect", SHOP, duck).notes
    assert any("1 orders are less than 14 days old" in note for note in notes)


def test_new_buyers_had_never_bought_anywhere(duck):
    (row,) = figures(duck)
    assert row["new_buyers"] == 0.75  # not anna, who had been in a store


def test_a_new_month_is_a_row_of_its_own(duck):
    rows = figures(duck, by=("month",))
    assert [(row["month"], row["orders"]) for row in rows] == [("2026-01", 4), ("2026-03", 1)]


def collected(*visits, at="2026-02-10T12:00"):
    sales = ["anna 2026-02-09T12:00 web - 10.00 sale=a"]
    sales += [f"anna {moment} {channel} - 5.00 store={store}" for moment, channel, store in visits]
    way = [pickup("a", "2026-02-09T12:00", ready_at="2026-02-09T15:00", collected_at=at)]
    return Shop("\n".join(sales), pickups=way)


@pytest.mark.parametrize(
    ("visit", "attached", "anyway"),
    [
        pytest.param(("2026-02-10T11:45", "store", "S1"), 1.0, 0.0, id="15-minutes-before"),
        pytest.param(("2026-02-10T11:44", "store", "S1"), 0.0, 0.0, id="16-minutes-before"),
        pytest.param(("2026-02-10T14:00", "store", "S1"), 1.0, 0.0, id="2-hours-after"),
        pytest.param(("2026-02-10T14:01", "store", "S1"), 0.0, 0.0, id="a-minute-later"),
        pytest.param(("2026-02-10T12:30", "store", "S2"), 0.0, 0.0, id="in-another-store"),
        pytest.param(("2026-02-10T12:30", "web", "S1"), 0.0, 0.0, id="online"),
        pytest.param(("2026-02-03T12:30", "store", "S1"), 0.0, 1.0, id="a-week-before"),
    ],
)
def test_a_store_purchase_around_the_collection_is_attached(duck, visit, attached, anyway):
    (row,) = figures(duck, collected(visit))
    assert (row["attached"], row["attached_anyway"]) == (attached, anyway)
    assert row["attached_extra"] == attached - anyway


def test_a_purchase_of_somebody_else_is_not_attached(duck):
    shop = collected()
    other = Shop(
        shop.sales + "\nbruno 2026-02-10T12:10 store - 5.00 store=S1", pickups=shop.pickups
    )
    (row,) = figures(duck, other)
    assert (row["attached"], row["extra_low"] < 0 < row["extra_high"]) == (0.0, True)
