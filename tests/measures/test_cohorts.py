"""Who came when, and who came back."""

from datetime import date

from tests.measures.scenario import asked

WINDOW = {"since": date(2026, 1, 1), "until": date(2026, 4, 1)}
SHOP = """
    old    2025-06-01  store  -  10.00
    old    2026-01-01  store  -  10.00
    anna   2026-01-02  web    -  10.00
    anna   2026-03-02  web    -   5.00
    bruno  2026-01-09  store  -  10.00
    bruno  2026-02-09  store  - -10.00
    carla  2026-02-01  web    -   7.00
    carla  2026-03-01  store  -   7.00
"""


def followed(engine, column, shop=SHOP, given=None, **ask):
    rows = asked("cohorts", shop, engine, given=given, **{**WINDOW, **ask}).rows
    return {(row["cohort"], row["age"]): row[column] for row in rows}


def test_a_cohort_is_who_bought_first_ever_in_the_month(duck):
    assert followed(duck, "persons") == {
        ("2026-01", 0): 2, ("2026-01", 1): 2, ("2026-01", 2): 2,
        ("2026-02", 0): 1, ("2026-02", 1): 1,
    }  # fmt: skip


def test_who_only_gives_back_has_not_come_back(duck):
    found = followed(duck, "retention")
    assert (found["2026-01", 1], found["2026-01", 2], found["2026-02", 1]) == (0.0, 0.5, 1.0)


def test_net_adds_up_with_returns_taken_off(duck):
    found = followed(duck, "net_cumulative")
    assert [found["2026-01", age] for age in range(3)] == [20.0, 10.0, 15.0]
    assert followed(duck, "net_per_person")["2026-01", 2] == 7.5


def test_a_month_that_the_window_cuts_is_left_out(duck):
    found = followed(duck, "active", until=date(2026, 3, 20))
    assert max(age for _, age in found) == 1


def test_cohorts_can_be_quarters(duck):
    found = followed(
        duck, "active", given={"cohorts.months": 3}, since=date(2025, 4, 1), until=date(2026, 4, 1)
    )
    assert found == {
        ("2025-04", 0): 1, ("2025-04", 1): 0, ("2025-04", 2): 0, ("2025-04", 3): 1,
        ("2026-01", 0): 3,
    }  # fmt: skip


def test_with_a_filter_it_is_the_first_purchase_of_that_kind(duck):
    found = followed(duck, "persons", where=(("channel", "store"),))
    assert found["2026-01", 0] == 1  # bruno
    assert found["2026-03", 0] == 1  # carla, who had only bought online


def test_a_split_follows_the_buyer_within_it(duck):
    rows = asked("cohorts", SHOP, duck, by=("side",), **WINDOW).rows
    found = {(row["side"], row["cohort"], row["age"]): row["active"] for row in rows}
    assert (found["online", "2026-01", 2], found["store", "2026-03", 0]) == (1, 1)


def test_the_first_cohorts_are_told_to_hold_old_customers(duck):
    (note,) = asked("cohorts", SHOP, duck, **WINDOW).notes
    assert "2025-06-01" in note
