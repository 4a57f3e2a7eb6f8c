"""A Parquet file is staged as the text that a CSV file would have held."""

from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.engine.staging import rows_of
from tuttuno.engine.csv import stage_parquet
from tuttuno.errors import BadInput


@pytest.fixture
def stage(duckdb_engine, tmp_path):
    def make(table, **options):
        path = tmp_path / "*[1].parquet"
        pq.write_table(table, path, **options)
        found = stage_parquet(duckdb_engine, path, to=tmp_path / "out/staged.parquet")
        return found, rows_of(duckdb_engine, found)

    return make


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (pa.array(["x", "", None]), ["x", None, None]),
        (pa.array([2**63 - 1, -1, None]), ["9223372036854775807", "-1", None]),
        (pa.array([Decimal("12.50"), None], pa.decimal128(14, 2)), ["12.50", None]),
        (pa.array([0.1, 45.4642]), ["0.1", "45.4642"]),
        (pa.array([True, False]), ["true", "false"]),
        (pa.array([date(2026, 2, 1)]), ["2026-02-01"]),
        (
            pa.array([datetime(2026, 2, 1, 9, 30)], pa.timestamp("us")),  # noqa: DTZ001 - naive on purpose
            ["2026-02-01 09:30:00"],
        ),
        (pa.array([0], pa.timestamp("ms", "Europe/Rome")), ["1970-01-01 00:00:00+00"]),
        (pa.array(["a", "b"]).dictionary_encode(), ["a", "b"]),
        (pa.array([None, None]), [None, None]),
    ],
)
def test_every_plain_value_becomes_text(stage, values, text):
    found, rows = stage(pa.table({" Total ": values}))
    assert found.columns == ("Total",)
    assert rows == [[value] for value in text]


def test_records_keep_their_order(stage):
    numbers = list(range(300_000, 0, -1))
    found, rows = stage(pa.table({"n": numbers}), row_group_size=7000)
    assert rows == [[str(number)] for number in numbers]
    assert found.row_of(0) == 1


@pytest.mark.parametrize(
    "values",
    [pa.array([[1]]), pa.array([{"x": 1}]), pa.array([b"\xff"]), pa.array([1], pa.duration("s"))],
)
def test_a_column_that_is_no_plain_value_is_named(stage, values):
    with pytest.raises(
        BadInput, match=r"has columns of other kinds: odd \(.*\); write plain columns"
    ):
        stage(pa.table({"fine": [1], "odd": values}))


def test_two_columns_of_one_name_are_refused(stage):
    with pytest.raises(BadInput, match="names columns twice: ID, id"):
        stage(pa.table({"id": [1], "ID": [2]}))


@pytest.mark.parametrize("damage", ["cut", "flipped", "text", "empty"])
def test_a_damaged_file_is_refused(duckdb_engine, tmp_path, damage):
    path = tmp_path / "damaged.parquet"
    pq.write_table(pa.table({"n": [f"value {nth}" for nth in range(10_000)]}), path)
    data = path.read_bytes()
    path.write_bytes(
        {
            "cut": data[:-100],
            "flipped": data[:50] + b"\xff" * 2000 + data[2050:],
            "text": b"a,b\n1,2\n",
            "empty": b"",
        }[damage]
    )
    with pytest.raises(BadInput, match=r"damaged\.parquet (is not a whole|cannot be read)"):
        stage_parquet(duckdb_engine, path, to=tmp_path / "out/staged.parquet")


def test_a_file_that_is_not_there_is_refused(duckdb_engine, tmp_path):
    with pytest.raises(BadInput, match="gone"):
        stage_parquet(duckdb_engine, tmp_path / "gone", to=tmp_path / "x.parquet")
