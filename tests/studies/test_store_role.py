"""Openings and closings of stores, on twelve provinces whose online orders are known."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from tests.measures.scenario import Shop, closed, opened
from tuttuno.studies import crossing
from tuttuno.studies.catalog import STUDIES
from tuttuno.studies.declaration import declared
from tuttuno.studies.months import Months
from tuttuno.studies.openings import gather, kilometres

STUDY = STUDIES["store_role"]
PROVINCES = ("MI", "RM", "TO", "NA", "BO", "FI", "GE", "VR", "PD", "BA", "CT", "PA")
MONTHS = 24
EMPTY = "anna 2025-01-01 web delivered 10"


def day(month):
    return date(2024 + month // 12, month % 12 + 1, 15)


def world(duck, *, added=0.0, growing=0.0, level=120.0, opens=(14, 90), apart=3.0, **store):
    """Tables of a shop with a store in each province; that in Catania opens in the months seen.

    Args:
        added: Share of online orders that an opening adds.
        growing: Share a month that Catania grows by more than the others.
        opens: Months in which the last two open, the second of them after all that is seen.
        apart: Degrees of latitude between one store and the next.
    """
    rng = np.random.default_rng(3)
    place, month = np.indices((12, MONTHS))
    late = np.array([np.inf] * 10 + list(opens))[:, None]
    mean = level * (1 + 0.02 * month) * (1 + added * (month >= late))
    mean = mean * (1 + growing * month * (place == 10))
    count = rng.poisson(mean)
    place, month = (np.repeat(grid.ravel(), count.ravel()) for grid in (place, month))
    days = [day(int(each)) for each in month]
    edges = [date(2024, 1, 1), date(2025, 12, 31)]
    orders = len(days) + 2
    tables = dict(opened(EMPTY, duck))
    closed(duck)
    tables["purchase"] = duck.bind("purchase", pa.table({
        "source": ["s"] * orders, "sale_id": [str(n) for n in range(orders)],
        "person_id": [*(place + 1).tolist(), None, None], "sold_on": [*days, *edges],
        "month": [each.strftime("%Y-%m") for each in (*days, *edges)],
        "online": [True] * len(days) + [False] * 2, "orders": [1] * orders,
        "net": [50.0] * orders, "returned": [0.0] * orders,
        "document_channel": ["web"] * orders, "store_id": pa.nulls(orders, pa.string()),
    }))  # fmt: skip
    tables["person"] = duck.bind(
        "person", pa.table({"person_id": list(range(1, 13)), "province": PROVINCES})
    )
    old = [date(2010, 1, 1)] * 10
    facts = {
        "opened_on": old + [day(at) for at in opens], "closed_on": pa.nulls(12, pa.date32()),
        "collect_since": pa.nulls(12, pa.date32()),
        "latitude": [20 + apart * n for n in range(12)], "longitude": [9.0] * 12, **store,
    }  # fmt: skip
    tables["store"] = duck.bind(
        "store", pa.table({"store_id": PROVINCES, "province": PROVINCES, **facts})
    )
    return tables


def asked(duck, tables, **facts):
    return STUDY.answer(declared(STUDY.default, facts), duck, tables)


def test_a_store_that_brings_online_orders_is_found_to(duck):
    found = asked(duck, world(duck, added=0.4, opens=(12, 14)))
    assert found.refused is None
    assert 0 < found.low < 0.4 < found.high
    assert (found.treated, found.control) == (2, 10)
    assert found.diagnostics["places"] == ["CT", "PA"]


def test_a_store_that_brings_nothing_has_zero_in_its_interval_though_all_grow(duck):
    found = asked(duck, world(duck))
    assert found.low < 0 < found.high
    assert found.diagnostics["naive"]["times"] > 1.15


def test_where_online_orders_were_growing_anyway_no_number_is_given(duck):
    found = asked(duck, world(duck, growing=0.1, opens=(16, 90)))
    assert found.estimate is None
    assert "already moved away" in found.refused
    assert "naive" not in found.diagnostics


def test_a_closing_counts_from_the_month_after_the_last_day(duck):
    gone = [None] * 10 + [day(13), None]
    old = [date(2010, 1, 1)] * 12
    tables = world(duck, added=-0.5, opened_on=old, closed_on=gone)
    found = asked(duck, tables, treatment="closing")
    assert found.low < -0.5 < found.high < 0
    assert found.diagnostics["event"] == "closing"
    assert "no store opened" in asked(duck, tables).refused


def test_provinces_near_an_opening_are_not_compared_with_but_shown(duck):
    near = [20 + 3.0 * n for n in range(12)]
    near[9] = near[10] - 0.2
    tables = world(duck, added=0.4, latitude=near)
    months = Months(2024 * 12, MONTHS)
    around = gather(STUDY.default, duck, tables, months)
    assert [name for name, at in zip(around.near.names, around.near.cohort, strict=True)
            if np.isfinite(at)] == ["BA"]  # fmt: skip
    assert "BA" not in around.own.names
    assert around.left_out["near"] == 1
    found = asked(duck, tables)
    assert [row["to_km"] for row in found.diagnostics["rings"]] == [40.0]


def test_with_few_provinces_to_compare_with_no_number_is_given(duck):
    close = asked(duck, world(duck, added=0.4, apart=0.1))
    assert "too few to compare" in close.refused


def test_an_opening_at_the_very_beginning_has_no_before(duck):
    found = asked(duck, world(duck, opens=(1, 14)))
    assert found.diagnostics["places"] == ["PA"]
    assert found.diagnostics["left_out"]["unclear"] == 1


def test_where_click_and_collect_came_meanwhile_is_no_comparison(duck):
    launched = [day(9)] * 2 + [None] * 10
    tables = world(duck, added=0.4, collect_since=launched)
    around = gather(STUDY.default, duck, tables, Months(2024 * 12, MONTHS))
    assert {"MI", "RM"}.isdisjoint(around.own.names)
    assert around.left_out["launched_meanwhile"] == 2
    many = world(duck, added=0.4, collect_since=[day(9)] * 6 + [None] * 6)
    refused = asked(duck, many)
    assert "declare months without launches" in refused.refused
    assert refused.diagnostics["crossing"]["online_after_store"]["n"] > 0
    assert refused.diagnostics["left_out"]["launched_meanwhile"] == 6


def test_kilometres_follow_the_great_circle():
    milan, rome = np.array([45.4642, 9.1900]), np.array([41.9028, 12.4964])
    assert kilometres(milan, rome) == pytest.approx(477, abs=2)


PASSING = """
anna  2025-03-01 store carried   10
anna  2025-03-06 web   delivered 10
bruno 2025-03-01 web   delivered 10
bruno 2025-03-20 store carried   10
carla 2025-04-01 web   delivered 10
carla 2025-04-03 store carried   10
-     2025-01-01 store carried   10
-     2025-12-31 store carried   10
"""


def test_passages_within_a_week_and_returns_over_the_counter_are_counted(duck):
    back = """
dora 2025-05-01 web   delivered 30 sale=o1
dora 2025-05-09 store carried  -30 returns=o1
ezio 2025-05-01 web   delivered 20 sale=o2
ezio 2025-05-09 web   delivered -20 returns=o2
"""
    tables = opened(PASSING + back, duck)
    found = crossing.found(duck, tables, Months(2025 * 12, 12))
    assert (found["online_after_store"]["n"], found["online_after_store"]["share"]) == (5, 1 / 5)
    assert (found["store_after_online"]["n"], found["store_after_online"]["share"]) == (3, 1 / 3)
    # three of the five online buyers have one receipt: 7.5 of 365 days each
    assert found["online_after_store"]["chance"] == pytest.approx(3 * 7.5 / 365 / 5)
    assert found["store_after_online"]["chance"] == pytest.approx(7.5 / 365)
    assert found["returned_in_store"] == {"n": 2, "share": 1 / 2}
    assert found["returned_in_store_euros"] == 30


def looks(*rows):
    return [
        {"kind": "product_view", "record_key": who, "product_id": product, "at": f"{on}T10:00"}
        for who, product, on in rows
    ]


def test_what_was_looked_at_online_before_it_was_bought_in_a_store_stands_beside_chance(duck):
    sales = """
anna  2025-03-08 store carried 10 product=p
anna  2025-06-01 store carried 10 product=q
bruno 2025-03-20 store carried 10 product=p
carla 2025-03-08 store carried 10 product=p
carla 2025-04-08 web delivered 10 product=q
-     2025-01-01 store carried 10
-     2025-12-31 store carried 10
"""
    touches = looks(
        ("anna", "p", "2025-03-01"), ("anna", "p", "2025-03-04"), ("anna", "q", "2025-06-02"),
        ("bruno", "p", "2025-03-12"), ("carla", "q", "2025-03-08"),
    )  # fmt: skip
    tables = opened(Shop(sales, touches=touches), duck)
    told = crossing.found(duck, tables, Months(2025 * 12, 12))["looked_before"]
    # only anna's p: q after it was bought, bruno eight days before, carla another product
    assert (told["n"], told["share"], told["looks"]) == (4, 1 / 4, 5)
    # days up to a week after a look: 3 + 8 of anna's p, 8 of her q, 8 of bruno's
    assert told["chance"] == pytest.approx((11 + 8 + 8) / 365 / 4)


def test_looks_that_have_nothing_to_do_with_purchases_are_as_frequent_as_by_chance(duck):
    rng = np.random.default_rng(1)
    day = [f"2025-{m:02}-{d:02}" for m in range(1, 13) for d in range(1, 29)]
    pick = rng.integers(0, len(day), (300, 4))
    sales = "\n".join(f"p{n} {day[row[0]]} store carried 10" for n, row in enumerate(pick))
    sales += "\n- 2025-01-01 store carried 5\n- 2025-12-31 store carried 5"
    touches = looks(*((f"p{n}", "thing", day[at]) for n, row in enumerate(pick) for at in row[1:]))
    tables = opened(Shop(sales, touches=touches), duck)
    told = crossing.found(duck, tables, Months(2025 * 12, 12))["looked_before"]
    assert told["chance"] == pytest.approx(3 * 8 / 365, rel=0.05)
    assert told["share"] == pytest.approx(told["chance"], abs=3 * (told["chance"] / 300) ** 0.5)
