"""A small lake, an engine, and rows of a table that has everything a real one has."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from tuttuno.lake.store import Lake
from tuttuno.schema.table import Column, Table

SALE = Table(
    name="sale",
    doc="A sale.",
    grain=("source", "number"),
    columns={
        "source": Column("string", "Who told us; may be unknown."),
        "number": Column("!int64", "Its number."),
        "month": Column("!string", "When."),
        "net": Column("decimal(14, 2)", "How much."),
    },
    partition=("month",),
    order=("number",),
)

STORE = Table(
    name="store",
    doc="A store, in a table without partitions.",
    grain=("store_id",),
    columns={"store_id": Column("!string", "Its key."), "city": Column("string", "Where.")},
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def engine(request):
    """Each engine in turn; what one wrote is told of by the same log."""
    return request.getfixturevalue(f"{request.param}_engine")


@pytest.fixture
def lake(tmp_path):
    return Lake(tmp_path / "lake", clock=lambda: NOW)


@pytest.fixture
def rows(engine):
    """Make rows of SALE of (source, number, month) readable; `net` is the number."""
    names = iter(f"rows_{nth}" for nth in range(1_000_000))

    def make(*sales):
        columns = {
            "source": pa.array([source for source, _, _ in sales], pa.string()),
            "number": pa.array([number for _, number, _ in sales], pa.int64()),
            "month": pa.array([month for _, _, month in sales], pa.string()),
        }
        columns["net"] = columns["number"].cast(pa.decimal128(19, 0)).cast(pa.decimal128(21, 2))
        columns["net"] = columns["net"].cast(pa.decimal128(14, 2))
        return engine.bind(next(names), pa.table(columns))

    return make


def held(lake, engine, table=SALE, version=None):
    """What the lake holds, as tuples in order."""
    bound = lake.bind(engine, table, version, name=f"held_{table.name}")
    found = engine.run(bound.select("source", "number", "month")).to_pylist()
    return sorted((tuple(row.values()) for row in found), key=repr)
