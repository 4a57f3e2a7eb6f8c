"""Households of a vault: counted, shown beside a person, and counting nobody."""

import pytest

from tests.identity.shop import Shop
from tuttuno.errors import NotFound
from tuttuno.tasks.households import find_households, show_household

ROSSI = """
    anna  | Anna Rossi   | - | email:anna@posta.it at:Via Roma 1, 50121
    marco | Marco Rossi  | - | email:marco@posta.it phone:3401000001 at:V. Roma 1, 50121
    carla | Carla Neri   | - | phone:3401000001
    luca  | Luca Rossi   | - | email:luca@posta.it at:Via Roma 2, 50121
"""


@pytest.fixture
def shop(tmp_path):
    shop = Shop(tmp_path / "vault.sqlite")
    shop.keep(ROSSI)
    shop.resolve()
    yield shop
    shop.vault.close()


def lives_with(shop, name):
    found = show_household(shop.ids()[name], vault=shop.vault, actor="anna")
    return {one.name: one.tie for one in found.members}


def test_households_are_counted_beside_the_persons(shop):
    found = find_households(shop.vault, settings=shop.settings)
    assert (found.households, found.persons, found.sizes) == (1, 3, {3: 1})
    assert len(set(shop.ids().values())) == 4


def test_a_person_is_shown_with_the_others_and_what_ties_them(shop):
    assert lives_with(shop, "anna") == {}
    find_households(shop.vault, settings=shop.settings)
    assert lives_with(shop, "anna") == {"Marco Rossi": "address_phone", "Carla Neri": "phone"}
    assert lives_with(shop, "luca") == {}


def test_whoever_was_merged_since_is_shown_as_who_she_is_now(shop):
    find_households(shop.vault, settings=shop.settings)
    shop.merge("marco", "anna")
    found = show_household(shop.ids()["carla"], vault=shop.vault, actor="anna")
    assert [one.person_id for one in found.members] == [shop.ids()["anna"]]
    with pytest.raises(NotFound):
        show_household(77, vault=shop.vault, actor="anna")
