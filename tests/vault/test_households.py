"""Households: who lives with whom, replaced as a whole, gone with the person."""

import pyarrow as pa
import pytest

from tests.vault.full import fill_all
from tests.vault.rows import keys
from tuttuno.vault import households
from tuttuno.vault.forget import forget_records


@pytest.fixture
def lived(vault):
    with vault.begin() as con:
        fill_all(con, "canary")
        rows = {"person_id": [1, 2, 3], "household_id": [1, 1, 1], "tie": ["address"] * 3}
        households.replace_households(con, pa.table(rows))
    return vault


def test_a_household_is_found_by_any_of_its_persons(lived):
    with lived.read() as con:
        whole = [(1, "address"), (2, "address"), (3, "address")]
        assert households.household_of(con, 1) == whole == households.household_of(con, 3)
        assert households.household_of(con, 4) == []


def test_households_are_replaced_as_a_whole(lived):
    with lived.begin() as con:
        rows = {"person_id": [3, 4], "household_id": [3, 3], "tie": ["phone"] * 2}
        households.replace_households(con, pa.table(rows))
        assert households.household_members(con).to_pylist() == [
            {"person_id": 3, "household_id": 3, "tie": "phone"},
            {"person_id": 4, "household_id": 3, "tie": "phone"},
        ]


def test_who_is_forgotten_lives_with_nobody(lived):
    with lived.begin() as con:
        forget_records(con, keys("7"))
        assert households.household_members(con)["person_id"].to_pylist() == [2, 3]
