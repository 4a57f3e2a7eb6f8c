"""A power cut at any byte of the last commit leaves the version before it."""

import pytest

from tests.lake.conftest import SALE, held
from tuttuno.lake.log import CHECKPOINT_EVERY
from tuttuno.lake.torn import newest_whole

ROWS = [("till", 1, "2026-01"), ("till", 2, "2026-02")]
LATER = ("till", 3, "2026-03")


@pytest.fixture
def engine(duckdb_engine):
    return duckdb_engine


def last_commit(lake):
    return max((lake.folder(SALE) / "_delta_log").glob("*.json"))


def cut(path, to, filler=b""):
    whole = path.read_bytes()
    path.write_bytes(whole[:to] + filler * (len(whole) - to))


@pytest.mark.parametrize("filler", [b"", b"\0"], ids=["cut off", "zeroed"])
@pytest.mark.parametrize("share", [0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
def test_half_a_commit_is_none(lake, engine, rows, share, filler):
    lake.append(SALE, rows(*ROWS), engine=engine)
    lake.replace(SALE, rows(LATER), engine=engine)
    commit = last_commit(lake)
    cut(commit, int(commit.stat().st_size * share), filler)
    assert lake.version(SALE) == 1
    assert held(lake, engine) == ROWS
    assert lake.append(SALE, rows(LATER), engine=engine) == 2
    assert held(lake, engine) == [*ROWS, LATER]


def test_a_commit_that_lost_whole_lines_is_none(lake, engine, rows):
    lake.append(SALE, rows(*ROWS), engine=engine)
    lake.replace(SALE, rows(LATER), engine=engine)
    commit = last_commit(lake)
    lines = commit.read_text("utf-8").splitlines(keepends=True)
    for kept in range(len(lines)):
        commit.write_text("".join(lines[:kept]), "utf-8")
        assert newest_whole(commit.parent) == 1
    commit.write_text("".join(lines), "utf-8")
    assert newest_whole(commit.parent) == 2


def test_a_table_whose_making_was_cut_off_is_none(lake, engine, rows):
    lake.append(SALE, rows(), engine=engine)
    cut(last_commit(lake), 10)
    assert lake.version(SALE) is None
    lake.append(SALE, rows(*ROWS), engine=engine)
    assert held(lake, engine) == ROWS


@pytest.mark.parametrize("size", [0, 10, 500])
def test_a_torn_checkpoint_is_done_without(lake, engine, rows, size):
    for number in range(CHECKPOINT_EVERY - 1):
        lake.append(SALE, rows(("till", number, "2026-01")), engine=engine)
    (checkpoint,) = (lake.folder(SALE) / "_delta_log").glob("*.checkpoint.parquet")
    cut(checkpoint, size)
    lake.append(SALE, rows(LATER), engine=engine)
    assert lake.rows(SALE) == CHECKPOINT_EVERY


def test_a_torn_pointer_to_the_checkpoint_is_done_without(lake, engine, rows):
    for number in range(CHECKPOINT_EVERY + 1):
        lake.append(SALE, rows(("till", number, "2026-01")), engine=engine)
    cut(lake.folder(SALE) / "_delta_log/_last_checkpoint", 0)
    assert lake.rows(SALE) == CHECKPOINT_EVERY + 1
    lake.append(SALE, rows(LATER), engine=engine)
    assert lake.rows(SALE) == CHECKPOINT_EVERY + 2
