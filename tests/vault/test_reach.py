"""What leaves the vault about contacts: flags and moments of records that belong to somebody."""

from datetime import timedelta

import pyarrow as pa
import pytest

from tests.vault.rows import AT, carried, key, people
from tests.vault.test_consents import decided
from tests.vault.test_suppressions import barred
from tuttuno.vault import consents, identifiers, persons, reach, records, runs, suppressions

LATER = AT + timedelta(days=1)


@pytest.fixture
def told(vault):
    """Records: 1 a working address, 2 a broken one, 3 a letter box, 4 nothing, 5 nobody's."""
    with vault.begin() as con:
        mails, streets = (
            ["a@x.it", "broken", None, None, "e@x.it"],
            [None, None, "1 Road", None, None],
        )
        codes = [None, None, "20100", None, None]
        records.insert_records(
            con, people(*"12345", email=mails, address=streets, postal_code=codes)
        )
        identifiers.add_identifiers(con, carried(("1", "email", "a@x.it"), ("1", "phone", "+39")))
        run = runs.open_run(con, config_hash="c", change=1, at=AT)
        persons.create_persons(con, 4, AT)
        ids = pa.array([1, 2, 3, 4], pa.int64())
        moved = {"record_no": ids, "person_id": ids, "cause": ["new"] * 4}
        persons.apply_membership(con, pa.table(moved), run)
        suppressions.suppress(con, barred("phone", "phone|+39", LATER))
        yield con


def test_a_record_tells_what_of_it_works_and_never_what_it_is(told):
    rows = {row.pop("person_id"): row for row in reach.contacts_of_records(told).to_pylist()}
    flags = {who: [row[name] for name in ("email", "phone", "post")] for who, row in rows.items()}
    assert flags == {1: [True, True, False], 2: [False] * 3, 3: [False, False, True]}
    assert (rows[1]["email_barred"], rows[1]["phone_barred"]) == (None, LATER.replace(tzinfo=None))
    assert set(rows[1]) == {"record_no", "email", "phone", "post", "email_barred", "phone_barred"}


def test_the_last_decision_by_each_means_is_told_as_one_number(told):
    consents.record_consents(
        told, decided(("1", "any", LATER, False), ("1", "email", AT, True), ("2", "sms", AT, True))
    )
    rows = {row.pop("record_key"): row for row in reach.consents_of_records(told).to_pylist()}
    no = int(LATER.timestamp()) * 2_000_000 + 1
    assert rows[key("crm|1")] == {"email": no, "sms": no, "phone": no, "post": no}
    yes = int(AT.timestamp()) * 2_000_000
    assert rows[key("crm|2")] == {"email": 0, "sms": yes, "phone": 0, "post": 0}


def test_of_two_decisions_at_one_moment_the_refusal_is_told(told):
    consents.record_consents(told, decided(("1", "any", AT, False), ("1", "email", AT, True)))
    (row,) = reach.consents_of_records(told).to_pylist()
    assert row["email"] % 2 == 1
