"""Vacuum removes what no version needs, at once, and what nobody committed, after a while."""

import os
from datetime import timedelta

import pyarrow as pa
import pytest

from tests.lake.conftest import NOW, SALE, STORE, held
from tuttuno.errors import NotFound
from tuttuno.lake.unneeded import GRACE, STAGING

A, B, C = ("till", 1, "2026-01"), ("till", 2, "2026-02"), ("web", 3, "2026-03")


@pytest.fixture
def engine(duckdb_engine):
    return duckdb_engine


def on_disk(lake):
    return {str(path) for path in lake.folder(SALE).rglob("*.parquet") if "_log" not in str(path)}


def left_by_a_killed_run(lake, *, ago, name="month=2026-01/killed.parquet"):
    path = lake.folder(SALE) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"half a file")
    moment = (NOW - ago).timestamp()
    os.utime(path, (moment, moment))
    return path


def test_what_was_deleted_is_gone_from_the_disk(lake, engine, rows):
    lake.append(SALE, rows(A, B), engine=engine)
    lake.delete(SALE, "number", pa.array([1]), engine=engine)
    assert lake.vacuum({}) == 1
    assert on_disk(lake) == set(lake.files(SALE).files)
    assert held(lake, engine) == [B]


def test_no_byte_of_a_deleted_row_remains(lake, engine, rows):
    canary = "CANARY-51e0"
    lake.append(SALE, rows((canary, 1, "2026-01"), ("till", 1, "2026-01"), B), engine=engine)
    lake.delete(SALE, "source", pa.array([canary]), engine=engine)
    everything = [path for path in lake.root.rglob("*") if path.is_file()]
    assert [path for path in everything if canary.encode() in path.read_bytes()]
    lake.vacuum({})
    everything = [path for path in lake.root.rglob("*") if path.is_file()]
    assert [path for path in everything if canary.encode() in path.read_bytes()] == []


def test_kept_versions_stay_readable_and_others_do_not(lake, engine, rows):
    first = lake.append(SALE, rows(A), engine=engine)
    second = lake.replace(SALE, rows(B), engine=engine)
    lake.replace(SALE, rows(C), engine=engine)
    assert lake.vacuum({"sale": [first]}) == 1
    assert held(lake, engine, version=first) == [A]
    assert held(lake, engine) == [C]
    (gone,) = lake.files(SALE, second).files
    assert gone not in on_disk(lake)


def test_nothing_is_removed_when_a_kept_version_cannot_be_read(lake, engine, rows):
    lake.append(SALE, rows(A), engine=engine)
    lake.replace(SALE, rows(B), engine=engine)
    before = on_disk(lake)
    with pytest.raises(NotFound, match="no version 9"):
        lake.vacuum({"sale": [9]})
    assert on_disk(lake) == before


def test_a_file_that_nobody_committed_is_left_alone_for_a_while(lake, engine, rows):
    lake.append(SALE, rows(A), engine=engine)
    young = left_by_a_killed_run(
        lake, ago=GRACE - timedelta(minutes=1), name="month=x/young.parquet"
    )
    old = left_by_a_killed_run(lake, ago=GRACE + timedelta(minutes=1))
    assert lake.vacuum({}) == 1
    assert young.exists()
    assert not old.exists()
    assert lake.vacuum({}, grace=timedelta(0)) == 1
    assert not young.exists()
    assert held(lake, engine) == [A]


def test_a_staging_folder_of_a_killed_run_goes_after_a_while(lake, engine, rows):
    lake.append(SALE, rows(A), engine=engine)
    staged = left_by_a_killed_run(lake, ago=timedelta(0), name=f"{STAGING}1/part.parquet")
    lake.vacuum({})
    assert staged.exists()
    moment = (NOW - 2 * GRACE).timestamp()
    os.utime(staged.parent, (moment, moment))
    lake.vacuum({})
    assert not staged.parent.exists()


def test_every_table_is_cleaned_and_what_is_no_table_is_left_alone(lake, engine, rows):
    stores = engine.bind("stores", pa.table({"store_id": ["a"], "city": ["Bari"]}))
    for _ in range(2):
        lake.replace(SALE, rows(A), engine=engine)
        lake.replace(STORE, stores, engine=engine)
    other = lake.root / "notes.parquet"
    other.write_bytes(b"mine")
    assert lake.vacuum({}, grace=timedelta(0)) == 2
    assert other.exists()
