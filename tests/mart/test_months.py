"""What a person, and a product, did in one month."""

from datetime import date

from tests.measures.scenario import opened

SALES = """
    anna  2026-03-01  web    collected  40.00  sale=o1 product=shoe
    anna  2026-03-05  store  -          10.00  product=shoe
    anna  2026-03-09  store  -         -40.00  product=shoe returns=o1
    anna  2026-04-01  store  -         -10.00  product=shoe
    -     2026-03-02  store  -           7.00  product=shoe
    -     2026-03-03  store  -           7.00  product=shoe
"""


def rows_of(name, engine):
    table = opened(SALES, engine)[name]
    return engine.run(table).to_pylist()


def test_a_month_of_a_person_tells_the_sides_apart(duck):
    row = next(r for r in rows_of("person_month", duck) if r["month"] == "2026-03")
    assert (row["orders"], row["orders_online"], row["orders_store"]) == (2, 1, 1)
    assert (row["orders_collected"], float(row["net_collected"])) == (1, 0.0)
    assert (float(row["net_online"]), float(row["net_store"])) == (0.0, 10.0)
    assert (row["last_online_on"], row["last_store_on"]) == (date(2026, 3, 1), date(2026, 3, 5))


def test_a_month_of_returns_alone_has_no_order_and_no_day(duck):
    row = next(r for r in rows_of("person_month", duck) if r["month"] == "2026-04")
    assert (row["orders"], row["first_on"], float(row["net"])) == (0, None, -10.0)


def test_anonymous_sales_have_no_month_of_a_person(duck):
    assert {row["person_id"] for row in rows_of("person_month", duck)} == {1}


def test_all_anonymous_sales_of_a_product_are_one_row(duck):
    (row,) = (r for r in rows_of("product_channel", duck) if r["person_id"] is None)
    assert (row["lines"], float(row["net"]), row["first_on"]) == (2, 14.0, date(2026, 3, 2))


def test_a_returned_product_is_taken_from_the_channel_that_sold_it(duck):
    found = {
        (row["month"], row["channel"]): (row["lines"], float(row["net"]))
        for row in rows_of("product_channel", duck)
        if row["person_id"] == 1
    }
    assert found == {
        ("2026-03", "web"): (1, 0.0),
        ("2026-03", "store"): (1, 10.0),
        ("2026-04", "store"): (0, -10.0),
    }
