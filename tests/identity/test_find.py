"""Finding people by what a customer says at the till."""

import pytest

from tests.identity.shop import KEY, key
from tuttuno.identity.checkdigit import WrongCheckDigit, shown
from tuttuno.identity.find import find_persons


@pytest.fixture
def found(shop):
    shop.keep(
        """
        anna  | Anna Rossi  | - | email:anna.rossi@posta.it phone:3401000001 card:2
        marco | Marco Verdi | - | phone:3401000001 social:instagram:marco.v
        tax   | -           | - | tax:RCCMNL83S18D969H
        """
    )
    shop.resolve()

    def find(text):
        with shop.vault.read() as con:
            return find_persons(con, text, key=KEY)

    return find


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        (" Anna.Rossi@POSTA.it ", [1]),
        ("0039 340 100 0001", [1, 2]),
        ("instagram:@marco.v", [2]),
        ("rccmnl83s18d969h", [3]),
        (shown(3), [3]),
        ("3", [3]),
        ("2", [1]),
        ("shop:marco", [2]),
        (f" {key('marco')} ", [2]),
        ("till:marco", []),
        ("marco", []),
        ("nobody@posta.it", []),
        ("99", []),
        (shown(99), []),
        ("  ", []),
    ],
)
def test_a_person_is_found_by_whatever_leads_to_her(found, text, ids):
    assert found(text) == ids


def test_a_misread_id_is_refused_and_not_taken_for_somebody(found):
    with pytest.raises(WrongCheckDigit):
        found("P-000003-0")


def test_a_former_id_leads_to_who_she_is_now(shop):
    shop.keep("a | - | - | card:7701\nb | - | - | phone:3401000001")
    shop.resolve()
    shop.keep("c | - | - | card:7701 phone:3401000001")
    shop.resolve()
    with shop.vault.read() as con:
        assert find_persons(con, shown(2), key=KEY) == [1]
