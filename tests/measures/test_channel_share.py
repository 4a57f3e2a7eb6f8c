"""What share is online and what in store, of all and of each buyer."""

import pytest

from tests.measures.scenario import asked
from tuttuno.measures.channel_share import SHARE_BANDS


def shares(shop, engine, column, **ask):
    rows = asked("channel_share", shop, engine, **ask).rows
    return {(row["split"], row["part"]): row[column] for row in rows}


SHOP = """
    anna   2026-03-01  web    collected  30.00  qty=3
    anna   2026-03-02  store  carried    70.00
    bruno  2026-03-02  app    delivered  50.00
    -      2026-03-03  store  carried    50.00
"""


def test_sides_divide_every_sale_anonymous_ones_included(duck):
    found = shares(SHOP, duck, "revenue_share")
    assert (found["side", "online"], found["side", "store"]) == (0.4, 0.6)
    assert (found["channel", "web"], found["channel", "app"]) == (0.15, 0.25)
    orders = shares(SHOP, duck, "orders_share")
    assert (orders["side", "online"], orders["channel", "store"]) == (0.5, 0.5)
    assert shares(SHOP, duck, "units_share")["side", "online"] == pytest.approx(4 / 6)


def test_the_handover_view_moves_what_is_collected_to_the_store(duck):
    found = shares(SHOP, duck, "revenue", view="fulfilment")
    assert (found["side", "online"], found["side", "store"]) == (50.0, 150.0)
    assert found["channel", "web"] == 30.0


def test_buyers_are_divided_by_their_own_online_share(duck):
    found = shares(SHOP, duck, "persons")
    assert (found["online_share", "20-50%"], found["online_share", "100%"]) == (1, 1)
    assert found["all", "all"] == 2
    assert shares(SHOP, duck, "revenue_share")["online_share", "100%"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("web", "band"),
    [("5.00", "0-5%"), ("5.01", "5-20%"), ("50.00", "20-50%"), ("99.00", "95-100%")],
)
def test_the_upper_end_belongs_to_the_band(duck, web, band):
    shop = f"x 2026-03-01 web - {web}\nx 2026-03-02 store - {100 - float(web):.2f}"
    assert ("online_share", band) in shares(shop, duck, "persons")
    assert band in {name for name, _ in SHARE_BANDS}


def test_a_spend_that_is_not_positive_has_no_share(duck):
    shop = "x 2026-03-01 web - 5.00\nx 2026-03-02 store - 5.00\nx 2026-03-03 web - -10.00"
    assert shares(shop, duck, "persons")["online_share", "unknown"] == 1


def test_who_only_returned_is_no_buyer_but_counts_in_revenue(duck):
    shop = "x 2026-03-01 web - 9.00\ny 2026-03-03 web - -4.00"
    found = shares(shop, duck, "persons")
    assert (found["all", "all"], shares(shop, duck, "revenue")["all", "all"]) == (1, 5.0)
    assert ("online_share", "unknown") not in found


def test_a_buyer_of_two_equal_channels_uses_two(duck):
    shop = "x 2026-03-01 web - 1.00\nx 2026-03-02 store - 99.00\ny 2026-03-02 store - 1.00"
    found = shares(shop, duck, "channels")
    assert (found["all", "all"], found["online_share", "0-5%"]) == (1.5, 2.0)
    assert shares(shop, duck, "concentration")["all", "all"] == 0.75
