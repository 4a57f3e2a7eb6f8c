"""What a retailer has not told yet is what a refusal says, with what would make it answerable."""

import pytest

from tests.measures.scenario import Shop, opened
from tuttuno.studies.catalog import STUDIES
from tuttuno.studies.declaration import declared

YEARS = ("2024", "2025")
STORES = {f"S{n}": {"province": "FI"} for n in (1, 2)}
ARTICLES = {f"a{n}": {"category": "Home > x"} for n in (0, 1)}
CARDS = [
    {"card_key": f"c{n}", "record_key": f"p{n}", "enrolled_at": "2023-05-01T09:00"}
    for n in range(6)
]

PAID = "store carried 10 store_id=S1 product_id=a0"
ORDERED = "web delivered 10 product_id=a1"


def bought(*kinds, who="p{n}", months=range(1, 13), years=YEARS):
    """Six people who buy in turn in each way, month by month."""
    rows = [
        f"{who.format(n=n)} {year}-{month:02}-{28 if n else 1:02} {kinds[n % len(kinds)]}"
        for year in years
        for month in months
        for n in range(6)
    ]
    return "\n".join([*rows, f"- {years[-1]}-{months[-1]:02}-31 {kinds[0]}"])


def shop(sales, memberships=CARDS):
    return Shop(sales, memberships=memberships, stores=STORES, products=ARTICLES)


RETAILERS = {
    "stores only": shop(bought(PAID)),
    "online only": shop(bought(ORDERED), []),
    "a single month": shop(bought(PAID, ORDERED, months=(1,), years=("2025",))),
    "two channels and no card": shop(bought(PAID, ORDERED), []),
    "receipts without names": shop(bought(PAID, who="-") + "\n" + bought(ORDERED)),
    "few members": shop(bought(PAID, ORDERED)),
}

NOTHING_ONLINE = "nothing was sold online; take in the orders of the online shop"
NO_STORE = "nothing was sold in a store; take in the receipts of the tills"
NO_CARD = "nobody is known to be enrolled in a loyalty programme; take in memberships"
NO_LAUNCH = "no store is known to offer click & collect; take in stores with the first day"
FEW = "an answer needs 100 of each"

#: What each study says to each retailer.
SAID = {
    "cannibalisation": (NOTHING_ONLINE, NO_STORE, "1 whole month of sales: too few", NO_CARD,
                        "no store receipt says whose it is",
                        "members began to buy online in the months looked at"),
    "cannibalisation_by_category": (NOTHING_ONLINE, NO_STORE, "1 whole month", NO_CARD,
                                    "no store receipt says whose it is", FEW),
    "cannibalisation_by_market": (NOTHING_ONLINE, NO_STORE, NO_LAUNCH, NO_LAUNCH, NO_LAUNCH,
                                  NO_LAUNCH),
    "loyalty_effect": (NOTHING_ONLINE, NO_CARD, "1 whole month", NO_CARD,
                       "online buyers enrolled", "online buyers enrolled"),
    "familiarity_effect": (NOTHING_ONLINE, NO_STORE, "1 whole month", NO_CARD,
                           "no store receipt says whose it is", FEW),
    "tier_effect": (NOTHING_ONLINE, NO_CARD, "declare tier, threshold", NO_CARD,
                    "declare tier, threshold", "declare tier, threshold"),
    "click_and_collect_effect": (NO_LAUNCH, NO_STORE, NO_LAUNCH, NO_LAUNCH, NO_LAUNCH, NO_LAUNCH),
    "store_role": (NOTHING_ONLINE, NO_STORE, "1 whole month", "no store opened", "no store opened",
                   "take in stores with the day they opened"),
}  # fmt: skip


@pytest.mark.parametrize("retailer", RETAILERS)
def test_each_study_says_what_this_retailer_has_not_told(duck, retailer):
    tables = opened(RETAILERS[retailer], duck)
    place = list(RETAILERS).index(retailer)
    for name, said in SAID.items():
        one = STUDIES[name]
        found = one.answer(one.default, duck, tables)
        assert found.estimate is None
        assert said[place] in found.refused, name
        assert "cohort" not in found.refused


def test_every_study_is_asked_here():
    assert SAID.keys() == STUDIES.keys()


def test_what_is_declared_wrongly_is_said_before_what_is_missing(duck):
    one = STUDIES["cannibalisation"]
    wrong = declared(one.default, {"treatment": "weather"})
    found = one.answer(wrong, duck, opened(RETAILERS["stores only"], duck))
    assert "unknown treatment 'weather'" in found.refused
