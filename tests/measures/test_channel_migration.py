"""From which state to which buyers went."""

from datetime import date

import pytest

from tests.measures.scenario import asked

YEAR = {"since": date(2025, 1, 1), "until": date(2026, 1, 1)}


def moves(shop, engine, column="persons", given=None, **ask):
    rows = asked("channel_migration", shop, engine, given=given, **{**YEAR, **ask}).rows
    return {(row["from"], row["to"]): row[column] for row in rows}


SHOP = """
    old    2024-11-01  store  -          5.00
    anna   2025-02-01  store  -          5.00
    anna   2025-05-01  store  -          5.00
    anna   2025-05-02  web    delivered  5.00
    anna   2025-11-01  web    delivered  5.00
    bruno  2025-04-01  web    collected  5.00
    bruno  2025-12-31  web    collected  5.00
"""


def test_each_quarter_has_one_state_for_each_buyer(duck):
    assert moves(SHOP, duck) == {
        ("store_only", "both"): 1,  # anna, first to second quarter
        ("both", "lapsed"): 1,
        ("lapsed", "online_only"): 1,
        ("none", "collected_only"): 1,  # bruno
        ("collected_only", "lapsed"): 1,
        ("lapsed", "collected_only"): 1,
        ("lapsed", "lapsed"): 3,  # old, who bought before the window
    }


def test_probabilities_of_one_state_add_up_to_one(duck):
    found = moves(SHOP, duck, "probability")
    assert sum(value for (old, _), value in found.items() if old == "lapsed") == pytest.approx(1)
    assert found["lapsed", "lapsed"] == 0.6


def test_expected_moves_are_those_of_independence(duck):
    found = moves(SHOP, duck, "expected")
    assert found["lapsed", "lapsed"] == pytest.approx(5 * 5 / 9)
    assert moves(SHOP, duck, "ratio")["lapsed", "lapsed"] == pytest.approx(3 / (25 / 9))


def test_steps_can_be_half_years(duck):
    assert moves(SHOP, duck, given={"channel_migration.months": 6}) == {
        ("both", "online_only"): 1,
        ("collected_only", "collected_only"): 1,
        ("lapsed", "lapsed"): 1,
    }


def test_by_handover_a_collected_order_is_a_store_one(duck):
    found = moves(SHOP, duck, view="fulfilment")
    assert found["none", "store_only"] == 1
    assert not any("collected_only" in move for move in found)


def test_a_window_cut_in_the_month_counts_days(duck):
    shop = "x 2025-01-14 store - 5.00\nx 2025-04-14 web - 5.00\nx 2025-06-30 web - 5.00"
    cut = {"since": date(2025, 1, 15), "until": date(2025, 7, 15)}
    assert moves(shop, duck, **cut) == {("online_only", "online_only"): 1}
    later = {"since": date(2025, 1, 14), "until": date(2025, 7, 14)}
    assert moves(shop, duck, **later) == {("store_only", "online_only"): 1}


def test_a_filter_sees_only_the_moves_within_it(duck):
    shop = """
        x 2025-01-14 store - 5.00 store=S1
        x 2025-04-14 store - 5.00 store=S2
        x 2025-07-14 store - 5.00 store=S1
    """
    found = moves(shop, duck, where=(("store", "S1"),))
    assert found == {("store_only", "lapsed"): 2, ("lapsed", "store_only"): 1}


def test_a_short_window_says_so(duck):
    answer = asked("channel_migration", SHOP, duck, since=date(2025, 8, 1), until=date(2026, 1, 1))
    assert answer.rows == ()
    assert any("two steps of 3 months" in note for note in answer.notes)


def test_sales_that_begin_in_the_window_are_named(duck):
    answer = asked("channel_migration", SHOP, duck, since=date(2024, 1, 1), until=date(2026, 1, 1))
    assert any("earlier buyers seem new" in note for note in answer.notes)


def test_three_years_of_quarters_are_counted_to_the_last(duck):
    """Three bits for each of twelve steps are more than a small number holds."""
    shop = """
        anna 2023-01-15 store - 1.00
        anna 2025-08-01 store - 1.00
        anna 2025-08-02 web   - 1.00
        anna 2025-12-31 web   - 1.00
    """
    found = moves(shop, duck, since=date(2023, 1, 1), until=date(2026, 1, 1))
    assert found["lapsed", "both"] == found["both", "online_only"] == 1
