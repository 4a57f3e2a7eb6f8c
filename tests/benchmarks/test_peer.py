"""The hand-written queries answer what the measures answer, else nothing is timed."""

from dataclasses import replace

import duckdb
import pytest

from benchmarks import peer
from benchmarks.peer import ASKED, Differs, answered, refuse_difference, script
from tests.benchmarks.shops import random_shop
from tests.measures.scenario import opened
from tuttuno.engine.duckdb import DuckDBEngine
from tuttuno.engine.port import ParquetFiles
from tuttuno.measures.ask import Ask
from tuttuno.measures.catalog import MEASURES
from tuttuno.measures.evaluate import evaluate
from tuttuno.schema.mart import PURCHASE

SEEDS = (1, 2)


@pytest.fixture(scope="module", params=SEEDS)
def both(request):
    """An engine with the tables of a shop, and plain DuckDB with the same."""
    engine = DuckDBEngine(threads=1, memory="1GB")
    tables = opened(random_shop(request.param), engine)
    con = peer.connected({}, threads=1, memory="1GB")
    for name, table in tables.items():
        con.register(name, engine.run(table))
    yield lambda name: evaluate(MEASURES[name], Ask(), engine=engine, tables=tables), con
    engine.close()
    con.close()


@pytest.mark.parametrize("name", ASKED)
def test_the_hand_written_query_of_a_measure_gives_its_answer(both, name):
    ours, con = both
    refuse_difference(ours(name), answered(con, name))


@pytest.mark.parametrize("name", ASKED)
def test_every_measure_of_the_catalogue_has_a_hand_written_query(name):
    assert "SELECT" in script(name)


def test_an_answer_that_differs_in_a_cent_is_refused(both):
    ours, con = both
    theirs = answered(con, "coverage")
    (row,) = theirs.rows
    wrong = replace(theirs, rows=({**row, "revenue": row["revenue"] + 0.01},))
    with pytest.raises(Differs, match=r"rows\.0\.revenue"):
        refuse_difference(ours("coverage"), wrong)


def test_an_answer_that_lacks_a_row_is_refused(both):
    ours, con = both
    theirs = answered(con, "channel_class")
    with pytest.raises(Differs, match="rows"):
        refuse_difference(ours("channel_class"), replace(theirs, rows=theirs.rows[1:]))


def test_an_answer_for_other_days_is_refused(both):
    ours, con = both
    theirs = answered(con, "coverage")
    with pytest.raises(Differs, match="since"):
        refuse_difference(ours("coverage"), replace(theirs, since=theirs.until))


def test_the_order_of_rows_is_no_difference(both):
    ours, con = both
    theirs = answered(con, "channel_class")
    refuse_difference(ours("channel_class"), replace(theirs, rows=theirs.rows[::-1]))


def test_plain_duckdb_reads_the_months_from_the_folders(tmp_path):
    with duckdb.connect() as con:
        rows = "SELECT 1 AS orders, unnest(['2026-01', '2026-02']) AS month"
        con.execute(f"COPY ({rows}) TO '{tmp_path}' (FORMAT parquet, PARTITION_BY (month))")
    found = tuple(sorted(str(path) for path in tmp_path.rglob("*.parquet")))
    table = ParquetFiles(found, PURCHASE.schema, ("month",))
    with peer.connected({"purchase": table}, threads=1, memory="1GB") as con:
        months = con.execute("SELECT month FROM purchase ORDER BY month").fetchall()
    assert months == [("2026-01",), ("2026-02",)]
