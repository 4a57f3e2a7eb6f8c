"""How recently, how often and for how much."""

from datetime import date

from tests.measures.scenario import asked

YEAR = {"since": date(2025, 1, 1), "until": date(2026, 1, 1)}

FIVE = """
    a  2025-12-31  store  -  10.00
    a  2025-12-30  web    -  10.00
    a  2025-12-29  web    -  10.00
    a  2025-12-28  web    -  10.00
    a  2025-12-27  web    -  10.00
    b  2025-11-01  store  -  10.00
    b  2025-10-01  store  -  10.00
    b  2025-09-01  store  -  10.00
    b  2025-08-01  store  -  10.00
    c  2025-07-01  store  -  10.00
    c  2025-06-01  store  -  10.00
    c  2025-05-01  store  -  10.00
    d  2025-04-01  store  -  10.00
    d  2025-03-01  store  -  10.00
    e  2025-02-01  store  -  70.00
"""


def segments(shop, engine, scope="all", column="persons"):
    rows = asked("rfm", shop, engine, **YEAR).rows
    return {row["segment"]: row[column] for row in rows if row["scope"] == scope}


def test_five_different_buyers_are_five_fifths(duck):
    # recency and frequency both 5, 4, 3, 2, 1
    assert segments(FIVE, duck) == {"champions": 2, "loyal": 1, "asleep": 2}


def test_equal_buyers_get_equal_scores(duck):
    shop = "".join(f"p{n} 2025-06-01 store - 10.00\n" for n in range(10))
    assert segments(shop, duck) == {"asleep": 10}


def test_each_side_is_scored_by_itself(duck):
    assert segments(FIVE, duck, "online") == {"asleep": 1}
    assert segments(FIVE, duck, "online", "frequency") == {"asleep": 4.0}
    assert sum(segments(FIVE, duck, "store").values()) == 5


def test_two_receipts_of_a_day_are_one_purchase_day(duck):
    shop = "x 2025-06-01 store - 10.00\nx 2025-06-01 web - 30.00\nx 2025-06-05 web - -4.00"
    assert segments(shop, duck, column="frequency") == {"asleep": 1.0}
    assert segments(shop, duck, column="monetary") == {"asleep": 36.0}
    assert segments(shop, duck, "store", "monetary") == {"asleep": 10.0}


def test_recency_is_counted_to_the_end_of_the_window(duck):
    assert segments("x 2025-12-31 store - 10.00", duck, column="recency") == {"asleep": 1.0}


def test_who_only_returned_is_in_no_row(duck):
    assert segments("x 2025-06-01 store - 10.00\ny 2025-06-05 store - -4.00", duck) == {"asleep": 1}
