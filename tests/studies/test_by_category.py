"""Cannibalisation by category, on members of whom it is known what the stores lost."""

from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from tests.measures.scenario import closed, table_of
from tuttuno.effects.jackknife import jackknife
from tuttuno.schema.lake import SALE_LINE
from tuttuno.schema.mart import STORE
from tuttuno.studies import slices
from tuttuno.studies.catalog import STUDIES
from tuttuno.studies.declaration import declared
from tuttuno.studies.months import Months

#: The shops here tell only what the study reads.
STUDY = replace(STUDIES["cannibalisation_by_category"], needs=())
MONTHS = Months(2024 * 12, 24)
CATEGORIES = ("Home", "Shoes", "Tools")


def shop(duck, *, lost, online=(0.5, 0.5, 0.0), moved=0.0, members=1600, seed=3):
    """Tables of a shop with members of whom half begin to buy online.

    Args:
        duck: The engine.
        lost: By category, the share of new online articles that the stores lose.
        online: By category, articles that an adopter buys online a month.
        moved: Share by which adopters buy less of everything in stores from then on.
        members: How many.
        seed: Of everything that is drawn.
    """
    rng = np.random.default_rng(seed)
    start = np.where(np.arange(members) % 2, rng.integers(8, 20, members), 99)
    after = np.arange(24) >= start[:, None]
    rows = []
    for category, (share, more) in enumerate(zip(lost, online, strict=True)):
        rate = np.where(after, 1.2 * (1 - moved) - share * more, 1.2)
        for place, count in enumerate((rng.poisson(rate), rng.poisson(more * after))):
            person, month = np.nonzero(count)
            rows.append((person, month, count[person, month], category, bool(place)))
    sizes = [len(one[0]) for one in rows]
    closed(duck)
    tables = {one.name: duck.bind(one.name, table_of(one, [])) for one in (SALE_LINE, STORE)}
    lines = np.concatenate([one[2] for one in rows])
    tables["product_channel"] = duck.bind("product_channel", pa.table({
        "person_id": np.concatenate([one[0] for one in rows]) + 1,
        "month": [MONTHS.label(int(at)) for one in rows for at in one[1]],
        "product_id": np.repeat([f"p{one[3]}" for one in rows], sizes),
        "online": np.repeat([one[4] for one in rows], sizes), "lines": lines, "net": lines * 20.0,
    }))  # fmt: skip
    tables["product"] = duck.bind("product", pa.table({
        "product_id": ["p0", "p1", "p2"], "category": [f"{name} > x" for name in CATEGORIES],
    }))  # fmt: skip
    first = [MONTHS.day(int(at)) if at < 24 else None for at in start]
    old = [date(2020, 1, 1)] * members
    tables["person"] = duck.bind("person", pa.table({
        "person_id": np.arange(members) + 1, "enrolled_on": old, "first_store_on": old,
        "first_online_on": pa.array(first, pa.date32()),
        "online_since": pa.nulls(members, pa.timestamp("us")), "province": ["MI"] * members,
    }))  # fmt: skip
    edges = [date(2024, 1, 1), date(2025, 12, 31)]
    tables["purchase"] = duck.bind("purchase", pa.table({
        "source": ["s"] * 2, "sale_id": ["1", "2"], "person_id": pa.nulls(2, pa.int64()),
        "sold_on": edges, "month": ["2024-01", "2025-12"], "online": [False] * 2, "orders": [1] * 2,
        "store_id": pa.nulls(2, pa.string()),
    }))  # fmt: skip
    return tables


def asked(duck, tables, **facts):
    return STUDY.answer(declared(STUDY.default, facts), duck, tables)


def rows(found):
    return {row["category"]: row for row in found.diagnostics["by_category"]}


def test_what_the_stores_lost_is_found_category_by_category(duck):
    found = asked(duck, shop(duck, lost=(0.7, 0.1, 0.0)))
    assert found.low < 0.4 < found.high
    told = rows(found)
    assert told["Home"]["low"] < 0.7 < told["Home"]["high"]
    assert told["Shoes"]["low"] < 0.1 < told["Shoes"]["high"]
    assert told["Home"]["online"] == pytest.approx(0.5, abs=0.03)
    assert found.diagnostics["alike"] < 0.001


def test_a_category_that_is_not_sold_online_has_no_share(duck):
    told = rows(asked(duck, shop(duck, lost=(0.5, 0.5, 0.0))))
    assert told["Tools"]["estimate"] is None
    assert told["Tools"]["store"] == pytest.approx(0.0, abs=0.06)


def test_categories_that_lose_alike_are_not_told_apart(duck):
    found = asked(duck, shop(duck, lost=(0.4, 0.4, 0.0)))
    assert found.diagnostics["alike"] > 0.05
    assert found.diagnostics["triple"]["low"] < 0.4 < found.diagnostics["triple"]["high"]


def test_who_buys_less_of_everything_is_told_from_who_buys_online_instead(duck):
    found = asked(duck, shop(duck, lost=(0.3, 0.3, 0.0), moved=0.25))
    assert found.low > 0.5
    triple = found.diagnostics["triple"]
    assert triple["low"] < 0.3 < triple["high"]


def test_where_going_online_sells_nothing_more_no_share_is_given(duck):
    found = asked(duck, shop(duck, lost=(0.0, 0.0, 0.0), online=(0.0, 0.0, 0.0)))
    assert found.estimate is None
    assert found.refused
    assert "by_category" not in found.diagnostics


def test_a_few_members_are_too_few(duck):
    assert "80 members began" in asked(duck, shop(duck, lost=(0.5, 0.5, 0), members=160)).refused


def test_euros_are_told_where_they_are_asked_for(duck):
    tables = shop(duck, lost=(0.7, 0.1, 0.0))
    found, lines = asked(duck, tables, outcome="net"), asked(duck, tables)
    assert found.diagnostics["outcome"] == "net"
    assert found.estimate == pytest.approx(lines.estimate)
    assert rows(found)["Home"]["online"] == pytest.approx(20 * rows(lines)["Home"]["online"])


def test_leaving_out_slices_gives_the_error_of_a_mean_of_persons():
    rng = np.random.default_rng(1)
    persons, size = 4000, slices.SLICES
    value = rng.normal(size=(persons, 6)) + rng.normal(size=(persons, 1))
    cohort = np.repeat([np.inf, 3.0], persons // 2)
    piece = np.arange(persons) % size
    units, sums = np.zeros((size, 1, 2)), np.zeros((size, 1, 1, 2, 6))
    for place, at in enumerate((np.inf, 3.0)):
        for one in range(size):
            mine = value[(cohort == at) & (piece == one)]
            units[one, 0, place], sums[one, 0, 0, place] = len(mine), mine.sum(axis=0)
    whole = slices.Sliced(("",), np.array([np.inf, 3.0]), units, sums)
    found = jackknife(size, lambda kept: slices.effects(whole, kept)[0])
    change = value[:, 3:].mean(axis=1) - value[:, :3].mean(axis=1)
    late, never = change[cohort == 3.0], change[cohort == np.inf]
    assert found.estimate[0] == pytest.approx(late.mean() - never.mean())
    exact = np.hypot(late.std() / late.size**0.5, never.std() / never.size**0.5)
    assert found.se[0] == pytest.approx(exact, rel=0.25)
    assert slices.unlike(found, [0]) == pytest.approx(found.p(np.ones(1)))
