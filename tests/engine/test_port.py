"""What every engine promises: names, types, nulls, empty tables, files that were written."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from tuttuno.engine.port import ParquetFiles

SCHEMA = pa.schema(
    [
        ("id", pa.int64()),
        ("month", pa.string()),
        ("net", pa.decimal128(14, 2)),
        ("at", pa.timestamp("us")),
        ("day", pa.date32()),
        ("online", pa.bool_()),
        ("latitude", pa.float64()),
        ("line", pa.int32()),
    ]
)
FULL = {
    "id": 1,
    "month": "2026-01",
    "net": Decimal("12.50"),
    "at": datetime(2026, 1, 31, 23, 59, 59, 999999),  # noqa: DTZ001 - times in tables are naive
    "day": date(2026, 2, 1),
    "online": True,
    "latitude": 45.4642,
    "line": 7,
}
EMPTY = {**dict.fromkeys(SCHEMA.names), "id": 2, "month": "2026-02"}


@pytest.fixture
def sale(engine):
    return engine.bind("sale", pa.Table.from_pylist([FULL, EMPTY], schema=SCHEMA))


def stored(folder, written, schema, **more):
    files = tuple(str(folder / file.path) for file in written)
    return ParquetFiles(files, ibis.Schema.from_pyarrow(schema), **more)


def test_values_and_nulls_come_back_as_they_went_in(engine, sale):
    found = engine.run(sale.order_by("id"))
    assert found.schema == SCHEMA
    assert found.to_pylist() == [FULL, EMPTY]


def test_a_written_table_is_read_back_in_its_declared_types(engine, sale, tmp_path):
    written = engine.write(sale, str(tmp_path), partition=["month"], order=["id"])
    assert sorted((file.partition["month"], file.rows) for file in written) == [
        ("2026-01", 1),
        ("2026-02", 1),
    ]
    bound = engine.bind("again", stored(tmp_path, written, SCHEMA, partition=("month",)))
    found = engine.run(bound.order_by("id"))
    assert found.schema == SCHEMA
    assert found.to_pylist() == [FULL, EMPTY]


def test_a_file_without_a_column_declared_since_has_nulls_there(engine, sale, tmp_path):
    later = SCHEMA.append(pa.field("tier", pa.string()))
    old = engine.write(sale.filter(sale.id == 1), str(tmp_path))
    new = engine.write(sale.filter(sale.id == 2).mutate(tier=ibis.literal("gold")), str(tmp_path))
    both = engine.bind("both", stored(tmp_path, [*old, *new], later))
    only_old = engine.bind("only_old", stored(tmp_path, old, later))
    found = engine.run(both.order_by("id"))
    assert found.schema == later
    assert found["tier"].to_pylist() == [None, "gold"]
    assert engine.run(only_old)["tier"].to_pylist() == [None]


def test_no_files_are_an_empty_table_of_the_declared_types(engine):
    nothing = ParquetFiles((), ibis.Schema.from_pyarrow(SCHEMA), ("month",), "_file", "_row")
    found = engine.run(engine.bind("nothing", nothing))
    assert found.num_rows == 0
    assert found.schema == SCHEMA.append(pa.field("_file", pa.string())).append(
        pa.field("_row", pa.int64())
    )


def test_no_rows_write_no_file(engine, sale, tmp_path):
    assert engine.write(sale.filter(sale.id > 9), str(tmp_path / "flat")) == []
    parts = engine.write(sale.filter(sale.id > 9), str(tmp_path / "parts"), partition=["month"])
    assert parts == []
    assert list(tmp_path.rglob("*.parquet")) == []


def test_a_file_says_how_many_nulls_each_column_has(engine, sale, tmp_path):
    rows = sale.select("id", "net").union(sale.select("id", "net"))
    written = engine.write(rows, str(tmp_path))
    assert sum(file.nulls.get("net", 0) for file in written) == 2
    assert {name for file in written for name in file.nulls} == {"net"}


def test_a_null_in_a_partition_column_is_counted_and_read_back(engine, sale, tmp_path):
    rows = sale.select("id", month=sale.month.nullif("2026-02"))
    written = engine.write(rows, str(tmp_path), partition=["month"])
    nulls = {file.partition["month"]: file.nulls for file in written}
    assert nulls == {"2026-01": {}, None: {"month": 1}}
    schema = pa.schema([("id", pa.int64()), ("month", pa.string())])
    bound = engine.bind("m", stored(tmp_path, written, schema, partition=("month",)))
    assert engine.run(bound.order_by("id"))["month"].to_pylist() == ["2026-01", None]


@pytest.mark.parametrize("value", ["a b", "x/y", "é", "50%", "a=b", "it's", "[1]"])
def test_a_partition_value_may_hold_any_character(engine, tmp_path, value):
    rows = engine.bind("p", pa.table({"id": [1], "part": [value]}))
    written = engine.write(rows, str(tmp_path), partition=["part"])
    schema = pa.schema([("id", pa.int64()), ("part", pa.string())])
    bound = engine.bind("p", stored(tmp_path, written, schema, partition=("part",)))
    assert written[0].partition == {"part": value}
    assert engine.run(bound).to_pylist() == [{"id": 1, "part": value}]


def test_two_writes_to_one_folder_leave_each_other_alone(engine, sale, tmp_path):
    first = engine.write(sale, str(tmp_path), partition=["month"])
    second = engine.write(sale, str(tmp_path), partition=["month"])
    paths = {file.path for file in (*first, *second)}
    assert len(paths) == 4
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.parquet")} == paths


def test_sizes_and_rows_of_written_files_are_those_on_disk(engine, sale, tmp_path):
    for file in engine.write(sale, str(tmp_path), partition=["month"]):
        path = Path(tmp_path, file.path)
        assert file.size == path.stat().st_size
        assert file.rows == pq.read_metadata(path).num_rows


def test_a_row_tells_its_file_and_its_place_in_it(engine, tmp_path):
    rows = engine.bind("n", pa.table({"id": range(100)}))
    (file,) = engine.write(rows, str(tmp_path), order=["id"])
    source = stored(
        tmp_path, [file], pa.schema([("id", pa.int64())]), file_column="_file", row_column="_row"
    )
    found = engine.run(engine.bind("n", source).order_by("id"))
    assert found["_row"].to_pylist() == list(range(100))
    assert set(found["_file"].to_pylist()) == {file.path}


def test_what_is_kept_is_computed_once(engine, sale):
    kept = engine.keep("kept", sale.group_by("month").agg(lines=sale.count()))
    engine.drop("sale")
    assert sorted(engine.run(kept)["month"].to_pylist()) == ["2026-01", "2026-02"]


def test_a_name_may_be_replaced_by_what_is_read_from_it(engine):
    rows = engine.bind("growing", pa.table({"id": [1, 2]}))
    for _ in range(3):
        rows = engine.keep("growing", rows.mutate(id=rows.id * 10))
    assert engine.run(rows.order_by("id"))["id"].to_pylist() == [1000, 2000]


def test_a_dropped_name_is_forgotten_and_dropping_it_again_is_no_error(engine):
    rows = engine.bind("gone", pa.table({"id": [1]}))
    engine.drop("gone")
    engine.drop("gone")
    with pytest.raises(Exception, match="gone"):
        engine.run(rows)


def test_a_stream_brings_the_same_rows_in_the_same_order(engine):
    rows = engine.bind("many", pa.table({"id": range(5000)}))
    expr = rows.order_by(ibis.desc("id"))
    batches = list(engine.stream(expr, rows=1000))
    assert len(batches) > 1
    assert pa.Table.from_batches(batches) == engine.run(expr).combine_chunks()


def test_sums_and_counts_have_the_types_of_the_expression(engine, sale):
    expr = sale.agg(net=sale.net.sum(), lines=sale.line.sum(), rows=sale.count())
    found = engine.run(expr)
    assert found.schema == pa.schema(
        [(name, dtype.to_pyarrow()) for name, dtype in expr.schema().items()]
    )
    assert found.to_pylist() == [{"net": Decimal("12.50"), "lines": 7, "rows": 2}]


def test_a_sum_is_written_in_the_type_of_the_expression(engine, sale, tmp_path):
    expr = sale.agg(lines=sale.line.sum())
    (file,) = engine.write(expr, str(tmp_path))
    assert pq.read_schema(tmp_path / file.path).field("lines").type == pa.int64()


def test_the_plan_names_what_is_read(engine, sale):
    assert "net" in engine.explain(sale.agg(net=sale.net.sum()))


def test_a_column_of_nothing_but_nulls_is_text(engine):
    found = engine.run(engine.bind("void", pa.table({"x": [None, None]})))
    assert found.schema == pa.schema([("x", pa.string())])
    assert found.num_rows == 2


NUMBER, MONTHS = ibis.param("int64"), ibis.param("array<string>")


def test_a_look_up_takes_its_values_each_time_anew(engine, sale):
    by_month = sale.filter(MONTHS.contains(sale.month), sale.id >= NUMBER).select("id")

    def found(number, *months):
        values = {NUMBER: number, MONTHS: list(months)}
        return sorted(engine.run(by_month, values).column("id").to_pylist())

    assert found(1, "2026-01", "2026-02") == [1, 2]
    assert found(2, "2026-01", "2026-02") == [2]
    assert found(1, "2026-01") == [1]
    assert found(1) == []


def test_a_value_is_never_read_as_a_part_of_the_question(engine, sale):
    month = ibis.param("string")
    asked = sale.filter(sale.month == month).select("id")
    assert engine.run(asked, {month: "' OR 'a' = 'a"}).num_rows == 0
    assert engine.run(asked, {month: "2026-01"}).column("id").to_pylist() == [1]


def lengths(rows):
    """Rows of what a function makes of some rows."""
    return pa.table({"id": rows["id"], "size": pc.binary_length(rows["month"])})


def test_a_function_is_handed_every_row_once(engine):
    rows = pa.table({"id": list(range(500)), "month": ["x" * (n % 7) for n in range(500)]})
    wanted = ibis.schema({"id": "int64", "size": "int64"})
    found = engine.each(engine.bind("asked", rows), lengths, wanted)
    assert found.schema == pa.schema([("id", pa.int64()), ("size", pa.int64())])
    assert sorted(zip(*found.to_pydict().values(), strict=True)) == [(n, n % 7) for n in range(500)]


def test_of_no_rows_a_function_makes_none(engine, sale):
    wanted = ibis.schema({"id": "int64", "size": "int32"})
    assert engine.each(sale.filter(sale.id > 9), lengths, wanted).num_rows == 0
