"""One person, without anything that names her."""

from datetime import date, datetime

import pytest

from tests.measures.scenario import Shop, closed, expressions, opened, table_of
from tuttuno.schema.mart import PERSON_OF_RECORD


def person(shop, engine, name="anna"):
    shop = Shop(shop) if isinstance(shop, str) else shop
    tables = opened(shop, engine)
    number = shop.names.index(name) + 1
    found = tables["person"].filter(tables["person"].person_id == number)
    (row,) = engine.run(found).to_pylist()
    return row


def test_a_person_without_a_purchase_is_there_with_zeros(duck):
    row = person(Shop("- 2026-03-01 store - 9.00", people={"anna": {"gender": "female"}}), duck)
    assert (row["orders"], float(row["net"]), row["first_on"]) == (0, 0.0, None)
    assert (row["gender"], row["member"]) == ("female", False)


def test_first_and_last_day_are_kept_for_each_side(duck):
    row = person(
        """
        anna  2025-12-01  store  -   5.00
        anna  2026-01-02  web    -   5.00
        anna  2026-03-09  phone  -   5.00
        anna  2026-03-20  web    -  -5.00
        """,
        duck,
    )
    assert (row["first_store_on"], row["last_store_on"]) == (date(2025, 12, 1), date(2026, 3, 9))
    assert (row["first_online_on"], row["last_online_on"]) == (date(2026, 1, 2),) * 2
    assert (row["orders"], row["orders_online"], row["orders_store"]) == (3, 1, 2)
    assert (float(row["net_online"]), float(row["net_store"])) == (0.0, 10.0)


@pytest.mark.parametrize(
    ("birth_year", "band", "generation"),
    [
        pytest.param(2008, "18-24", "gen_z", id="just-18"),
        pytest.param(2009, "0-17", "gen_z", id="not-yet"),
        pytest.param(1981, "45-54", "millennial", id="first-millennial"),
        pytest.param(1980, "45-54", "gen_x", id="last-of-x"),
        pytest.param(1951, "75+", "boomer", id="oldest-band"),
        pytest.param(None, None, None, id="unknown"),
    ],
)
def test_age_is_that_of_the_year_of_the_last_sale(duck, birth_year, band, generation):
    people = {"anna": {"birth_year": birth_year}}
    row = person(Shop("anna 2026-03-01 store - 9.00", people=people), duck)
    assert (row["age_band"], row["generation"]) == (band, generation)


TWO_RECORDS = {
    "old": {
        "updated_at": datetime(2020, 1, 1),  # noqa: DTZ001 - tables hold UTC without a zone
        "postal_code": "50100", "province": "FI", "country": "IT", "language": "it", "source": "a",
    },
    "new": {
        "updated_at": datetime(2024, 1, 1),  # noqa: DTZ001 - tables hold UTC without a zone
        "postal_code": "20100", "province": None, "country": "IT", "language": None, "source": "b",
    },
}  # fmt: skip


def test_an_address_comes_from_one_record_and_other_traits_one_by_one(duck):
    shop = Shop("- 2026-01-01 web - 5.00", people=TWO_RECORDS)
    opened(shop, duck)
    one = [{"record_key": key, "person_id": 7} for key in TWO_RECORDS]
    duck.bind("person_of_record", table_of(PERSON_OF_RECORD, one))
    (row,) = duck.run(expressions()["person"]).to_pylist()
    closed(duck)
    assert (row["postal_code"], row["province"], row["country"]) == ("20100", None, "IT")
    assert (row["language"], row["records"], row["sources"]) == ("it", 2, 2)


def test_the_home_store_is_the_one_with_most_orders_then_the_latest(duck):
    sales = """
        anna  2026-01-01  store  -  5.00  store=S1
        anna  2026-01-02  store  -  5.00  store=S2
        anna  2026-01-03  store  -  5.00  store=S2
        anna  2026-01-04  store  -  5.00  store=S1
    """
    assert person(sales, duck)["home_store_id"] == "S1"


def test_without_a_visit_the_store_she_named_is_home(duck):
    shop = Shop("anna 2026-01-01 web - 5.00", people={"anna": {"home_store_id": "S9"}})
    assert person(shop, duck)["home_store_id"] == "S9"


def card(key, enrolled, tier, left=None):
    return {
        "card_key": key, "record_key": "anna", "enrolled_at": enrolled, "tier": tier,
        "left_at": left,
    }  # fmt: skip


def test_the_tier_is_that_of_the_newest_card_still_held(duck):
    cards = [
        card("c1", "2019-05-01", "gold"),
        card("c2", "2023-05-01", "silver"),
        card("c3", "2024-05-01", "black", left="2025-01-01"),
    ]
    row = person(Shop("anna 2026-01-01 web - 5.00", memberships=cards), duck)
    assert (row["member"], row["tier"], row["enrolled_on"]) == (True, "silver", date(2019, 5, 1))


def test_who_gave_back_every_card_is_no_member(duck):
    cards = [card("c3", "2024-05-01", "black", left="2025-01-01")]
    row = person(Shop("anna 2026-01-01 web - 5.00", memberships=cards), duck)
    assert (row["member"], row["tier"]) == (False, None)
