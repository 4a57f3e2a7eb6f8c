"""How sales grow against two earlier windows."""

from datetime import date

import pytest

from tests.measures.scenario import asked

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
