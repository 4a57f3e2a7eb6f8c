"""The embedded engine: many threads, little memory, full disks, and nothing read by accident."""

import gc
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tuttuno.engine.duckdb import DuckDBEngine
from tuttuno.engine.port import ParquetFiles
from tuttuno.errors import Unavailable


def numbers(engine, rows, name="numbers"):
    return engine.bind(name, pa.table({"n": range(rows)}))


def endless(engine):
    """A question that takes longer than any test."""
    one, two, three = (numbers(engine, 50_000, name) for name in ("one", "two", "three"))
    pairs = one.cross_join(two.rename(m="n")).cross_join(three.rename(k="n"))
    return pairs.agg(total=(pairs.n * pairs.m % (pairs.k + 1)).sum())


def test_many_threads_ask_while_tables_are_replaced(duckdb_engine):
    shared = numbers(duckdb_engine, 10_000, "shared")
    question = shared.agg(total=shared.n.sum(), rows=shared.count())

    def ask(_):
        return duckdb_engine.run(question).to_pylist()

    def replace(nth):
        numbers(duckdb_engine, 10_000, "shared")
        numbers(duckdb_engine, nth, f"own_{nth}")
        return ask(nth)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda nth: (replace if nth % 4 == 0 else ask)(nth), range(120)))
    assert answers == [[{"total": 49_995_000, "rows": 10_000}]] * 120


def test_a_stream_goes_on_when_its_table_is_dropped(duckdb_engine):
    rows = numbers(duckdb_engine, 500_000, "passing")
    stream = duckdb_engine.stream(rows, rows=2048)
    first = stream.read_next_batch()
    duckdb_engine.drop("passing")
    assert first.num_rows + stream.read_all().num_rows == 500_000


def test_what_runs_is_cancelled_and_says_so():
    with closing(DuckDBEngine(threads=1)) as engine, ThreadPoolExecutor(1) as pool:
        running = pool.submit(engine.run, endless(engine))
        waiting = threading.Event()
        while not running.done():
            engine.cancel()
            waiting.wait(0.01)
        with pytest.raises(Unavailable, match="cancelled; ask again"):
            running.result()
        assert engine.run(numbers(engine, 3)).num_rows == 3


def test_more_rows_than_memory_are_sorted_on_disk(tmp_path):
    with closing(DuckDBEngine(threads=1, memory="60MB", scratch=tmp_path / "scratch")) as engine:
        rows = numbers(engine, 1)
        many = rows.select(n=ibis.range(3_000_000).unnest())
        text = many.mutate(text=(many.n * 7919 % 3_000_003).cast("string") + "x" * 30)
        engine.write(text, str(tmp_path / "out"), order=["text"])
        assert sum(path.stat().st_size for path in (tmp_path / "out").iterdir()) > 1_000_000


def test_too_little_memory_is_said_with_a_way_out():
    with closing(DuckDBEngine(threads=1, memory="30MB")) as engine:
        rows = numbers(engine, 1_000_000)
        with pytest.raises(Unavailable, match=r"out of memory.*give the engine more memory"):
            engine.run(rows.agg(text=(rows.n.cast("string") + "x" * 200).group_concat()))


def test_a_file_that_is_gone_is_said_with_a_way_out(duckdb_engine, tmp_path):
    (file,) = duckdb_engine.write(numbers(duckdb_engine, 3), str(tmp_path))
    path = tmp_path / file.path
    bound = duckdb_engine.bind("gone", ParquetFiles((str(path),), ibis.schema({"n": "int64"})))
    path.unlink()
    with pytest.raises(Unavailable, match=f"{path.name}.*see whether the disk is full"):
        duckdb_engine.run(bound)


@contextmanager
def small_disk(folder):
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], check=True)  # noqa: S607 - the system's own
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)  # noqa: S607 - the system's own


@pytest.mark.privileged
def test_a_full_disk_is_said_with_a_way_out(duckdb_engine, tmp_path):
    rows = numbers(duckdb_engine, 1)
    many = rows.select(n=(ibis.range(3_000_000).unnest() * 7919 % 3_000_003))
    with small_disk(tmp_path / "disk") as folder:
        with pytest.raises(Unavailable, match="could not read or write"):
            duckdb_engine.write(many, str(folder))
        assert duckdb_engine.run(rows).num_rows == 1


def test_a_bug_is_not_taken_for_a_failure_of_the_machine(duckdb_engine):
    with pytest.raises(duckdb.CatalogException, match="nobody"):
        duckdb_engine.run(ibis.table({"n": "int64"}, name="nobody"))


def test_a_variable_of_the_program_is_no_table(duckdb_engine):
    variable = pa.table({"n": [1]})
    with pytest.raises(duckdb.CatalogException, match="variable"):
        duckdb_engine.run(ibis.table({"n": "int64"}, name="variable"))
    assert variable.num_rows == 1


def test_settings_are_locked_and_the_clock_is_utc(duckdb_engine, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    with pytest.raises(duckdb.InvalidInputException, match="locked"):
        duckdb_engine.execute("SET TimeZone = 'Asia/Tokyo'")
    with closing(DuckDBEngine(threads=1)) as engine:
        rows = engine.bind("t", pa.table({"at": pa.array([0], pa.timestamp("us", "UTC"))}))
        wall = engine.run(rows.select(at=rows["at"].cast("timestamp(6)").cast("string")))
    assert wall.to_pylist() == [{"at": "1970-01-01 00:00:00"}]


@pytest.mark.parametrize("remember", [True, False])
def test_one_new_file_after_the_other_stays_in_memory_only_where_asked(tmp_path, remember):
    schema = ibis.schema({"n": "int64"})
    with closing(DuckDBEngine(threads=1, scratch=tmp_path, remember=remember)) as engine:
        for nth in range(20):
            pq.write_table(pa.table({"n": range(1_000)}), tmp_path / f"{nth}.parquet")
            file = ParquetFiles((str(tmp_path / f"{nth}.parquet"),), schema)
            assert engine.run(engine.bind("file", file)).num_rows == 1_000
        engine.execute(
            "CREATE VIEW held AS SELECT sum(memory_usage_bytes)::BIGINT AS bytes FROM"
            " duckdb_memory() WHERE tag IN ('EXTERNAL_FILE_CACHE', 'OBJECT_CACHE')"
        )
        held = engine.run(ibis.table({"bytes": "int64"}, name="held"))["bytes"][0].as_py()
    assert (held > 0) == remember


def test_names_of_columns_and_tables_may_hold_anything(duckdb_engine, tmp_path):
    odd = 'a "b"; drop'
    rows = duckdb_engine.bind(odd, pa.table({odd: [1, None], "part": ["it's", "y"]}))
    files = duckdb_engine.write(rows, str(tmp_path / "o'clock"), partition=["part"], order=[odd])
    assert sorted(sorted(file.nulls.items()) for file in files) == [[], [(odd, 1)]]
    found = tuple(str(tmp_path / "o'clock" / file.path) for file in files)
    again = duckdb_engine.bind("again", ParquetFiles(found, rows.schema(), ("part",)))
    assert sorted(duckdb_engine.run(again)["part"].to_pylist()) == ["it's", "y"]


def test_nothing_is_left_when_it_is_closed(tmp_path):
    engine = DuckDBEngine(threads=1, scratch=tmp_path)
    engine.keep("kept", numbers(engine, 10))
    engine.close()
    assert list(Path(tmp_path).iterdir()) == []


def test_nothing_is_left_when_nobody_closes_it(tmp_path):
    engine = DuckDBEngine(threads=1, scratch=tmp_path)
    engine.keep("kept", numbers(engine, 10))
    del engine
    gc.collect()
    assert list(Path(tmp_path).iterdir()) == []


def test_a_table_may_have_any_name_while_others_come_in(duckdb_engine):
    for name in ("incoming", "given", "rows"):
        assert duckdb_engine.run(numbers(duckdb_engine, 3, name)).num_rows == 3
    again = duckdb_engine.bind("incoming", pa.table({"n": [7]}))
    assert duckdb_engine.run(again).to_pylist() == [{"n": 7}]


@pytest.mark.parametrize(("order", "most"), [(["id"], 20_480), ([], 122_880)])
def test_sorted_rows_are_written_in_small_groups_for_look_ups(duckdb_engine, tmp_path, order, most):
    rows = duckdb_engine.bind("many", pa.table({"id": list(range(130_000))}))
    (written,) = duckdb_engine.write(rows, str(tmp_path), order=order)
    stored = pq.ParquetFile(tmp_path / written.path).metadata
    assert stored.row_group(0).num_rows == most
