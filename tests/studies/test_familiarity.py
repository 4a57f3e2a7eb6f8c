"""What knowing a category from the store does online, on members of whom it is known."""

from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from tests.measures.scenario import closed, table_of
from tuttuno.schema.lake import SALE_LINE
from tuttuno.schema.mart import STORE
from tuttuno.studies.catalog import STUDIES
from tuttuno.studies.declaration import declared
from tuttuno.studies.months import Months

#: The shops here tell only what the study reads.
STUDY = replace(STUDIES["familiarity_effect"], needs=())
MONTHS = Months(2024 * 12, 24)
CATEGORIES = 5


def shop(duck, *, added=0.0, waking=0.0, growth=0.0, members=500, seed=5):
    """Tables of a shop whose members buy five categories in both channels.

    Args:
        duck: The engine.
        added: Articles a month online of a category, more, once it was bought in a store.
        waking: Share by which some buy more of everything online and in stores, from some month on.
        growth: Share by which everybody buys more online from the 16th month on; then who likes
            a category more buys it earlier in a store.
        members: How many.
        seed: Of everything that is drawn.
    """
    rng = np.random.default_rng(seed)
    shape = (members, CATEGORIES, 24)
    keen = rng.gamma(4, 0.25, (members, 1, 1)) * rng.gamma(4, 0.25, (members, CATEGORIES, 1))
    wakes = np.where(rng.random(members) < 0.5, rng.integers(10, 20, members), 99)[:, None, None]
    awake = 1 + waking * (np.arange(24) >= wakes)
    likes = keen if growth else np.ones(keen.shape)
    store = rng.poisson(0.03 * awake * likes * np.ones(shape))
    known = (np.cumsum(store, axis=2) - store > 0) * added
    grown = 1 + growth * (np.arange(24) >= 15)
    bought = rng.poisson(0.4 * keen * awake * grown + known)
    rows = [(*np.nonzero(grid), grid[grid > 0], side) for side, grid in enumerate((store, bought))]
    who, what, when, lines = (np.concatenate([one[at] for one in rows]) for at in range(4))
    sizes = [len(one[0]) for one in rows]
    closed(duck)
    tables = {one.name: duck.bind(one.name, table_of(one, [])) for one in (SALE_LINE, STORE)}
    tables["product_channel"] = duck.bind("product_channel", pa.table({
        "person_id": who + 1, "month": [MONTHS.label(int(at)) for at in when],
        "product_id": [f"p{one}" for one in what], "online": np.repeat([False, True], sizes),
        "lines": lines, "net": lines * 20.0,
    }))  # fmt: skip
    tables["product"] = duck.bind("product", pa.table({
        "product_id": [f"p{n}" for n in range(CATEGORIES)],
        "category": [f"C{n} > x" for n in range(CATEGORIES)],
    }))  # fmt: skip
    tables["person"] = duck.bind("person", pa.table({
        "person_id": np.arange(members) + 1, "enrolled_on": [date(2020, 1, 1)] * members,
    }))  # fmt: skip
    tables["person_month"] = duck.bind("person_month", pa.table({
        "person_id": np.arange(members) + 1, "month": ["2024-01"] * members,
        "orders_online": [1] * members,
    }))  # fmt: skip
    tables["purchase"] = duck.bind("purchase", pa.table({
        "sold_on": [date(2024, 1, 1), date(2025, 12, 31)], "month": ["2024-01", "2025-12"],
    }))  # fmt: skip
    return tables


def asked(duck, tables, **facts):
    return STUDY.answer(declared(STUDY.default, {"baseline": 6, **facts}), duck, tables)


def test_what_knowing_a_category_adds_online_is_found(duck):
    found = asked(duck, shop(duck, added=0.2))
    assert found.low < 0.2 < found.high
    assert found.low > 0.1
    assert found.diagnostics["usual"] == pytest.approx(0.4, abs=0.05)


def test_where_it_adds_nothing_nothing_is_found(duck):
    found = asked(duck, shop(duck))
    assert found.low < 0 < found.high
    assert found.diagnostics["placebo"]["p"] > 0.01


def test_who_wakes_up_in_everything_is_no_effect_of_knowing_the_category(duck):
    found = asked(duck, shop(duck, waking=3.0, members=900))
    assert found.diagnostics["without_others"]["low"] > 0.05
    assert found.low < 0 < found.high


def test_what_lifts_all_online_orders_is_no_effect_where_the_category_is_liked_more(duck):
    """A difference of amounts would find 0.1 and more here."""
    found = asked(duck, shop(duck, growth=2.0, members=900))
    assert found.diagnostics["naive"]["difference"] > 0.3
    assert found.low < 0 < found.high
    assert abs(found.estimate) < 0.06


def test_the_level_of_those_who_know_it_is_no_effect(duck):
    naive = asked(duck, shop(duck, waking=3.0)).diagnostics["naive"]
    assert naive["difference"] > 0.1


def test_nobody_to_compare_with_is_refused(duck):
    assert "an answer needs 100 of each" in asked(duck, shop(duck, members=90)).refused
    refused = asked(duck, shop(duck), treatment="enrolment")
    assert "unknown treatment 'enrolment'" in refused.refused


def test_a_category_bought_in_a_store_before_is_left_out(duck):
    found = asked(duck, shop(duck))
    left = found.diagnostics["left_out"]["bought_before"]
    # 10 months (6, anticipation, fewer than 3 before it) at 0.03 articles, in 500 x 5 units
    assert left / 2500 == pytest.approx(1 - np.exp(-10 * 0.03), abs=0.03)
    alone = found.diagnostics["left_out"]["no_others"]
    assert found.coverage == 1 - (left + alone) / 2500
