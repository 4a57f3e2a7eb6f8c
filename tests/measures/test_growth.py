"""How sales grow against two earlier windows."""

from datetime import date

import pytest

from tests.measures.scenario import Shop, asked

SHOP = """
    -  2025-01-01  store  -  40.00
    -  2025-02-03  store  -  80.00
    -  2025-12-10  web    -  10.00
    -  2026-01-10  store  -  50.00
    -  2026-01-11  web    -  30.00
    -  2026-02-11  web    -  60.00
    -  2026-02-12  web    - -10.00
"""
FEBRUARY = {"since": date(2026, 2, 1), "until": date(2026, 3, 1)}


def grown(engine, column, shop=SHOP, **ask):
    rows = asked("growth", shop, engine, **{**FEBRUARY, **ask}).rows
    return {row["channel"]: row[column] for row in rows}


def test_a_month_is_compared_with_the_one_before_and_that_of_a_year_ago(duck):
    assert grown(duck, "revenue") == {"all": 50.0, "store": 0.0, "web": 50.0}
    assert grown(duck, "revenue_before") == {"all": 80.0, "store": 50.0, "web": 30.0}
    assert grown(duck, "revenue_year") == {"all": 80.0, "store": 80.0, "web": 0.0}


def test_growth_is_the_change_over_the_earlier_amount(duck):
    found = grown(duck, "revenue_growth_before")
    assert found == {"all": pytest.approx(-0.375), "store": -1.0, "web": pytest.approx(2 / 3)}


def test_growth_from_nothing_is_unknown(duck):
    assert grown(duck, "revenue_growth_year")["web"] is None


def test_orders_do_not_count_returns(duck):
    assert grown(duck, "orders") == {"all": 1, "store": 0, "web": 1}


def test_days_are_compared_with_as_many_days_before(duck):
    week = {"since": date(2026, 1, 11), "until": date(2026, 1, 13)}
    assert grown(duck, "revenue_before", **week) == {"all": 50.0, "store": 50.0, "web": 0.0}


def test_where_sales_do_not_reach_back_growth_is_unknown(duck):
    year = {"since": date(2025, 3, 1), "until": date(2026, 3, 1)}
    answer = asked("growth", SHOP, duck, **year)
    assert answer.rows[0]["revenue_year"] is None
    assert any("begins on 2024-03-01" in note for note in answer.notes)


def test_split_by_month_each_is_compared_with_its_own(duck):
    rows = asked(
        "growth", SHOP, duck, by=("month",), since=date(2026, 1, 1), until=date(2026, 3, 1)
    ).rows
    found = {(r["month"], r["channel"]): (r["revenue_before"], r["revenue_year"]) for r in rows}
    assert found["2026-01", "all"] == (10.0, 40.0)
    assert found["2026-02", "all"] == (80.0, 80.0)
    assert {month for month, _ in found} == {"2026-01", "2026-02"}


def test_the_first_month_of_all_sales_has_nothing_before_it(duck):
    rows = asked("growth", SHOP, duck, by=("month",)).rows
    first = next(row for row in rows if (row["month"], row["channel"]) == ("2025-01", "all"))
    assert (first["revenue_before"], first["revenue_year"]) == (None, None)


def test_a_quarter_that_the_window_cuts_is_compared_with_as_much_of_the_one_before(duck):
    shop = """
        -  2025-10-05  web  -  10.00
        -  2025-12-10  web  -  20.00
        -  2026-01-05  web  -  40.00
    """
    rows = asked("growth", shop, duck, by=("quarter",)).rows
    found = {(r["quarter"], r["channel"]): r["revenue_before"] for r in rows}
    assert found["2026-Q1", "all"] == 10.0


def month_of_market(month, value, channel="all", category=""):
    """One row of the table of the market."""
    return {"month": month, "channel": channel, "category": category, "value": value,
            "source": "Bureau of shops"}  # fmt: skip


MARKET = [
    month_of_market("2025-02", 100.0),
    month_of_market("2026-01", 110.0),
    month_of_market("2026-02", 121.0),
    month_of_market("2026-01", 50.0, channel="web"),
    month_of_market("2026-02", 75.0, channel="web"),
    month_of_market("2026-01", 10.0, category="Head"),
    month_of_market("2026-02", 5.0, category="Head"),
]


def test_growth_stands_beside_that_of_the_market_and_the_share_follows(duck):
    answer = asked("growth", Shop(SHOP, market=MARKET), duck, **FEBRUARY)
    found = {row["channel"]: row for row in answer.rows}
    assert found["all"]["market_growth_before"] == pytest.approx(0.1)
    assert found["all"]["share_change_before"] == pytest.approx((50 / 80) / 1.1 - 1)
    assert found["all"]["market_growth_year"] == pytest.approx(0.21)
    assert found["web"]["market_growth_before"] == pytest.approx(0.5)
    assert found["web"]["share_change_before"] == pytest.approx((50 / 30) / 1.5 - 1)
    assert found["store"]["market_growth_before"] is None
    assert "The market: Bureau of shops." in answer.notes


def test_without_a_market_nothing_is_said_of_one(duck):
    answer = asked("growth", SHOP, duck, **FEBRUARY)
    assert not [name for name in answer.rows[0] if "market" in name or "share" in name]
    assert not [column for column in answer.columns if "market" in column.name]


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param({"since": date(2026, 2, 2), "until": date(2026, 3, 1)}, id="a-month-cut"),
        pytest.param({**FEBRUARY, "where": (("channel", "web"),)}, id="a-channel"),
        pytest.param({**FEBRUARY, "by": ("store",)}, id="a-store"),
        pytest.param({"since": date(2025, 12, 1), "until": date(2026, 3, 1)}, id="a-month-lacks"),
    ],
)
def test_what_the_series_does_not_tell_of_has_no_market(duck, ask):
    rows = asked("growth", Shop(SHOP, market=MARKET), duck, **ask).rows
    assert {row["market_growth_before"] for row in rows} <= {None}


def test_split_by_month_each_has_the_market_of_its_own(duck):
    window = {"since": date(2026, 1, 1), "until": date(2026, 3, 1)}
    rows = asked("growth", Shop(SHOP, market=MARKET), duck, by=("month",), **window).rows
    found = {row["month"]: row["market_growth_before"] for row in rows if row["channel"] == "all"}
    assert found == {"2026-01": None, "2026-02": pytest.approx(0.1)}


def test_a_category_has_the_market_of_its_own(duck):
    shop = Shop(SHOP, market=MARKET, products={"thing": {"category": "Head"}})
    rows = asked("growth", shop, duck, by=("category",), **FEBRUARY).rows
    assert rows[0]["category"] == "Head"
    assert rows[0]["market_growth_before"] == -0.5
