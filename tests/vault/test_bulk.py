"""Many rows at once give what single rows give, however many there are."""

import numpy as np
import pyarrow as pa
import pytest
import sqlalchemy as sa

from tests.vault.rows import AT, key, keys, people
from tuttuno.vault import bulk, persons, records
from tuttuno.vault.bulk import (
    delete_keys,
    key_table,
    look_up,
    numbers_of,
    plain_rows,
    put_rows,
    read_rows,
)
from tuttuno.vault.checks import check_of
from tuttuno.vault.tables import BLOCK_KEY, EDGE, PERSON, RECORD


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    """Make chunks so small that every border of one is crossed."""
    monkeypatch.setattr(bulk, "CHUNK", 3)


def pairs(*rows):
    return pa.table({"record_no": [a for a, _ in rows], "key64": [b for _, b in rows]})


def held(con):
    return sorted(con.execute(sa.select(BLOCK_KEY)).all())


@pytest.mark.parametrize("count", [0, 1, 3, 4, 7])
def test_rows_are_added_and_read_whole_across_chunks(vault, count):
    rows = pairs(*((number, -number) for number in range(count)))
    with vault.begin() as con:
        bulk.insert_rows(con, BLOCK_KEY, rows)
        found = read_rows(con, sa.select(BLOCK_KEY).order_by(BLOCK_KEY.c.record_no))
    assert found.equals(rows.cast(found.schema))


def test_each_row_gets_the_checksum_of_its_values(vault):
    with vault.begin() as con:
        records.insert_records(con, people(*"abcdefg", email=["Ω@example.it"] + [None] * 6))
        rows = [list(row) for row in con.exec_driver_sql("select * from record")]
    assert [check_of(row[:-1]) for row in rows] == [row[-1] for row in rows]


def test_nulls_among_numbers_come_back_as_nulls(vault):
    with vault.begin() as con:
        persons.create_persons(con, 4, AT)
        rows = {"person_id": [2], "status": ["merged"], "merged_into": [1]}
        persons.change_persons(con, pa.table(rows))
        columns = PERSON.c["person_id", "merged_into"]
        found = read_rows(con, sa.select(*columns).order_by(PERSON.c.person_id))
    assert found["merged_into"].to_pylist() == [None, 1, None, None]


def test_keys_are_found_with_their_position_in_any_order(vault):
    with vault.begin() as con:
        numbers = records.insert_records(con, people(*"abcdefg"))
        asked = keys(*"gxbab")
        found = look_up(con, asked, RECORD.c.record_key, RECORD.c.record_no)
        assert sorted(found.to_pylist(), key=lambda row: row["position"]) == [
            {"position": 0, "record_no": numbers[6].as_py()},
            {"position": 2, "record_no": numbers[1].as_py()},
            {"position": 3, "record_no": numbers[0].as_py()},
            {"position": 4, "record_no": numbers[1].as_py()},
        ]
        spread = numbers_of(con, asked, RECORD.c.record_key, RECORD.c.record_no)
    assert spread.tolist() == [7, -1, 2, 1, 2]


def test_plain_rows_are_those_of_a_look_up_as_they_are_stored(vault):
    wanted = RECORD.c["record_key", "record_no", "created_at", "email"]
    with vault.begin() as con:
        made = [AT, None, AT]
        records.insert_records(con, people(*"abc", created_at=made, email=[None, "é", "x"]))
        by_key = keys(*"bzcb"), RECORD.c.record_key
        for asked, key_column in (by_key, (pa.array([2, 9]), RECORD.c.record_no)):
            found = plain_rows(con, asked.to_pylist(), key_column, *wanted)
            typed = look_up(con, asked, key_column, *wanted)
            moments = typed["created_at"].cast(pa.int64())
            at = typed.column_names.index("created_at")
            stored = typed.set_column(at, "created_at", moments)
            assert sorted(found, key=repr) == sorted(
                (tuple(row.values()) for row in stored.to_pylist()), key=repr
            )
        assert plain_rows(con, [], RECORD.c.record_key, *wanted) == []


def test_no_key_finds_nothing(vault):
    with vault.begin() as con:
        found = look_up(con, pa.array([], pa.string()), RECORD.c.record_key, RECORD.c.batch)
    assert found.schema.names == ["position", "batch"]
    assert found.num_rows == 0


def test_a_key_with_quotes_is_a_key_like_any_other(vault):
    wild = pa.array(['"', "'; drop table record; --", "\\", "é", "\n"])
    with vault.begin() as con:
        asked = key_table(con, wild)
        seen = con.execute(sa.select(asked).order_by(asked.c.position)).all()
    assert seen == list(enumerate(wild.to_pylist()))


def test_a_row_takes_the_place_of_the_one_with_its_key(vault):
    edges = {"a": [1, 1], "b": [2, 3], "kind": ["email", "email"], "run": [1, 1]}
    with vault.begin() as con:
        put_rows(con, EDGE, pa.table({**edges, "weight": [4.5, 1.0]}))
        put_rows(con, EDGE, pa.table({**edges, "weight": [5.5, 1.0]}).slice(0, 1))
        found = con.execute(sa.select(EDGE.c["a", "b", "weight"]).order_by(EDGE.c.b)).all()
    assert found == [(1, 2, 5.5), (1, 3, 1.0)]


def test_rows_are_deleted_by_key_and_counted(vault):
    rows = pairs((1, 1), (1, 2), (2, 1), (3, 1), (4, 1), (5, 1))
    with vault.begin() as con:
        bulk.insert_rows(con, BLOCK_KEY, rows)
        gone = delete_keys(con, BLOCK_KEY.c.record_no, pa.array([9, 1, 5, 4, 8]))
        assert (gone, held(con)) == (4, [(2, 1), (3, 1)])
        bulk.delete_rows(con, BLOCK_KEY, pairs((2, 1), (2, 7)))
        assert held(con) == [(3, 1)]


def test_a_thousand_random_keys_agree_with_a_dictionary(vault, monkeypatch):
    monkeypatch.setattr(bulk, "CHUNK", 100)
    names = [str(number) for number in range(300)]
    with vault.begin() as con:
        numbers = records.insert_records(con, people(*names))
        known = dict(zip((key(f"crm|{name}") for name in names), numbers.to_pylist(), strict=True))
        drawn = np.random.default_rng(7).integers(0, 600, 1000)
        asked = keys(*map(str, drawn))
        found = numbers_of(con, asked, RECORD.c.record_key, RECORD.c.record_no)
    assert found.tolist() == [known.get(one, -1) for one in asked.to_pylist()]


def test_look_ups_go_by_the_index_of_the_key(file_vault):
    with file_vault.read() as con:
        asked = key_table(con, keys("a"))
        statement = sa.select(RECORD.c.record_no).join_from(
            asked, RECORD, RECORD.c.record_key == asked.c.key
        )
        text = str(statement.compile(dialect=con.dialect))
        plan = con.exec_driver_sql(f"explain query plan {text}", ('["a"]',)).all()
    assert any("COVERING INDEX" in row[3] and "record_key=?" in row[3] for row in plan)
