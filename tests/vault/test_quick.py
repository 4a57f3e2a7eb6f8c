"""A few rows in microseconds are the rows of the long way, and so are the errors."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from tuttuno.vault import counters, nearby
from tuttuno.vault.quick import quick
from tuttuno.vault.tables import COUNTER, PERSON

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def add_twice(vault, row):
    with vault.begin() as con, quick(con) as sent:
        for _ in range(2):
            sent.add(PERSON, row)


def test_numbers_follow_those_of_the_long_way(vault):
    with vault.begin() as con, quick(con) as sent:
        assert [sent.take("person"), counters.take(con, "person"), sent.take("person")] == [1, 2, 3]
        assert counters.last(con, "person") == 3


def test_a_transaction_has_one_change_number(vault):
    with vault.begin() as con, quick(con) as sent:
        assert {sent.change_number(), counters.change_number(con), sent.change_number()} == {1}


def test_a_row_that_is_added_passes_its_check(vault):
    with vault.begin() as con, quick(con) as sent:
        nearby.add_person(sent, NOW)
    with vault.read() as con:
        assert con.execute(sa.select(PERSON.c.person_id, PERSON.c.created_at)).all() == [(1, NOW)]
        assert con.execute(sa.select(COUNTER.c.name)).scalars().all() == ["person"]


def test_an_error_of_the_driver_is_one_of_the_vault_and_tells_no_value(vault):
    with pytest.raises(sa.exc.IntegrityError) as caught:
        add_twice(vault, (7_700_123, "active", None, 0))
    assert "7700123" not in str(caught.value)
    with vault.read() as con:
        assert con.scalar(sa.select(sa.func.count()).select_from(PERSON)) == 0
