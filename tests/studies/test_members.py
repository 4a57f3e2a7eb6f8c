"""Who takes part in a study of persons, month by month on a shop that can be read."""

from datetime import datetime

import pytest

from tests.measures.scenario import Shop, opened
from tuttuno.errors import BadInput
from tuttuno.studies.declaration import Declaration
from tuttuno.studies.members import (
    KNOWN_BEFORE,
    MEMBER_BEFORE,
    TOO_EARLY,
    classed,
    edges_of,
    enrolling,
    going_online,
    keen,
)
from tuttuno.studies.months import Months, months_of
from tuttuno.studies.sums import NEVER

LOYALTY = Declaration("loyalty_effect", "enrolment", baseline=3, anticipation=1)
ONLINE = Declaration("cannibalisation", "first_online_purchase", baseline=3)

SALES = """
anna   2025-01-01 web   delivered 10 source=shop
bruno  2025-02-10 web   delivered 10 source=shop
carla  2025-03-20 web   delivered 10 source=shop
dario  2025-05-05 web   delivered 10 source=shop
elena  2025-01-15 store carried   10
fabio  2025-01-15 store carried   10
fabio  2025-06-01 web   delivered 10 source=shop
gina   2025-01-15 store carried   10
gina   2025-07-01 web   delivered 10 source=shop
ivo    2025-01-20 store carried   10
ivo    2025-02-01 web   delivered 10 source=shop
lina   2025-01-15 store carried   10
marta  2025-01-15 store carried   10
marta  2025-04-04 phone delivered 10 source=shop
marta  2025-06-20 web   delivered 10 source=shop
nora   2025-01-15 store carried   10
nora   2025-04-04 phone delivered 10 source=shop
-      2025-12-31 store carried   10
"""


def account(day, **facts):
    return {"source": "shop", "created_at": datetime.fromisoformat(f"{day}T10:00"), **facts}


def card(name, day):
    return {"card_key": f"c-{name}", "record_key": name, "enrolled_at": f"{day}T09:00"}


#: Members since before the first month.
OLD = ("elena", "fabio", "gina", "ivo", "lina", "marta", "nora")

SHOP = Shop(
    SALES,
    people={
        "gina": account("2025-03-01"),
        "fabio": account("2025-05-20"),
        "marta": account("2025-04-04"),
        "nora": account("2025-04-04"),
        "anna": {"province": "FI"},
        "lina": {"province": "FI"},
    },
    stores={"S1": {"province": "FI"}},
    memberships=[
        card("anna", "2025-08-10"), card("bruno", "2025-04-02"),
        *(card(name, "2024-05-01") for name in OLD),
    ],
)  # fmt: skip


@pytest.fixture
def shop(duck):
    return opened(SHOP, duck)


def roll(found, duck):
    rows = duck.run(found.rows).to_pylist()
    names = dict(enumerate(SHOP.names, 1))
    return {names[row["person_id"]]: (row["cohort"], row["reason"]) for row in rows}


def test_who_bought_online_in_the_baseline_takes_part_and_is_treated_when_she_enrols(shop, duck):
    found = enrolling(shop, months_of(LOYALTY, duck, shop["purchase"]), LOYALTY)
    assert found.months == Months(2025 * 12 + 3, 9)
    assert roll(found, duck) == {
        "anna": (4, ""),
        "bruno": (0, MEMBER_BEFORE),
        "carla": (NEVER, ""),
        "ivo": (-8 - 3, MEMBER_BEFORE),
    }


def test_a_member_of_old_is_treated_by_her_first_online_order(shop, duck):
    found = going_online(shop, months_of(ONLINE, duck, shop["purchase"]), ONLINE)
    assert roll(found, duck) == {
        "elena": (NEVER, ""),
        "fabio": (5, ""),
        "gina": (6, KNOWN_BEFORE),
        "ivo": (1, TOO_EARLY),
        "lina": (NEVER, ""),
        "marta": (5, ""),
        "nora": (NEVER, ""),
    }


def test_an_account_without_an_order_is_no_proof_that_she_never_bought_online(duck):
    people = {"lina": account("2025-03-01")}
    shop = opened(Shop(SALES, people=people, memberships=SHOP.memberships), duck)
    found = going_online(shop, months_of(ONLINE, duck, shop["purchase"]), ONLINE)
    assert roll(found, duck)["lina"] == (NEVER, KNOWN_BEFORE)


def test_a_till_that_sells_online_too_knows_nobody_sooner_than_she_bought(duck):
    people = {"fabio": {"created_at": datetime.fromisoformat("2025-01-15T10:00")}}
    sales = SALES.replace(" source=shop", "")
    shop = opened(Shop(sales, people=people, memberships=SHOP.memberships), duck)
    found = going_online(shop, months_of(ONLINE, duck, shop["purchase"]), ONLINE)
    assert roll(found, duck)["fabio"] == (5, "")


def test_a_declared_population_takes_part_alone(shop, duck):
    florence = Declaration(
        "cannibalisation", "first_online_purchase", baseline=3, population={"province": ("FI",)}
    )
    found = going_online(shop, months_of(florence, duck, shop["purchase"]), florence)
    assert set(roll(found, duck)) == {"lina"}


def test_what_is_declared_to_be_left_out_is(shop, duck):
    rest = Declaration(
        "cannibalisation", "first_online_purchase", baseline=3, exclude={"province": ("FI",)}
    )
    found = going_online(shop, months_of(rest, duck, shop["purchase"]), rest)
    assert set(roll(found, duck)) == {"elena", "fabio", "gina", "ivo", "marta", "nora"}


def test_only_whole_months_count(shop, duck):
    sold = shop["purchase"]
    assert months_of(ONLINE, duck, sold) == Months(2025 * 12, 12)
    late = sold.filter(sold.sold_on > "2025-01-05")
    assert months_of(ONLINE, duck, late) == Months(2025 * 12 + 1, 11)
    early = sold.filter(sold.sold_on < "2025-12-20")
    with pytest.raises(BadInput, match="6 whole months of sales: too few"):
        months_of(ONLINE, duck, early)


def test_buyers_are_classed_by_what_they_ordered_before_the_comparison(duck):
    often = "\n".join(f"anna 2025-0{m}-1{n} web delivered 5" for m in (1, 2, 3) for n in range(2))
    some = "\n".join(f"bruno 2025-0{m}-12 web delivered 5" for m in (1, 2, 3))
    text = f"{often}\n{some}\ncarla 2025-01-12 web delivered 5\n- 2025-01-01 web delivered 5"
    shop = opened(Shop(text + "\n- 2025-12-31 store carried 5"), duck)
    found = enrolling(shop, months_of(LOYALTY, duck, shop["purchase"]), LOYALTY)
    assert duck.run(keen(found)).to_pylist() == [
        {"bought": orders, "treated": 0, "never": 1} for orders in (1, 3, 6)
    ]
    large = [{"bought": orders, "treated": 40, "never": 90} for orders in (1, 3, 6)]
    parts = duck.run(classed(found, large).rows).to_pylist()
    assert {row["person_id"]: row["part"] for row in parts} == {1: "many", 2: "some", 3: "few"}


@pytest.mark.parametrize(
    ("treated", "never", "edges"),
    [
        pytest.param((40, 40, 40), (90, 90, 90), [1, 2], id="thirds"),
        pytest.param((100, 10, 10), (90, 90, 90), [], id="few-order-often"),
        pytest.param((100, 20, 10), (90, 90, 90), [1], id="the-last-two-together"),
        pytest.param((10, 10, 100), (90, 90, 90), [], id="most-order-often"),
        pytest.param((40, 40, 40), (90, 10, 90), [1], id="few-to-compare-with"),
        pytest.param((5, 5, 5), (90, 90, 90), [], id="too-few-for-classes"),
        pytest.param((), (), [], id="nobody"),
    ],
)
def test_a_class_too_small_to_be_compared_within_itself_is_joined_with_the_next(
    treated, never, edges
):
    sizes = zip((1, 2, 3), treated, never, strict=False)
    assert edges_of([{"bought": n, "treated": t, "never": c} for n, t, c in sizes]) == edges
