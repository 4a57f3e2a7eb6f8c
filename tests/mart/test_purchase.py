"""The part of a receipt that belongs to one channel."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.measures.scenario import Shop, asked, opened
from tuttuno.mart.model import repeated
from tuttuno.schema.mart import PURCHASE


def purchases(shop, engine, *columns):
    """Return the chosen columns of every row, in the order of the columns."""
    rows = engine.run(opened(shop, engine)["purchase"].order_by("sale_id", "channel")).to_pylist()
    return [tuple(row[name] for name in columns) for row in rows]


def test_lines_of_one_receipt_are_one_order(duck):
    shop = """
        anna  2026-03-01  store  carried  40.00  sale=r1
        anna  2026-03-01  store  carried   2.50  sale=r1 qty=3
    """
    found = purchases(shop, duck, "orders", "lines", "quantity", "net")
    assert [tuple(map(float, row)) for row in found] == [(1, 2, 4, 42.5)]


def test_a_return_belongs_to_the_channel_and_handover_of_its_sale(duck):
    shop = """
        anna  2026-03-01  web    collected  40.00  sale=o1
        anna  2026-03-09  store  carried   -40.00  sale=r1 returns=o1
    """
    found = purchases(shop, duck, "sale_id", "channel", "document_channel", "handover", "orders")
    assert found[1] == ("r1", "web", "store", "collected", 0)


def test_an_exchange_is_two_rows_and_one_order(duck):
    shop = """
        anna  2026-03-01  web    delivered  40.00  sale=o1
        anna  2026-03-09  store  carried   -40.00  sale=r1 returns=o1
        anna  2026-03-09  store  carried    55.00  sale=r1
    """
    found = purchases(shop, duck, "sale_id", "channel", "orders", "net", "returned")
    assert [(s, c, o, float(n), float(r)) for s, c, o, n, r in found[1:]] == [
        ("r1", "store", 1, 55.0, 0.0),
        ("r1", "web", 0, -40.0, -40.0),
    ]


@pytest.mark.parametrize(
    ("sales", "channel"),
    [
        pytest.param("", "store", id="nowhere-stays-where-it-was-made"),
        pytest.param("x 2026-03-01 web - 9.00 sale=o1 source=shop", "web", id="in-one-other"),
        pytest.param(
            """
            x 2026-03-01 web - 9.00 sale=o1 source=shop
            x 2026-03-01 app - 9.00 sale=o1 source=market
            """,
            "store",
            id="in-two-others-nobody-knows",
        ),
        pytest.param(
            """
            x 2026-03-01 web - 9.00 sale=o1 source=shop
            x 2026-03-01 phone - 9.00 sale=o1 source=till
            """,
            "phone",
            id="its-own-source-comes-first",
        ),
    ],
)
def test_the_sale_of_a_return_is_found_by_its_number(duck, sales, channel):
    shop = f"{sales}\n x 2026-03-09 store carried -9.00 sale=r1 source=till returns=o1"
    assert purchases(shop, duck, "sale_id", "channel")[-1] == ("r1", channel)


@pytest.mark.parametrize(
    ("channel", "told", "handover"),
    [
        pytest.param("store", "-", "carried", id="store-is-carried"),
        pytest.param("web", "-", "delivered", id="web-is-delivered"),
        pytest.param("store", "shipped_from_store", "shipped_from_store", id="what-is-told-wins"),
    ],
)
def test_a_silent_handover_follows_the_channel(duck, channel, told, handover):
    assert purchases(f"x 2026-03-01 {channel} {told} 9.00", duck, "handover") == [(handover,)]


PICKUP = {"sale_id": "o1", "store_id": "S7", "placed_at": "2026-03-01T10:00"}


def test_an_order_with_a_pick_up_is_collected_in_its_store(duck):
    shop = Shop("x 2026-03-01 web - 9.00 sale=o1", pickups=[PICKUP])
    assert purchases(shop, duck, "handover", "store_id") == [("collected", "S7")]


def test_a_return_in_another_store_stays_in_that_store(duck):
    sales = """
        x 2026-03-01 web   -  9.00 sale=o1
        x 2026-03-08 store - -9.00 sale=r1 returns=o1 store=S2
    """
    found = purchases(Shop(sales, pickups=[PICKUP]), duck, "store_id", "handover", "channel")
    assert found[1] == ("S2", "collected", "web")


def test_an_anonymous_receipt_is_kept_without_a_person(duck):
    shop = "- 2026-03-01 store carried 9.00"
    assert purchases(shop, duck, "person_id", "orders") == [(None, 1)]


def test_a_basket_returned_in_full_stays_with_nothing(duck):
    shop = """
        x 2026-03-01 web - 9.00 sale=o1
        x 2026-03-01 web - -9.00 sale=o1
    """
    ((orders, net),) = purchases(shop, duck, "orders", "net")
    assert (orders, float(net)) == (1, 0.0)


def test_the_day_is_that_of_the_receipt(duck):
    shop = "x 2026-03-31T23:30 store - 9.00"
    assert purchases(shop, duck, "sold_on", "month") == [(date(2026, 3, 31), "2026-03")]


LINES = st.lists(
    st.tuples(
        st.sampled_from(["anna", "bruno", "-"]),
        st.sampled_from(["2026-01-05", "2026-02-06"]),
        st.sampled_from(["store", "web", "phone"]),
        st.integers(-5, 5).filter(bool),
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["", "a", "b", "nowhere"]),
    ),
    min_size=1,
    max_size=12,
)


def written(lines):
    """One receipt has one buyer, day and channel; its lines may undo other receipts."""
    first = {}
    rows = []
    for who, day, channel, net, sale, undone in lines:
        head = first.setdefault(sale, (who, day, channel))
        back = f"returns={undone}" if net < 0 and undone else ""
        rows.append(f"{head[0]} {head[1]} {head[2]} - {net}.00 sale={sale} {back}")
    return "\n".join(rows)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(LINES)
def test_no_cent_is_lost_and_no_row_is_there_twice(duck, lines):
    tables = opened(written(lines), duck)
    purchase = tables["purchase"]
    (row,) = duck.run(purchase.agg(net=purchase.net.sum(), lines=purchase.lines.sum())).to_pylist()
    assert float(row["net"]) == sum(net for _, _, _, net, _, _ in lines)
    assert row["lines"] == sum(net > 0 for _, _, _, net, _, _ in lines)
    assert duck.run(repeated(PURCHASE, purchase)).num_rows == 0
    for name in ("product_channel",):
        other = tables[name]
        (again,) = duck.run(other.agg(net=other.net.sum(), lines=other.lines.sum())).to_pylist()
        assert again == row


HERS = "anna 2026-03-01 web - 40.00 sale=o1"
BRUNOS = "bruno 2026-03-01 web - 9.00 sale=o2"


@pytest.mark.parametrize(
    ("receipt", "buyer"),
    [
        pytest.param("- 2026-04-09 store - -40.00 sale=r1 returns=o1", 1, id="the-buyers"),
        pytest.param("bruno 2026-04-09 store - -40.00 sale=r1 returns=o1", 2, id="named-itself"),
        pytest.param("- 2026-04-09 store - -40.00 sale=r1 returns=o9", None, id="of-nobody-known"),
        pytest.param(
            """
            - 2026-04-09 store - -40.00 sale=r1 returns=o1
            - 2026-04-09 store -  -9.00 sale=r1 returns=o2
            """,
            None,
            id="of-two-persons",
        ),
        pytest.param(
            """
            - 2026-04-09 store - -40.00 sale=r1 returns=o1
            - 2026-04-09 store -  55.00 sale=r1
            """,
            1,
            id="an-exchange",
        ),
    ],
)
def test_an_anonymous_receipt_is_of_whom_it_takes_back_from(duck, receipt, buyer):
    shop = f"{HERS}\n{BRUNOS}\n{receipt}"
    found = purchases(shop, duck, "sale_id", "person_id")
    assert {person for sale, person in found if sale == "r1"} == {buyer}
    engine_rows = duck.run(opened(shop, duck)["product_channel"]).to_pylist()
    assert {row["person_id"] for row in engine_rows if row["month"] == "2026-04"} == {buyer}


def test_a_buyer_found_by_a_return_is_not_passed_on(duck):
    exchange = """
        - 2026-04-09 store - -40.00 sale=r1 returns=o1
        - 2026-04-09 store -  55.00 sale=r1
        - 2026-05-09 store - -55.00 sale=r2 returns=r1
    """
    found = purchases(f"{HERS}\n{exchange}", duck, "sale_id", "person_id")
    assert dict(found)["r2"] is None


def test_an_anonymous_sale_of_the_source_itself_hides_a_buyer_elsewhere(duck):
    shop = """
        -     2026-03-01  store  -   40.00  sale=o1 source=till
        anna  2026-03-01  web    -   40.00  sale=o1 source=shop
        -     2026-03-09  store  -  -40.00  sale=r1 source=till returns=o1
    """
    assert dict(purchases(shop, duck, "sale_id", "person_id"))["r1"] is None


def test_no_more_than_all_revenue_of_a_channel_is_known(duck):
    shop = f"{HERS}\n{BRUNOS}\n- 2026-04-09 store - -40.00 sale=r1 returns=o1"
    (row,) = asked("coverage", shop, duck, by=("channel",)).rows
    assert (row["channel"], row["identified_revenue"], row["revenue"]) == ("web", 1.0, 9.0)
