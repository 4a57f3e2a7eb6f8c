"""The new data of the second build is truly new: it happened after everything else."""

import duckdb
import pytest

from benchmarks.retailer import SINCE, made

PEOPLE, SEED = 400, 3


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    folder = tmp_path_factory.mktemp("work")
    made(folder, people=PEOPLE, seed=SEED, months=12)
    return folder


@pytest.fixture
def retailer(work):
    return made(work, people=PEOPLE, seed=SEED)


def rows(folder, pattern, where="true"):
    found = sorted(folder.glob(f"{pattern}.parquet"))
    return sum(duckdb.sql(f"FROM '{path}' WHERE {where}").shape[0] for path in found)


@pytest.mark.parametrize("table", SINCE)
def test_no_row_is_lost_and_none_is_there_twice(work, retailer, table):
    simulated = work / "simulated" / "exchange"
    both = [rows(folder, f"{table}*") for folder in (retailer.base, retailer.addition)]
    assert sum(both) == rows(simulated, f"{table}*") > 0


@pytest.mark.parametrize("table", SINCE)
def test_what_is_new_happened_after_the_moment_and_the_rest_before(retailer, table):
    since, cut = SINCE[table], retailer.cut
    assert rows(retailer.base, f"{table}*", f"\"{since}\" > '{cut}'") == 0
    assert rows(retailer.addition, f"{table}*", f"\"{since}\" <= '{cut}'") == 0


def test_one_sale_line_in_a_hundred_is_new(retailer):
    assert 0.005 < retailer.new_lines / retailer.lines <= 0.0101


def test_the_counted_lines_are_those_of_the_files(retailer):
    assert rows(retailer.addition, "sales_*") == retailer.new_lines
    assert rows(retailer.base, "sales_*") == retailer.lines - retailer.new_lines


def test_stores_and_products_are_there_from_the_start(retailer):
    assert not list(retailer.addition.glob("products*"))
    assert rows(retailer.base, "products") > 0


def test_a_retailer_that_is_there_is_taken_as_it_is(work, retailer):
    before = (work / "retailer.json").stat().st_mtime_ns
    assert made(work, people=PEOPLE, seed=SEED) == retailer
    assert (work / "retailer.json").stat().st_mtime_ns == before
