"""What a person is called in a headline: as a steward pinned it, else as it was told last."""

import pytest
import sqlalchemy as sa

from tests.identity.shop import KEY, NOW, Shop, key
from tuttuno.tasks.decide import Steward, undo
from tuttuno.tasks.golden_record import pin
from tuttuno.tasks.known_as import known_as
from tuttuno.vault.tables import RECORD

ANNA = """
    card | Anna Rossi   | 1980-02-01 | card:770012345 at:Via Roma 1, 50121
    web  | A Rossi      | 1980-02-01 | card:770012345 phone:3401000001 at:Via Po 2, 10121
    news | -            | -          | card:770012345
"""
TOWNS = {"card": "Firenze", "web": "Torino", "news": "Prato"}


@pytest.fixture
def shop(tmp_path):
    shop = Shop(tmp_path / "vault.sqlite")
    shop.keep(ANNA)
    shop.resolve()
    with shop.vault.begin() as con:
        for name, town in TOWNS.items():
            con.execute(sa.update(RECORD).where(RECORD.c.record_id == name).values(city=town))
    yield shop
    shop.vault.close()


@pytest.fixture
def by(shop):
    return Steward(shop.vault, KEY, shop.settings, "IT", "anna", clock=lambda: NOW)


def called(shop, name="card"):
    person = shop.ids()[name]
    with shop.vault.read() as con:
        return known_as(con, [person])[person]


@pytest.mark.parametrize(("record", "name"), [("card", "Anna Rossi"), ("web", "A Rossi")])
def test_a_pinned_name_is_the_headline_and_the_rule_comes_back_with_its_undoing(
    shop, by, record, name
):
    before = called(shop)
    act = pin(key(record), "name", reason="she said so", by=by)
    assert (called(shop).name, called(shop).place) == (name, before.place)
    undo(act.decision, reason="a mistake", by=by)
    assert called(shop) == before


def test_of_two_pins_the_later_is_the_headline(shop, by):
    pin(key("web"), "name", reason="she said so", by=by)
    pin(key("card"), "name", reason="no, so", by=by)
    assert called(shop).name == "Anna Rossi"


@pytest.mark.parametrize("record", ["card", "web"])
def test_a_pinned_address_tells_the_town(shop, by, record):
    before = called(shop)
    pin(key(record), "address", reason="she moved", by=by)
    assert (called(shop).place, called(shop).name) == (TOWNS[record], before.name)


def test_other_pinned_details_do_not_name_her(shop, by):
    before = called(shop)
    pin(key("card"), "birth_date", reason="her papers", by=by)
    assert called(shop) == before


def test_a_pin_names_only_whoever_the_record_belongs_to(shop, by):
    pin(key("web"), "name", reason="she said so", by=by)
    shop.split("web", "news")
    assert called(shop, "web").name == "A Rossi"
    assert called(shop, "card").name == "Anna Rossi"
