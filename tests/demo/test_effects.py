"""The truth is really in the data: exact recounts, and estimators that must find it."""

import numpy as np
import pytest

from tuttuno.demo import effects as effects_of
from tuttuno.demo import world
from tuttuno.demo.plan import Plan
from tuttuno.demo.simulate import make_block
from tuttuno.demo.trips import DIVERTED

MONTHS = 36


def month_number(label):
    if label in (None, "before"):
        return MONTHS if label is None else -1
    year, month = label.split("-")
    return (int(year) - 2023) * 12 + int(month) - 1


def panel(retailer, where):
    """Count baskets by true person and month."""
    rows = retailer.ask(
        """select true_person_id, (year(sold) - 2023) * 12 + month(sold) - 1, count(*) from
        (select true_person_id, sale_id, min(sold_at) sold from sales
         join truth_sales using (source, sale_id) where quantity > 0 and {where} group by 1, 2)
        group by 1, 2""",
        where=where,
    )
    counts = np.zeros((20_001, MONTHS))
    for person, month, number in rows:
        counts[person, month] = number
    return counts


def trait(retailer, column):
    found = np.empty(20_001, dtype=object)
    for person, value in retailer.ask("select true_person_id, {c} from truth_persons", c=column):
        found[person] = value
    return found


def started(retailer, column):
    """Month in which each person starts something."""
    return np.array([month_number(label) for label in trait(retailer, column)[1:]])


def change(counts, start, treated, control):
    """Difference in differences, cohort by cohort, weighted by person-months after the start.

    Returns the mean change per person and month, and its standard error over persons.
    """
    gains = []
    weights = []
    for month in sorted(set(start[treated])):
        usual = counts[control][:, month:].mean() - counts[control][:, :month].mean()
        cohort = counts[treated & (start == month)]
        gains.append(cohort[:, month:].mean(axis=1) - cohort[:, :month].mean(axis=1) - usual)
        weights.append(np.full(len(cohort), counts.shape[1] - month))
    gain, weight = np.concatenate(gains), np.concatenate(weights)
    mean = np.average(gain, weights=weight)
    error = np.sqrt((weight**2 * (gain - mean) ** 2).sum()) / weight.sum()
    return mean, error


ONLINE = "channel in ('web', 'app', 'marketplace', 'social')"


@pytest.fixture(scope="module")
def online(retailer):
    return panel(retailer, ONLINE)[1:]


@pytest.fixture(scope="module")
def store(retailer):
    return panel(retailer, "channel = 'store'")[1:]


def test_diversion_is_the_share_of_adopters_online_orders_that_left_the_store(retailer):
    online, diverted, attached = retailer.ask(
        """select count(*) filter ({online}),
        count(*) filter (t.reason = 'diverted'), count(*) filter (t.reason = 'attached')
        from (select distinct source, sale_id, channel from sales where quantity > 0) s
        join truth_sales t using (source, sale_id) join truth_persons p using (true_person_id)
        where p.kind = 'adopter'""",
        online=ONLINE,
    )[0]
    effects = retailer.truth.effects
    assert effects["diversion_gross"] == pytest.approx(diverted / online, abs=1e-12)
    assert effects["diversion"] == pytest.approx((diverted - attached) / online, abs=1e-12)
    assert 0.30 < effects["diversion"] < 0.40


def test_a_diverted_basket_is_worth_what_it_would_have_been_in_the_store(retailer):
    effects = retailer.truth.effects
    value = """select {what} from
        (select coalesce(returns_sale_id, sale_id) as sale_id, net, quantity from sales)
        join truth_sales using (sale_id) join truth_persons using (true_person_id)
        where kind = 'adopter' and reason = '{why}'"""

    def ask(what, why):
        return float(retailer.one(value, what=what, why=why))

    baskets = {why: ask("count(distinct sale_id)", why) for why in ("diverted", "attached")}
    months = (baskets["diverted"] - baskets["attached"]) / -effects["adoption_effect_store_orders"]
    lost = -effects["adoption_effect_store_net"] * months + ask("sum(net)", "attached")
    in_store = ask("sum(net)", "habit") / ask("count(distinct sale_id)", "habit")
    assert lost / baskets["diverted"] == pytest.approx(in_store, rel=0.03)
    assert effects["diversion_net"] > effects["diversion_revenue"]


def test_what_only_the_online_shop_sells_was_never_the_stores_to_lose():
    shared = world.make(Plan(people=2_000, seed=7))
    trips = make_block(shared, 0).sold.trips
    shelf = effects_of.in_store(shared, 0, trips)
    moved = trips.reason[shelf.trip] == DIVERTED
    never = shared.products.store_since[shelf.product] < 0
    assert moved.any()
    assert not never[moved].any()
    assert never[~moved].any()


def test_a_comparison_of_trends_finds_the_diversion(retailer, online, store):
    kind, start = trait(retailer, "kind")[1:], started(retailer, "online_from")
    treated, control = kind == "adopter", kind == "store_regular"
    lost, _ = change(store, start, treated, control)
    won, _ = change(online, start, treated, control)
    assert -lost / won == pytest.approx(retailer.truth.effects["diversion"], abs=0.05)
    gain = retailer.truth.effects["adoption_effect_online_orders"]
    assert won == pytest.approx(gain, rel=0.01)


def test_adopters_bought_more_in_stores_before_they_ever_went_online(retailer, store):
    kind, start = trait(retailer, "kind")[1:], started(retailer, "online_from")
    before = store[:, :6].mean(axis=1)
    late = (kind == "adopter") & (start >= 6)
    assert before[late].mean() > 1.1 * before[kind == "store_regular"].mean()


def test_a_comparison_of_trends_finds_the_loyalty_effect_and_the_naive_one_does_not(
    retailer, online
):
    kind, start = trait(retailer, "kind")[1:], started(retailer, "enrolled")
    since = started(retailer, "online_from")
    always = (since < 0) & np.isin(kind, ["both_before", "native"])
    always &= online[:, :6].sum(axis=1) > 0
    treated, control = always & (start >= 6) & (start < MONTHS), always & (start == MONTHS)
    # the first half year chose who counts as an online buyer, so it is no baseline
    found, error = change(online[:, 6:], start - 6, treated & (start > 6), control)
    truth = retailer.truth.effects["loyalty_effect_orders"]
    naive = retailer.truth.effects["loyalty_naive_orders"]
    assert abs(found - truth) < 2.5 * error
    assert error < truth
    assert naive > 1.5 * truth


def test_click_and_collect_raises_store_sales_by_what_is_bought_at_pick_up(retailer):
    caused = retailer.one("select count(*) from truth_sales where reason = 'attached'")
    grid = retailer.one("select sum(store_caused_orders) from truth_store_months")
    launched = retailer.one("select count(*) from truth_store_months where collects")
    assert grid == caused
    effect = retailer.truth.effects["click_and_collect_effect_store_orders"]
    assert effect == pytest.approx(caused / launched, abs=1e-9)


def test_what_click_and_collect_caused_happens_only_where_it_was_launched(retailer):
    early = """select sum(store_caused_orders) + sum(online_caused_orders)
        from truth_store_months where not collects"""
    assert retailer.one(early) == 0


def test_orders_to_be_collected_are_far_more_than_the_orders_they_caused(retailer):
    caused = retailer.one("select sum(online_caused_orders) from truth_store_months")
    assert retailer.truth.pickups > 3 * caused


def test_a_campaign_lifts_orders_by_the_known_effect(retailer, online):
    rows = retailer.ask("""select true_person_id, arm = 'treated', (year("at") - 2023) * 12
        + month("at") - 1 from contacts c join truth_people p on p.source = 'shop'
        and p.record_id = c.record_id""")
    person, treated, month = (np.array(column) for column in zip(*rows, strict=True))
    orders = online[person - 1, month]
    lift = orders[treated].mean() - orders[~treated].mean()
    error = np.sqrt(
        orders[treated].var() / treated.sum() + orders[~treated].var() / (~treated).sum()
    )
    assert abs(lift - retailer.truth.effects["campaign_effect_orders"]) < 2.5 * error
    assert treated.mean() == pytest.approx(0.8, abs=0.02)


def test_products_overlap_more_than_chance_and_more_than_categories(retailer):
    effects = retailer.truth.effects
    product, category = (
        effects[f"overlap_all_{level}_ratio_to_chance"] for level in ("product", "category")
    )
    assert product > 1.15
    assert product > category > 1
