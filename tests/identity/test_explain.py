"""Explanations: every tie of a person is named, and every value that did not join her."""

from itertools import pairwise

import pytest

from tests.identity.shop import KEY
from tuttuno.identity.explain import NoSuchRecord, explain, explain_pair
from tuttuno.identity.explanation import Refusal
from tuttuno.schema.keyed import record_key
from tuttuno.vault.persons import NoSuchPerson

FAMILY = """
    card   | Anna Rossi  | - | card:770012345 phone:3401000001
    web    | Anna Rossi  | - | phone:3401000001 email:anna.rossi@posta.it
    letter | -           | - | email:anna.rossi@posta.it
    home   | Rossi Anna  | - | card:770012345 at:Via Roma 1, 50121
    other  | Rossi Anna  | - | email:casa.verdi@posta.it at:V. Roma 1, 50121
    marco  | Marco Verdi | - | email:casa.verdi@posta.it phone:3401000001
"""
ANNA = ["card", "home", "letter", "other", "web"]


def key(name):
    return record_key(KEY, "shop", name)


@pytest.fixture
def family(shop):
    shop.keep(FAMILY)
    shop.resolve()
    return shop


def person_of(shop, name):
    return shop.ids()[name]


def test_a_person_is_told_with_one_tie_to_each_further_record(family):
    found = explain(family.vault, person_of(family, "card"), settings=family.settings)
    joined = {key("card")} | {end for tie in found.ties for end in (tie.one, tie.other)}
    assert [record.record_key for record in found.records] == [key(n) for n in FIRST_SEEN]
    assert joined == {key(name) for name in ANNA}
    assert len(found.ties) == len(ANNA) - 1
    assert found.sources == ("shop",)


FIRST_SEEN = ["card", "web", "letter", "home", "other"]


def test_ties_are_told_in_plain_masked_words(family):
    found = explain(family.vault, person_of(family, "card"), settings=family.settings)
    assert sorted(tie.text for tie in found.ties) == [
        "same email a•••@posta.it (no name contradicts)",
        "same loyalty card •••345 (names agree)",
        "same name and address (names agree)",
        "same phone •••001 (names agree)",
    ]
    assert "anna.rossi" not in repr(found)
    assert "3401000001" not in repr(found)


def test_a_value_that_somebody_else_carries_is_named_with_the_reason(family):
    found = explain(family.vault, person_of(family, "card"), settings=family.settings)
    assert {(one.kind, one.reason, one.persons, one.records) for one in found.refused} == {
        ("phone", Refusal.HOUSEHOLD, 2, 3),
        ("email", Refusal.HOUSEHOLD, 2, 2),
    }
    assert "phone •••001 belongs to 2 people, so it ties equal names only" in {
        one.text for one in found.refused
    }


def test_two_records_are_told_with_the_shortest_chain(family):
    found = explain_pair(family.vault, key("letter"), key("home"), settings=family.settings)
    assert [tie.kind for tie in found.ties] == ["email", "phone", "loyalty_card"]
    ends = [{tie.one, tie.other} for tie in found.ties]
    assert key("letter") in ends[0]
    assert key("home") in ends[-1]
    assert all(one & other for one, other in pairwise(ends))


def test_two_records_of_two_persons_are_told_what_they_share_in_vain(family):
    found = explain_pair(family.vault, key("web"), key("marco"), settings=family.settings)
    assert (len(found.person_ids), found.ties) == (2, ())
    assert [(one.kind, one.reason) for one in found.refused] == [("phone", Refusal.HOUSEHOLD)]


def test_a_store_phone_is_told_as_junk_and_a_desk_as_shared(shop):
    crowd = [{"name": f"r{n}", "values": [["phone", "0552345001"]]} for n in range(201)]
    given = ["Anna", "Berta", "Carla", "Dora", "Elsa"]
    desk = [
        {"name": name, "given_name": name, "values": [["email", "acquisti@azienda.it"]]}
        for name in given
    ]
    desk[0]["values"].append(["phone", "0552345001"])
    shop.keep_rows(crowd + desk)
    shop.resolve()
    found = explain(shop.vault, person_of(shop, "Anna"), settings=shop.settings)
    assert {(one.reason, one.persons, one.records) for one in found.refused} == {
        (Refusal.JUNK, 1, 202),
        (Refusal.SHARED, 5, 5),
    }


def test_a_tie_given_up_for_a_contradiction_is_told(shop):
    shop.keep(
        """
        anna  | Anna Rossi  | - | card:7701
        none  | -           | - | card:7701 phone:3401000001
        marco | Marco Verdi | - | phone:3401000001
        """
    )
    shop.resolve()
    found = explain_pair(shop.vault, key("none"), key("marco"), settings=shop.settings)
    assert [(one.kind, one.reason) for one in found.refused] == [("phone", Refusal.CONFLICT)]


def test_a_device_alone_is_told_to_need_names(shop):
    shop.keep("a | Anna Rossi | - | device:d1\nb | - | - | device:d1")
    shop.resolve()
    found = explain_pair(shop.vault, key("a"), key("b"), settings=shop.settings)
    assert [one.reason for one in found.refused] == [Refusal.NAMES]


def test_a_former_id_tells_who_she_is_now(shop):
    shop.keep("a | - | - | card:7701\nb | - | - | phone:3401000001")
    shop.resolve()
    shop.keep("c | - | - | card:7701 phone:3401000001")
    shop.resolve()
    assert explain(shop.vault, 2, settings=shop.settings).person_ids == (1,)


def test_whoever_does_not_exist_is_not_explained(family):
    with pytest.raises(NoSuchPerson):
        explain(family.vault, 999, settings=family.settings)
    with pytest.raises(NoSuchRecord):
        explain_pair(family.vault, key("web"), "0" * 32, settings=family.settings)
