"""What comes back, bought where and brought back where."""

from datetime import date

from tests.measures.scenario import Shop, asked

SHOP = """
    anna   2026-01-01  web    -   80.00  sale=o1
    anna   2026-01-02  web    -   20.00  sale=o2
    anna   2026-01-11  store  -  -20.00  sale=r1 returns=o2
    bruno  2026-01-03  web    -  100.00  sale=o3
    bruno  2026-01-08  web    -  -50.00  sale=o4 returns=o3
    -      2026-01-05  store  -  100.00
    -      2026-01-06  store  -  -10.00
"""


def found(duck, column, shop=SHOP, **ask):
    rows = asked("returns", shop, duck, **ask).rows
    return {(row["bought_in"], row["returned_in"]): row[column] for row in rows}


def test_the_rate_divides_by_what_the_selling_channel_sold(duck):
    assert found(duck, "rate") == {
        ("web", "store"): 0.1, ("web", "web"): 0.25, ("store", "store"): 0.1,
    }  # fmt: skip


def test_what_crosses_between_online_and_store_is_told(duck):
    assert found(duck, "crosses") == {
        ("web", "store"): True, ("web", "web"): False, ("store", "store"): False,
    }  # fmt: skip


def test_shares_of_all_returns_add_up(duck):
    assert sum(found(duck, "returned_share").values()) == 1.0


def test_days_are_those_of_returns_whose_sale_is_known(duck):
    assert found(duck, "days_median") == {
        ("web", "store"): 9.0, ("web", "web"): 5.0, ("store", "store"): None,
    }  # fmt: skip
    assert found(duck, "dated")["store", "store"] == 0


def test_half_of_the_returns_had_come_within_the_median(duck):
    sales = "".join(f"x 2026-01-01 web - 10.00 sale=o{n}\n" for n in range(4))
    backs = "".join(
        f"x 2026-01-{1 + days:02d} web - -10.00 sale=r{n} returns=o{n}\n"
        for n, days in enumerate((2, 4, 6, 20))
    )
    assert found(duck, "days_median", sales + backs) == {("web", "web"): 4.0}
    assert found(duck, "days_p90", sales + backs) == {("web", "web"): 20.0}


def test_a_channel_without_returns_has_a_rate_of_zero(duck):
    assert found(duck, "rate", "x 2026-01-01 app - 5.00") == {("app", "app"): 0.0}


def test_what_was_sold_before_the_window_still_comes_back_in_it(duck):
    later = {"since": date(2026, 1, 8), "until": date(2026, 1, 12)}
    assert found(duck, "returned", **later) == {("web", "store"): 20.0, ("web", "web"): 50.0}
    assert found(duck, "rate", **later)["web", "web"] is None
    assert found(duck, "days_median", **later)["web", "store"] == 9.0


def test_a_return_of_two_sales_has_a_day_of_each(duck):
    shop = Shop(
        """
        x 2026-01-01 web   -  5.00 sale=o1
        x 2026-01-03 web   -  5.00 sale=o2
        x 2026-01-05 store - -5.00 sale=r returns=o1
        x 2026-01-05 store - -5.00 sale=r returns=o2
        """
    )
    assert found(duck, "dated", shop)["web", "store"] == 2
    assert found(duck, "receipts", shop)["web", "store"] == 1
