"""Both channels of provinces where click & collect came, of which it is known what it changed."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from tuttuno.studies.catalog import STUDIES
from tuttuno.studies.declaration import declared
from tuttuno.studies.markets import gather
from tuttuno.studies.months import Months

STUDY = STUDIES["cannibalisation_by_market"]
MONTHS = Months(2024 * 12, 24)
PROVINCES = tuple(f"P{n:02}" for n in range(14))
LATE = np.array([10, 12, 14, 9, 11, 13, 15, *[99] * 7])


def market(duck, *, lost=0.4, more=0.4, starts=LATE, opened=None, growing=0.0, seed=2):
    """Tables of a shop with a store in each province.

    Args:
        duck: The engine.
        lost: Share of new online orders that stores lose; negative: they gain.
        more: Share of online orders that a launch adds.
        starts: Months of launch.
        opened: By province, a day of opening within the months.
        growing: Share a month by which stores grow where there will be a launch.
        seed: Of everything that is drawn.
    """
    rng = np.random.default_rng(seed)
    month = np.arange(24)
    after = month >= starts[:, None]
    season = 1 + 0.2 * np.sin(month / 2)
    base = 200 * np.linspace(0.6, 1.6, len(starts))[:, None] * season
    new = base * more * after
    trend = 1 + growing * month * (starts < 24)[:, None]
    grids = (rng.poisson(2 * base * trend - lost * new), rng.poisson(base + new))
    edges = [date(2024, 1, 1), date(2025, 12, 31)]
    rows = [(int(p), int(m), int(grid[p, m]), bool(side)) for side, grid in enumerate(grids)
            for p, m in np.ndindex(grid.shape)]  # fmt: skip
    places, months, orders, online = (list(each) for each in zip(*rows, strict=True))
    tables = {"purchase": duck.bind("purchase", pa.table({
        "sold_on": [*[date(2024, 5, 1)] * len(rows), *edges],
        "month": [*(MONTHS.label(m) for m in months), "2024-01", "2025-12"],
        "person_id": pa.array([*(p + 1 if web else None for p, web in
                                 zip(places, online, strict=True)), None, None], pa.int64()),
        "store_id": pa.array([*(None if web else f"S{p}" for p, web in
                                zip(places, online, strict=True)), None, None], pa.string()),
        "online": [*online, False, False], "orders": [*orders, 0, 0],
        "net": [*(30.0 * n for n in orders), 0.0, 0.0],
    }))}  # fmt: skip
    size = len(starts)
    tables["person"] = duck.bind(
        "person", pa.table({"person_id": np.arange(size) + 1, "province": PROVINCES[:size]})
    )
    old = date(2010, 1, 1)
    came = [(opened or {}).get(name, old) for name in PROVINCES[:size]]
    since = [MONTHS.day(int(at)) if at < 24 else None for at in starts]
    tables["store"] = duck.bind("store", pa.table({
        "store_id": [f"S{n}" for n in range(size)], "province": PROVINCES[:size],
        "opened_on": came, "closed_on": pa.nulls(size, pa.date32()),
        "collect_since": pa.array(since, pa.date32()), "first_on": [edges[0]] * size,
    }))  # fmt: skip
    return tables


def asked(duck, tables, **facts):
    return STUDY.answer(declared(STUDY.default, facts), duck, tables)


def outcome(found, name):
    return next(one for one in found.diagnostics["outcomes"] if one["name"] == name)


@pytest.mark.parametrize("lost", [0.4, -0.5], ids=["stores-lose", "stores-gain"])
def test_what_stores_lose_of_new_online_orders_is_found(duck, lost):
    found = asked(duck, market(duck, lost=lost))
    assert found.low < lost < found.high
    assert found.high - found.low < 0.5
    assert (found.treated, found.control) == (7, 7)
    web = outcome(found, "orders_online")
    assert web["low"] < 0.4 < web["high"]


def test_both_channels_together_gain_what_the_stores_did_not_lose(duck):
    found = asked(duck, market(duck, lost=0.4))
    both = outcome(found, "orders_both")
    # 0.4 more online, of which 0.4 are lost, beside stores that sell twice as much
    assert both["low"] < 0.4 * (1 - 0.4) / 3 < both["high"]
    assert found.diagnostics["euros"]["low"] > 0


def test_where_nothing_more_is_ordered_no_share_is_given(duck):
    found = asked(duck, market(duck, more=0.0))
    assert "cannot be told from zero" in found.refused
    assert "outcomes" not in found.diagnostics


def test_stores_that_grew_before_the_launch_are_refused(duck):
    found = asked(duck, market(duck, growing=0.02))
    assert "before the launches the stores of these provinces did not move" in found.refused


def test_a_store_that_opens_meanwhile_leaves_its_province_out(duck):
    tables = market(duck, opened={"P00": date(2024, 9, 1)}, starts=np.array([*LATE[:13], 1]))
    markets = gather(STUDY.default, duck, tables, MONTHS)
    assert "P00" not in markets.store.names
    assert markets.store.names == markets.online.names
    assert markets.left_out == {"opened": 1, "launched": 1}


def test_two_launches_are_too_few(duck):
    found = asked(duck, market(duck, starts=np.array([10, 12, *[99] * 8])))
    assert "2 provinces with a launch and 8 without one" in found.refused
