"""Spark's own: a Connect server answers as the driver in this process does, failures are named."""

import subprocess
import sys

import pyarrow as pa
import pytest

from tuttuno.engine.spark import SparkEngine
from tuttuno.errors import Unavailable

pytestmark = pytest.mark.spark

#: In a process of its own: one process cannot have both kinds of session.
BY_CONNECT = """
import sys
from datetime import datetime
from pathlib import Path
import pyarrow as pa
from tuttuno.engine.semantics import day_of, first_by
from tuttuno.engine.spark import SparkEngine
from tuttuno.engine.duckdb import DuckDBEngine
from tuttuno.engine.port import ParquetFiles
from tests.conformance.engines import same_answer

rows = pa.table({
    "id": [1, 2, 3],
    "month": ["2026-01", None, "2026-01"],
    "at": pa.array([datetime(2026, 1, 31, 23, 30), None, datetime(2026, 7, 1)], pa.timestamp("us")),
})
folder = Path(sys.argv[1])
spark, duck = SparkEngine(remote="local[1]", scratch=folder), DuckDBEngine(threads=1)
days = lambda sale: sale.mutate(day=day_of(sale.at, "Europe/Rome")).order_by("id")
print(same_answer((duck, spark), days, {"sale": rows})[0]["day"])
firsts = lambda sale: first_by(sale, ["month"], ["id"]).order_by("id")
print([row["id"] for row in same_answer((duck, spark), firsts, {"sale": rows})])
sale = spark.bind("sale", rows)
files = spark.write(sale, str(folder / "out"), partition=["month"], order=["id"])
paths = tuple(str(folder / "out" / file.path) for file in files)
read = lambda engine: engine.run(
    engine.bind("again", ParquetFiles(paths, sale.schema(), ("month",))).order_by("id"))
print(read(spark) == read(duck), spark.stream(sale).read_all().num_rows)
print(spark.run(spark.bind("none", ParquetFiles((), sale.schema()))).num_rows)
spark.cancel()
spark.close()
"""


@pytest.mark.slow
def test_a_connect_server_answers_as_the_others_do(tmp_path):
    command = [sys.executable, "-c", BY_CONNECT, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.stdout.splitlines() == ["2026-02-01", "[1, 2]", "True 3", "0"], done.stderr[-3000:]


def test_a_file_that_is_gone_is_said_with_a_way_out(spark_engine):
    rows = spark_engine.bind("rows", pa.table({"n": [1]}))
    kept = spark_engine.keep("kept", rows)
    for path in spark_engine._kept["kept"].iterdir():
        path.unlink()
    with pytest.raises(Unavailable, match=r"Spark failed: .*see whether Spark runs"):
        spark_engine.run(kept)


def test_a_server_that_is_not_there_is_said_with_a_way_out(tmp_path):
    with pytest.raises(
        Unavailable, match=r"no Spark Connect server answers at sc://127\.0\.0\.1:1"
    ):
        SparkEngine(remote="sc://127.0.0.1:1", scratch=tmp_path)


def test_scratch_files_go_with_the_name(spark_engine):
    spark_engine.bind("short", pa.table({"n": [1]}))
    folder = spark_engine._kept["short"]
    spark_engine.bind("short", pa.table({"n": [2]}))
    assert not folder.exists()
    folder = spark_engine._kept["short"]
    spark_engine.drop("short")
    assert not folder.exists()
