"""What is bought together: published rules of a grocer, exact figures, and chance left alone."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.measures.scenario import Shop, asked
from tuttuno.measures.rules import by_chance, false_share, frequent, rules

DATA = Path(__file__).parents[2].parent / "shared/data/measures/groceries.csv"


@pytest.fixture(scope="module")
def groceries():
    """The 9,835 receipts of `Groceries` of arules (Hahsler, Hornik and Reutterer 2006)."""
    baskets = [line.split(",") for line in DATA.read_text("utf-8").splitlines()]
    things = sorted({thing for basket in baskets for thing in basket})
    at = {thing: nth for nth, thing in enumerate(things)}
    holds = np.zeros((len(baskets), len(things)), bool)
    for nth, basket in enumerate(baskets):
        holds[nth, [at[thing] for thing in basket]] = True
    return holds, things


@pytest.mark.shared_data
@pytest.mark.skipif(not DATA.exists(), reason="shared_data: no ../shared/data/measures")
@pytest.mark.parametrize(
    ("support", "confidence", "many"), [(0.006, 0.25, 463), (0.001, 0.5, 5668)]
)
def test_the_grocers_rules_are_as_many_as_published(groceries, support, confidence, many):
    holds, _ = groceries
    least = int(np.ceil(support * len(holds)))
    sets = frequent(holds, np.ones(len(holds)), least=least, largest=10)
    assert len(rules(sets, confidence=confidence)) == many


@pytest.mark.shared_data
@pytest.mark.skipif(not DATA.exists(), reason="shared_data: no ../shared/data/measures")
def test_herbs_go_with_root_vegetables_as_published(groceries):
    holds, things = groceries
    sets = frequent(holds, np.ones(len(holds)), least=60, largest=2)
    herbs, roots = things.index("herbs"), things.index("root vegetables")
    (rule,) = (
        one for one in rules(sets, confidence=0.25) if (one.given, one.also) == ((herbs,), roots)
    )
    assert rule.baskets / len(holds) == pytest.approx(0.0070158, abs=1e-7)
    assert rule.baskets / rule.given_in == pytest.approx(0.43125)
    lift = rule.baskets * len(holds) / rule.given_in / rule.also_in
    assert lift == pytest.approx(3.956477, abs=1e-6)


tables = st.lists(st.lists(st.booleans(), min_size=5, max_size=5), min_size=1, max_size=12)


@given(tables, st.integers(1, 4))
def test_every_frequent_set_is_found_and_counted(table, least):
    holds = np.array(table)
    expected = {
        things: count
        for size in range(1, 5)
        for things in itertools.combinations(range(5), size)
        if (count := int(holds[:, things].all(axis=1).sum())) >= least
    }
    assert frequent(holds, np.ones(len(holds)), least=least) == expected


def test_chance_alone_is_hardly_ever_listed():
    draw = np.random.default_rng(2)
    listed = 0
    for _ in range(60):
        holds = draw.random((400, 8)) < 0.25
        sets = frequent(holds, np.ones(400), least=1, largest=2)
        found = rules(sets, confidence=0.0)
        numbers = [[getattr(one, n) for one in found] for n in ("baskets", "given_in", "also_in")]
        q = false_share(by_chance(*numbers, among=400), tests=56)
        listed += bool((q <= 0.05).any())
    assert listed <= 6


def sold(together, apart):
    """Receipts: bread and butter together, each alone, and salt with nothing."""
    lines, number = [], itertools.count()
    baskets = [["bread", "butter"]] * together + [["bread"], ["butter"]] * apart + [["salt"]] * 60
    for things in baskets:
        sale = next(number)
        lines += [f"- 2026-01-05 store - 1.00 sale=r{sale} product={thing}" for thing in things]
    return Shop(
        "\n".join(lines),
        products={
            "bread": {"category": "Food > Bread", "name": "Loaf"},
            "butter": {"category": "Food > Fat"},
        },
    )


def test_a_rule_has_support_confidence_lift_and_doubt(duck):
    found = asked("basket_affinity", sold(30, 10), duck)
    rows = [row for row in found.rows if row["level"] == "product"]
    assert [(row["given"], row["also"]) for row in rows] == [
        ("bread", "butter"),
        ("butter", "bread"),
    ]
    assert [(row["given_name"], row["also_name"]) for row in rows] == [
        ("Loaf", "butter"),
        ("butter", "Loaf"),
    ]
    row = rows[0]
    assert (row["baskets"], row["support"], row["confidence"]) == (30, 30 / 110, 30 / 40)
    assert row["lift"] == pytest.approx(30 * 110 / 40 / 40)
    assert row["lift_careful"] == pytest.approx((30 + 5) / (40 * 40 / 110 + 5))
    # two tests a pair; bread, butter and salt make three pairs
    assert row["q"] == pytest.approx(3 * by_chance(30, 40, 40, among=110), rel=1e-6)
    kinds = [row for row in found.rows if row["level"] == "category"]
    assert [row["given"] for row in kinds] == ["Food > Bread", "Food > Fat"]
    assert [row["given_name"] for row in kinds] == ["Bread", "Fat"]


def test_what_is_too_rare_or_no_more_than_chance_is_not_listed(duck):
    assert asked("basket_affinity", sold(10, 30), duck).rows == ()
    assert asked("basket_affinity", sold(20, 60), duck).rows == ()


def test_a_split_looks_for_rules_within_each_part(duck):
    shop = sold(30, 10)
    web = Shop(shop.sales.replace("store", "web").replace("=r", "=w"), products=shop.products)
    both = Shop(shop.sales + "\n" + web.sales, products=shop.products)
    found = asked("basket_affinity", both, duck, by=("side",))
    rows = [row for row in found.rows if row["level"] == "product"]
    assert [row["side"] for row in rows] == ["online", "online", "store", "store"]
    assert {row["support"] for row in rows} == {30 / 110}


def test_what_came_back_is_not_in_the_basket(duck):
    shop = sold(30, 10)
    back = Shop(shop.sales + "\n- 2026-01-06 store - -1.00 product=butter", products=shop.products)
    assert asked("basket_affinity", back, duck).rows == asked("basket_affinity", shop, duck).rows


def test_within_a_brand_only_its_own_things_go_together(duck):
    sales = sold(30, 10).sales
    one = {name: {"brand": "Mill"} for name in ("bread", "butter", "salt")}
    rows = asked("basket_affinity", Shop(sales, products=one), duck, by=("brand",)).rows
    assert {(row["brand"], row["support"]) for row in rows} == {("Mill", 30 / 110)}
    two = one | {"butter": {"brand": "Dairy"}}
    assert asked("basket_affinity", Shop(sales, products=two), duck, by=("brand",)).rows == ()
