"""Values: each is classed, and the class has a reason in plain words."""

import pytest

from tests.identity.shop import KEY
from tuttuno.identity.profile import ValueClass
from tuttuno.identity.values import class_of_value, values_of_class


@pytest.fixture
def classed(shop):
    """A shop with a value of each class."""
    crowd = [{"name": f"r{n}", "values": [["phone", "0552345001"]]} for n in range(201)]
    desk = [
        {"name": name, "given_name": name, "values": [["email", "acquisti@azienda.it"]]}
        for name in ("Berta", "Carla", "Dora", "Elsa", "Fulvia")
    ]
    shop.keep_rows(crowd + desk)
    shop.keep(
        """
        anna  | Anna Rossi  | - | email:casa@posta.it card:77
        marco | Marco Rossi | - | email:casa@posta.it
        again | Anna Rossi  | - | card:77
        """
    )
    shop.resolve()
    return shop


def told(shop, text):
    with shop.vault.read() as con:
        found = class_of_value(con, shop.settings, text, key=KEY, country="IT")
    return [(one.kind, one.shown, one.klass, one.records, one.persons, one.why) for one in found]


def test_a_value_is_told_with_its_class_and_the_reason(classed):
    assert told(classed, "casa@posta.it") == [
        ("email", "c•••@posta.it", "household", 2, 2,
         "2 people seem to share it, up to 4 may; it ties equal names only"),
    ]  # fmt: skip
    assert told(classed, "acquisti@azienda.it")[0][2:] == (
        "shared", 5, 5, "5 people seem to share it, more than the 4 that may; it ties nobody",
    )  # fmt: skip
    assert told(classed, "055 2345001")[0][2:4] == ("junk", 201)
    assert told(classed, "055 2345001")[0][-1].startswith("201 records carry it, more than the 200")
    assert told(classed, "77")[0][2:5] == ("personal", 2, 1)


def test_a_value_that_nobody_carries_is_nobodys(classed):
    assert told(classed, "nobody@posta.it") == []


def test_values_that_are_not_one_persons_are_listed_the_worst_first(classed):
    with classed.vault.read() as con:
        total, found = values_of_class(
            con, classed.settings, classes=set(ValueClass) - {ValueClass.PERSONAL}, limit=2
        )
    assert total == 3
    assert [(one.kind, one.klass) for one in found] == [("phone", "junk"), ("email", "shared")]


def test_one_look_at_a_value_and_the_look_at_all_agree(classed):
    with classed.vault.read() as con:
        _, found = values_of_class(con, classed.settings, classes=set(ValueClass), limit=50)
    assert len(found) == 4
    one_by_one = [
        told(classed, text)[0][:5]
        for text in ("055 2345001", "acquisti@azienda.it", "casa@posta.it", "77")
    ]
    assert [(v.kind, v.shown, v.klass, v.records, v.persons) for v in found] == one_by_one
