"""What a commit names is on the disk before it, and the commit before anybody is told."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lake.conftest import SALE, held
from tuttuno.durable import settle
from tuttuno.errors import Unavailable
from tuttuno.lake.log import CHECKPOINT_EVERY
from tuttuno.lake.store import Lake

SALES = [("till", 1, "2026-01"), ("till", 2, "2026-02")]


@pytest.fixture
def engine(duckdb_engine):
    return duckdb_engine


@pytest.fixture
def flushed(monkeypatch):
    """What was flushed, in order; each with whether a second commit was there by then."""
    seen = []

    def fsync(descriptor):
        path = Path(f"/proc/self/fd/{descriptor}").resolve()
        commit = next(
            (each / "_delta_log" for each in path.parents if (each / "_delta_log").is_dir()), path
        )
        seen.append((path, (commit / f"{1:020d}.json").exists()))

    monkeypatch.setattr(os, "fsync", fsync)
    return seen


def test_files_and_their_folders_are_flushed_before_the_commit(lake, engine, rows, flushed):
    lake.append(SALE, rows(*SALES), engine=engine)
    folder = lake.folder(SALE)
    before = {path for path, committed in flushed if not committed}
    files = {Path(file) for file in lake.files(SALE).files}
    assert len(files) == 2
    assert before >= files | {file.parent for file in files} | {folder}


def test_the_commit_and_its_folder_are_flushed_after_it(lake, engine, rows, flushed):
    lake.append(SALE, rows(*SALES), engine=engine)
    log = lake.folder(SALE) / "_delta_log"
    after = [path for path, committed in flushed if committed]
    assert after[-2:] == [log / f"{1:020d}.json", log]


def test_a_checkpoint_is_flushed_too(lake, engine, rows, flushed):
    for _ in range(CHECKPOINT_EVERY):
        lake.append(SALE, rows(*SALES), engine=engine)
    names = {path.name for path, _ in flushed}
    assert {"_last_checkpoint", f"{CHECKPOINT_EVERY - 1:020d}.checkpoint.parquet"} <= names


def test_nothing_is_committed_when_a_file_cannot_be_flushed(lake, engine, rows, monkeypatch):
    lake.append(SALE, rows(SALES[0]), engine=engine)

    def fsync(_descriptor):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(Unavailable, match=r"cannot flush .*Input/output error; check the disk"):
        lake.append(SALE, rows(SALES[1]), engine=engine)
    monkeypatch.undo()
    assert held(lake, engine) == [SALES[0]]


def test_a_file_that_is_gone_cannot_be_flushed(tmp_path):
    with pytest.raises(Unavailable, match="cannot flush"):
        settle([tmp_path / "gone"])


WRITER = """
import sys
from pathlib import Path
import pyarrow as pa
from tests.lake.conftest import SALE
from tuttuno.engine.duckdb import DuckDBEngine
from tuttuno.lake.store import Lake

lake, engine = Lake(Path(sys.argv[1])), DuckDBEngine(threads=1)
for batch in range(int(sys.argv[2]), 1000):
    numbers = pa.array([batch * 2, batch * 2 + 1])
    months = pa.array(["2026-01", "2026-02"])
    net = pa.nulls(2, pa.decimal128(14, 2))
    sources = pa.array(["till", "till"])
    rows = {"source": sources, "number": numbers, "month": months, "net": net}
    sale = engine.bind("sale_rows", pa.table(rows))
    lake.append(SALE, sale, engine=engine, transaction=("intake", batch))
    print(batch, flush=True)
"""


@pytest.mark.slow
def test_a_killed_run_loses_no_batch_that_it_reported_and_adds_none_twice(tmp_path, engine):
    lake, told = Lake(tmp_path), -1
    for round_ in range(5):
        command = [sys.executable, "-c", WRITER, str(tmp_path), str(max(told, 0))]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            for line in writer.stdout:
                told = int(line)
                if told >= 4 * (round_ + 1):
                    writer.send_signal(signal.SIGKILL)
        numbers = [number for _, number, _ in held(lake, engine)]
        assert sorted(numbers) == list(range(len(numbers)))
        assert len(numbers) // 2 - 1 in {told, told + 1}
