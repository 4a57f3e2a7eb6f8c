"""The table of who can be contacted: the last word of a person over all of her records."""

import pyarrow as pa
import pytest

from tests.mart.test_build import contents, filled
from tests.measures.scenario import Shop, table_of
from tuttuno.lake.store import Lake
from tuttuno.mart.build import build_mart
from tuttuno.mart.changes import Changes
from tuttuno.mart.reach import reach
from tuttuno.schema.mart import PERSON_OF_RECORD
from tuttuno.schema.reach import REACH, RECORD_CONSENT, RECORD_CONTACT

NO_RECORDS = pa.array([], pa.string())


def flags(duck, contacts, consents, who=None):
    """Say what person 1 with records a and b comes to: valid, consented, reachable."""
    shop = Shop("", people={name: {} for name in contacts}, contacts=contacts)
    who = who or [{"record_key": name, "person_id": 1} for name in ("a", "b")]
    told = {
        PERSON_OF_RECORD.name: table_of(PERSON_OF_RECORD, who),
        RECORD_CONTACT.name: shop.lake()[RECORD_CONTACT.name],
        RECORD_CONSENT.name: table_of(
            RECORD_CONSENT,
            [{"record_key": key, **dict.fromkeys(("email", "sms", "phone", "post"), 0), **said}
             for key, said in consents],
        ),
    }  # fmt: skip
    bound = {name: duck.bind(f"told_{name}", rows) for name, rows in told.items()}
    (row,) = duck.run(reach.of(**bound)).to_pylist()
    assert row.pop("person_id") == 1
    return [name for name, value in row.items() if value]


def test_what_was_said_on_one_record_holds_for_the_address_of_another(duck):
    said = [("b", {"email": 200})]
    assert flags(duck, {"a": "email"}, said) == ["valid", "consented", "reachable"]


def test_the_last_word_counts_and_a_refusal_at_the_same_moment_wins(duck):
    assert flags(duck, {"a": "email"}, [("a", {"email": 201}), ("b", {"email": 200})]) == ["valid"]
    later = [("a", {"email": 201}), ("b", {"email": 202})]
    assert "consented" in flags(duck, {"a": "email"}, later)


def test_a_yes_to_what_cannot_be_used_is_no_way_to_her(duck):
    assert flags(duck, {"a": "email"}, [("a", {"sms": 200, "post": 200})]) == ["valid"]
    assert flags(duck, {"a": "-"}, [("a", {"email": 200})]) == []


@pytest.mark.parametrize("means", ["sms", "phone"])
def test_a_number_serves_calls_and_text_messages(duck, means):
    assert "reachable" in flags(duck, {"a": "phone"}, [("a", {means: 200})])


def test_an_address_barred_after_the_yes_is_not_used_again(duck):
    assert flags(duck, {"a": "email barred"}, [("a", {"email": 200})]) == ["valid", "consented"]
    again = 2 * 2_000_000_000_000_000
    assert "reachable" in flags(duck, {"a": "email barred"}, [("a", {"email": again})])


@pytest.fixture
def lake(tmp_path, duck):
    found = Lake(tmp_path / "lake")
    filled(found, duck, "anna 2026-01-05 store - 10.00")
    return found


def made(lake, duck, contacts, **how):
    told = Shop("anna 2026-01-05 store - 10.00", contacts=contacts).lake()
    return build_mart(engine=duck, lake=lake, told=told.get, **how).versions[REACH.name]


def test_a_build_with_nothing_new_said_leaves_the_table_alone(lake, duck):
    none = Changes(frozenset(), NO_RECORDS)
    first = made(lake, duck, {"anna": "email=yes"})
    assert made(lake, duck, {"anna": "email=yes"}, changes=none) == first
    assert made(lake, duck, {"anna": "email=no"}, changes=none) > first
    (row,) = contents(lake, duck)["reach"]
    assert (row["valid"], row["consented"]) == (True, False)


def test_contacts_are_asked_for_when_the_purchases_are_made(lake, duck):
    known, came = Shop("anna 2026-01-05 store - 10.00").lake(), []

    def told(name):
        came.append(name)
        return known.get(name)

    build_mart(engine=duck, lake=lake, told=told, progress=lambda step, *_: came.append(step))
    assert came[:2] == ["person_of_record", "purchase"]
    assert came[came.index("reach") :][:3] == ["reach", "record_contact", "record_consent"]
