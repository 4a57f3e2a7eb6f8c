"""Forgetting: nothing of her is left, in any table and in any byte of the file."""

import pyarrow as pa
import pytest
import sqlalchemy as sa

from tests.vault.full import fill_all
from tests.vault.rows import AT, carried, fill, key, keys, people, ties_of
from tuttuno.errors import Unavailable
from tuttuno.vault import identifiers, persons, records
from tuttuno.vault.counters import last_change
from tuttuno.vault.forget import Forgotten, forget_records
from tuttuno.vault.integrity import broken_rows
from tuttuno.vault.persons import PersonStatus
from tuttuno.vault.tables import METADATA

CANARY = "Xq7unmistakable"


@pytest.fixture
def full(vault):
    """A vault in which one person's every value holds the canary."""
    with vault.begin() as con:
        fill_all(con, CANARY)
    return vault


def forget(vault, *ids):
    with vault.begin() as con:
        return forget_records(con, keys(*ids))


def told(vault):
    """Everything that any query could tell, as text, by table."""
    with vault.read() as con:
        return {
            table.name: str(con.execute(sa.select(table)).all()) for table in METADATA.sorted_tables
        }


def on_disk(vault):
    files = vault.path.parent.iterdir()
    return sum(path.read_bytes().count(CANARY.encode()) for path in files)


def test_no_table_tells_of_her_any_more(full):
    before = {name for name, text in told(full).items() if CANARY in text}
    wanted = {"record", "identifier_value", "consent", "attribute", "quarantine", "edge"}
    assert before == wanted | {"decision"}
    assert forget(full, "7") == Forgotten(records=1, values=1, persons=(1,))
    after = told(full)
    assert [name for name, text in after.items() if CANARY in text] == []
    assert [name for name, text in after.items() if key("crm|7") in text] == []


def test_the_vault_is_whole_afterwards(full):
    forget(full, "7")
    with full.read() as con:
        assert list(broken_rows(con)) == []
        assert persons.person_of(con, 1).status is PersonStatus.RETIRED
        assert [persons.person_of(con, other).status for other in (2, 3, 4)] == ["active"] * 3


def test_nobody_else_loses_anything(full):
    forget(full, "7")
    others = {(f"o{number}", "email", f"o{number}@example.it") for number in range(3)}
    assert ties_of(full) == others | {("o0", "phone", "+39055")}


def test_those_who_shared_a_value_with_her_are_looked_at_again(vault):
    fill(vault, ("7", "phone", "+39055"), ("8", "phone", "+39055"), ("9", "phone", "+39011"))
    with vault.read() as con:
        seen = last_change(con)
    forget(vault, "7")
    with vault.read() as con:
        changed = records.read_records(con, ["record_id"], since_seq=seen)
    assert changed["record_id"].to_pylist() == ["8"]


def test_a_person_with_another_record_stays(vault):
    fill(vault, ("7", "email", "a@example.it"), ("8", "email", "a@example.it"))
    with vault.begin() as con:
        persons.create_persons(con, 1, AT)
        moved = {"record_no": [1, 2], "person_id": [1, 1], "cause": ["new"] * 2}
        persons.apply_membership(con, pa.table(moved), 1)
    assert forget(vault, "7") == Forgotten(records=1, values=0, persons=())
    with vault.read() as con:
        assert [member.record_id for member in persons.members(con, 1)] == ["8"]


def test_forgetting_nobody_changes_nothing(full):
    before = told(full)
    assert forget(full, "never seen") == Forgotten(0, 0, ())
    after = told(full)
    assert {name for name in before if before[name] != after[name]} == {"counter"}


def test_she_comes_back_as_somebody_new(vault):
    fill(vault, ("7", "email", "a@example.it"))
    forget(vault, "7")
    with vault.begin() as con:
        number = records.insert_records(con, people("7"))
        identifiers.add_identifiers(con, carried(("7", "email", "a@example.it")))
        values = identifiers.identifier_values(con)["value_no"].to_pylist()
    assert (number.to_pylist(), values) == ([2], [2])


def test_no_byte_of_her_is_left_on_the_disk(file_vault):
    with file_vault.begin() as con:
        fill_all(con, CANARY)
    forget(file_vault, "7")
    assert on_disk(file_vault) > 0
    file_vault.scrub()
    assert on_disk(file_vault) == 0


def test_without_secure_deletion_her_bytes_would_stay(file_vault):
    with file_vault.begin() as con:
        fill_all(con, CANARY)
    with file_vault.read() as con:
        con.exec_driver_sql("PRAGMA secure_delete=OFF")
    forget(file_vault, "7")
    file_vault.scrub()
    assert on_disk(file_vault) > 0


def test_a_long_reader_is_named_as_the_reason_why_bytes_remain(file_vault):
    with file_vault.begin() as con:
        fill_all(con, CANARY)
    with file_vault.read() as reader:
        records.find_record(reader, "crm", "7")
        forget(file_vault, "7")
        with pytest.raises(Unavailable, match="somebody is reading"):
            file_vault.scrub()
    file_vault.scrub()
    assert on_disk(file_vault) == 0


def test_a_server_rewrites_its_tables(server_vault):
    with server_vault.begin() as con:
        fill_all(con, CANARY)
    forget(server_vault, "7")
    with server_vault.read() as con:
        dead = con.scalar(sa.text("select relfilenode from pg_class where relname = 'record'"))
    server_vault.scrub()
    with server_vault.read() as con:
        live = con.scalar(sa.text("select relfilenode from pg_class where relname = 'record'"))
    assert dead != live
