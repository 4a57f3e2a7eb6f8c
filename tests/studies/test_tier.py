"""What a tier does around its threshold, on members of whom it is known."""

from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from tests.measures.scenario import closed
from tuttuno.studies.catalog import STUDIES
from tuttuno.studies.declaration import BadDeclaration, declared
from tuttuno.studies.months import Months
from tuttuno.studies.tier_effect import crowding

#: The shops here tell only what the study reads.
STUDY = replace(STUDIES["tier_effect"], needs=())
MONTHS = Months(2024 * 12, 24)
SILVER = {"tier": "silver", "threshold": 500.0}


def programme(duck, *, added=0.0, strays=0.0, crowd=0.0, jump=0.0, members=6000, seed=4):
    """Tables of a programme whose tier is reached at 500 euros of the first year.

    Args:
        duck: The engine.
        added: Online orders a month that holding the tier adds.
        strays: Share of members who hold the tier, or do not, whatever they spent.
        crowd: Share of those just below who buy until they have it.
        jump: Online orders a month that members above had more of before.
        members: How many.
        seed: Of everything that is drawn.
    """
    rng = np.random.default_rng(seed)
    score = rng.gamma(4, 130, members).round(2)
    lifted = (score > 450) & (score < 500) & (rng.random(members) < crowd)
    score = np.where(lifted, 500 + rng.random(members) * 8, score)
    above = score >= 500
    holds = np.where(rng.random(members) < strays, rng.random(members) < 0.5, above)
    usual = 0.1 + score / 2000
    before = rng.poisson(12 * (usual + jump * above))
    after = rng.poisson(12 * (usual + added * holds))
    closed(duck)
    person = np.arange(members) + 1
    none = np.zeros(members)
    tables = {"person": duck.bind("person", pa.table({
        "person_id": person, "enrolled_on": [date(2020, 1, 1)] * members,
        "member": [True] * members, "tier": np.where(holds, "silver", "base"),
    }))}  # fmt: skip
    tables["person_month"] = duck.bind("person_month", pa.table({
        "person_id": np.tile(person, 2), "month": np.repeat(["2024-06", "2025-06"], members),
        "net": np.concatenate([score, none]), "orders_online": np.concatenate([before, after]),
        "net_online": np.concatenate([none, after * 40.0]),
    }))  # fmt: skip
    tables["purchase"] = duck.bind("purchase", pa.table({
        "sold_on": [date(2024, 1, 1), date(2025, 12, 31)], "month": ["2024-01", "2025-12"],
    }))  # fmt: skip
    return tables


def asked(duck, tables, **facts):
    return STUDY.answer(declared(STUDY.default, {**SILVER, **facts}), duck, tables)


@pytest.mark.parametrize("strays", [0.0, 0.3], ids=["sharp", "fuzzy"])
def test_what_holding_the_tier_adds_is_found(duck, strays):
    found = asked(duck, programme(duck, added=0.3, strays=strays))
    assert found.low < 0.3 < found.high
    assert found.low > 0.1
    assert found.diagnostics["holds"]["estimate"] == pytest.approx(1 - strays, abs=0.1)
    assert found.rung == "D"


def test_where_it_adds_nothing_nothing_is_found(duck):
    found = asked(duck, programme(duck, seed=5))
    assert found.low < 0 < found.high
    euros = asked(duck, programme(duck, added=0.3), outcome="net")
    assert euros.low < 0.3 * 40 < euros.high
    assert euros.unit == "EUR per person and month"


def test_without_its_threshold_a_tier_is_refused(duck):
    found = STUDY.answer(STUDY.default, duck, {})
    assert "memberships tell the tier of today" in found.refused
    assert "[effects.tier_effect]" in found.refused


def test_a_tier_that_is_reached_otherwise_is_refused(duck):
    assert "does not jump" in asked(duck, programme(duck, strays=1.0)).refused
    assert "does not jump" in asked(duck, programme(duck), threshold=300.0).refused


def test_members_who_buy_until_they_have_it_are_no_comparison(duck):
    found = asked(duck, programme(duck, added=0.3, crowd=0.6))
    assert "members crowd on one side" in found.refused
    assert "outcomes" not in found.diagnostics


def test_what_jumped_before_is_no_effect_of_the_tier(duck):
    assert "before the tier is decided" in asked(duck, programme(duck, jump=0.5)).refused


def test_few_members_on_one_side_are_refused(duck):
    assert "fewer than 100 members" in asked(duck, programme(duck), threshold=5000.0).refused


def test_scores_that_nobody_can_place_do_not_crowd():
    rng = np.random.default_rng(1)
    alone = [crowding(rng.gamma(4, 130, 3000), 500.0) for _ in range(200)]
    assert np.mean([one["p"] < 0.05 for one in alone]) <= 0.09
    assert np.mean([one["low"] < 0.5 < one["high"] for one in alone]) >= 0.91


def test_a_threshold_belongs_to_the_study_of_tiers():
    with pytest.raises(BadDeclaration, match="belong to"):
        declared(STUDIES["loyalty_effect"].default, SILVER)
    with pytest.raises(BadDeclaration, match="above zero"):
        declared(STUDY.default, {"threshold": -1.0})
