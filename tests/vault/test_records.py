"""Records: kept under their source's key, replaced in place, numbered for ever."""

from datetime import date, datetime, timedelta

import pyarrow as pa
import pytest
import sqlalchemy as sa

from tests.vault.rows import AT, carried, fill, key, keys, people
from tuttuno.schema.exchange import PEOPLE
from tuttuno.vault import identifiers, records
from tuttuno.vault.counters import last_change
from tuttuno.vault.integrity import broken_rows
from tuttuno.vault.records import UnknownRecords
from tuttuno.vault.tables import PEOPLE_COLUMNS

LATER = AT + timedelta(hours=1)
NAIVE = datetime.fromisoformat("2026-03-01T09:30:00")


def moments(*values):
    return pa.array(values, pa.timestamp("us", "UTC"))


def changed(vault, since):
    with vault.read() as con:
        found = records.read_records(con, ["record_id"], since_seq=since)
        return sorted(found["record_id"].to_pylist())


def test_a_record_carries_every_column_of_people(vault):
    told = {name: f"{name} of Anna" for name in PEOPLE_COLUMNS}
    told |= {"birth_date": date(1980, 2, 29), "created_at": AT, "updated_at": LATER}
    columns = {name: pa.array([value]) for name, value in told.items()}
    with vault.begin() as con:
        records.insert_records(con, people("7", extra=['{"shoe": 38}'], **columns))
        found = records.find_record(con, "crm", "7")
    assert set(PEOPLE_COLUMNS) | set(PEOPLE.grain) == set(PEOPLE.columns)
    assert found.fields == told
    assert (found.record_key, found.extra, found.content) == (
        key("crm|7"),
        {"shoe": 38},
        "content of 7",
    )


def test_the_same_id_in_another_source_is_another_record(vault):
    with vault.begin() as con:
        records.insert_records(con, people("7", email=["crm@example.it"]))
        records.insert_records(con, people("7", source="shop", email=["shop@example.it"]))
        assert records.find_record(con, "shop", "7").fields["email"] == "shop@example.it"
        assert records.find_record(con, "till", "7") is None
        assert records.find_record_by_key(con, key("crm|7")).fields["email"] == "crm@example.it"


def test_a_record_is_not_inserted_twice(vault):
    with vault.begin() as con:
        records.insert_records(con, people("7"))
    with pytest.raises(sa.exc.IntegrityError), vault.begin() as con:
        records.insert_records(con, people("8", "7"))
    assert changed(vault, 0) == ["7"]


def test_a_later_version_takes_the_place_and_keeps_the_number(vault):
    with vault.begin() as con:
        first = records.insert_records(con, people("7", "8", given_name=["Anna", "Bo"]))
        later = people("8", batch=2, given_name=["Bea"], updated_at=moments(LATER))
        assert records.replace_records(con, later).to_pylist() == [first[1].as_py()]
        found = records.records_of(con, keys("8", "7", "none")).sort_by("record_id")
    assert found["given_name"].to_pylist() == ["Anna", "Bea"]
    assert found["batch"].to_pylist() == [1, 2]
    assert found["record_no"].to_pylist() == first.to_pylist()


def test_what_is_not_there_is_not_replaced(vault):
    with vault.begin() as con:
        records.insert_records(con, people("7", given_name=["Anna"]))
        with pytest.raises(UnknownRecords, match="1 rows belong") as refusal:
            records.replace_records(con, people("7", "8"))
        assert records.find_record(con, "crm", "7").fields["given_name"] == "Anna"
    assert (refusal.value.count, refusal.value.first) == (1, key("crm|8"))


def test_states_tell_which_version_is_there(vault):
    with vault.begin() as con:
        updated = moments(AT, None)
        numbers = records.insert_records(con, people("7", "8", updated_at=updated))
        some = records.record_states(con, keys("8", "none"))
        everything = records.record_states(con, None).sort_by("record_no")
    assert some.to_pylist() == [
        {
            "record_key": key("crm|8"),
            "record_no": numbers[1].as_py(),
            "content": "content of 8",
            "updated_at": None,
        }
    ]
    assert everything["updated_at"].to_pylist() == [NAIVE, None]


def test_a_stub_waits_for_its_content(vault):
    stubs = people("7", "8").drop_columns("content")
    with vault.begin() as con:
        records.insert_records(con, people("8", given_name=["Bo"]))
        assert records.add_stubs(con, stubs) == 1
        assert records.add_stubs(con, stubs) == 0
        assert records.find_record(con, "crm", "7").content is None
        assert records.find_record(con, "crm", "8").fields["given_name"] == "Bo"
        records.replace_records(con, people("7", given_name=["Anna"]))
        assert records.find_record(con, "crm", "7").fields["given_name"] == "Anna"


def test_everything_that_changed_since_a_run_can_be_told(vault):
    fill(vault, ("7", "email", "a@example.it"), ("8", "email", "b@example.it"))
    with vault.read() as con:
        seen = last_change(con)
    assert changed(vault, seen) == []
    with vault.begin() as con:
        records.replace_records(con, people("8", batch=2))
        records.insert_records(con, people("9"))
        assert last_change(con) == seen + 1
    assert changed(vault, seen) == ["8", "9"]
    assert changed(vault, seen - 1) == ["7", "8", "9"]


def test_a_record_that_gains_an_identifier_has_changed(vault):
    fill(vault, ("7", "email", "a@example.it"), ("8", "email", "b@example.it"))
    with vault.begin() as con:
        seen = last_change(con)
        identifiers.add_identifiers(con, carried(("7", "email", "a@example.it")))
    assert changed(vault, seen) == []
    with vault.begin() as con:
        identifiers.add_identifiers(con, carried(("7", "phone", "+390551234567")))
    assert changed(vault, seen) == ["7"]


def test_filing_a_record_anew_changes_nothing_else_of_it_and_its_checksum_fits(vault):
    told = people("1", "2", email=["a@x.it", None], birth_date=[date(1980, 1, 2), None])
    with vault.begin() as con:
        numbers = records.insert_records(con, told)
        before = records.records_of(con, keys("1", "2")).sort_by("record_no")
    with vault.begin() as con:
        now = last_change(con) + 1
        records.touch_records(con, numbers.slice(1))
        after = records.records_of(con, keys("1", "2")).sort_by("record_no")
        assert list(broken_rows(con)) == []
    assert after["seq"].to_pylist() == [before["seq"][0].as_py(), now]
    assert after.drop_columns("seq").equals(before.drop_columns("seq"))


def test_records_that_tell_something_are_read_alone(vault):
    rows = people("7", "8").append_column("address", pa.array(["Via Roma 1", None]))
    with vault.begin() as con:
        records.insert_records(con, rows)
        told = records.read_records(con, ["record_id"], told=["address"])
        none = records.read_records(con, ["record_id"], told=["address", "family_name"])
    assert told["record_id"].to_pylist() == ["7"]
    assert none.num_rows == 0


def test_records_are_read_by_number(vault):
    with vault.begin() as con:
        numbers = records.insert_records(con, people("7", "8", "9"))
        asked = pa.array([numbers[2].as_py(), 99])
        found = records.read_records(con, ["record_id", "record_no"], record_nos=asked)
        batches = list(records.stream_records(con, ["record_id"]))
    assert found.to_pylist() == [{"record_id": "9", "record_no": numbers[2].as_py()}]
    assert sorted(row for batch in batches for row in batch["record_id"].to_pylist()) == list("789")
