"""A hundred simulated retailers without files and identity: what each study finds of the truth."""

import duckdb
import numpy as np
import pytest

from tests.studies.straight import straight
from tuttuno.engine.duckdb import DuckDBEngine
from tuttuno.studies.catalog import STUDIES
from tuttuno.studies.declaration import declared

pytestmark = pytest.mark.storm

SEEDS = range(100, 200)

NAMES = ("cannibalisation", "cannibalisation_by_category", "cannibalisation_by_market",
         "familiarity_effect", "click_and_collect_effect")  # fmt: skip

#: Study, outcome, and the name of its truth.
KNOWN = (
    ("cannibalisation", "orders", "diversion_members"),
    ("cannibalisation", "net", "diversion_members_net"),
    ("cannibalisation_by_category", "lines", "diversion_members"),
    ("cannibalisation_by_category", "net", "diversion_members_net"),
    ("click_and_collect_effect", "orders_store", "click_and_collect_effect_store_orders_share"),
    ("click_and_collect_effect", "orders_online", "click_and_collect_effect_online_orders_share"),
)

#: A tier that is held by who spent so much in the first twelve months, and that changes nothing.
GOLD = {"tier": "gold", "threshold": 300.0}


def answered(retailer, tables, names, **facts):
    engine = DuckDBEngine(threads=2, memory="2GB")
    bound = {name: engine.bind(name, table) for name, table in tables.items()}
    told = {}
    for name in names:
        one = STUDIES[name]
        told[name] = one.answer(declared(one.default, facts.get(name, {})), engine, bound)
    engine.close()
    return told, retailer.truth


def tiered(tables):
    """The tables with that tier."""
    with duckdb.connect() as con:
        con.register("person", tables["person"])
        con.register("bought", tables["person_month"])
        month = con.sql(
            """select *, coalesce(net_store, 0) + coalesce(net_online, 0) as net from bought"""
        )
        person = con.sql(
            """select * replace (if(spent >= 300, 'gold', 'base') as tier),
            enrolled_on is not null as member from person left join (select person_id,
            sum(net) as spent from month where month < '2024-01' group by all) using (person_id)"""
        )
        found = {"person": person.to_arrow_table(), "person_month": month.to_arrow_table()}
    return tables | found


@pytest.fixture(scope="module")
def worlds():
    made = (straight(seed) for seed in SEEDS)
    return [answered(one, one.tables, NAMES) for one in made]


@pytest.fixture(scope="module")
def indifferent():
    """Retailers whose buyers do not recall what they bought in stores, with a tier for nothing."""
    made = (straight(seed, known_product=0.0) for seed in SEEDS)
    names = ("familiarity_effect", "tier_effect")
    return [answered(one, tiered(one.tables), names, tier_effect=GOLD) for one in made]


def outcome(answer, name):
    told = next(one for one in answer.diagnostics["outcomes"] if one["name"] == name)
    return told.get("diversion", told.get("estimate")), told["low"], told["high"]


def held(rows):
    """Share of rows of low, high and truth in which the truth is inside."""
    return np.mean([low < truth < high for low, high, truth in rows])


@pytest.mark.parametrize(("study", "of", "truth"), KNOWN)
def test_the_truth_is_inside_and_the_mean_right(worlds, study, of, truth):
    told = [(answers[study], known[truth]) for answers, known in worlds]
    rows = [(*outcome(one, of), right) for one, right in told if one.refused is None]
    away = np.array([estimate - right for estimate, _, _, right in rows])
    assert len(rows) >= 97
    assert held([row[1:] for row in rows]) >= 0.9
    assert abs(away.mean()) < 3 * away.std() / len(away) ** 0.5


def test_categories_that_lose_alike_are_told_apart_no_more_often_than_chance_does(worlds):
    p = [answers["cannibalisation_by_category"].diagnostics["alike"] for answers, _ in worlds]
    assert np.mean([one < 0.05 for one in p]) <= 0.11


def test_what_provinces_gain_and_lose_by_a_launch_is_inside(worlds):
    rows = []
    for answers, known in worlds:
        answer = answers["cannibalisation_by_market"]
        if answer.refused is None:
            sides = [known[f"click_and_collect_effect_{side}_orders"] for side in
                     ("store", "online")]  # fmt: skip
            rows.append((answer.low, answer.high, -sides[0] / sides[1]))
    assert len(rows) >= 50
    assert held(rows) >= 0.9


def test_knowing_the_product_shows_in_nearly_every_retailer(worlds):
    """Of seeds 100 to 135, in 35 of 36."""
    told = [answers["familiarity_effect"].estimate for answers, _ in worlds]
    assert np.mean([one > 0 for one in told]) >= 0.93


def test_where_nobody_recalls_anything_knowing_the_product_is_credited_with_nothing(indifferent):
    """Of seeds 100 to 199, 93 intervals in articles held zero and 96 in euros."""
    told = [answers["familiarity_effect"] for answers, _ in indifferent]
    for of in ("lines", "net"):
        rows = [outcome(one, of) for one in told if one.refused is None]
        away = np.array([estimate for estimate, _, _ in rows])
        assert len(rows) >= 95
        assert held([(low, high, 0.0) for _, low, high in rows]) >= 0.9
        assert abs(away.mean()) < 3 * away.std() / len(away) ** 0.5


def test_a_tier_that_changes_nothing_is_credited_with_nothing(indifferent):
    """Of seeds 100 to 199, four are refused and 88 of 96 intervals hold zero."""
    told = [answers["tier_effect"] for answers, _ in indifferent]
    rows = [(one.low, one.high, 0.0) for one in told if one.refused is None]
    away = np.array([one.estimate for one in told if one.refused is None])
    assert len(rows) >= 90
    assert held(rows) >= 0.88
    assert abs(away.mean()) < 3 * away.std() / len(away) ** 0.5
