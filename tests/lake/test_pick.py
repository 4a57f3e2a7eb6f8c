"""The rows of one person are picked out of sorted files, as an engine would find them."""

from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lake.conftest import SALE
from tuttuno.engine.duckdb import DuckDBEngine
from tuttuno.engine.port import ParquetFiles
from tuttuno.errors import Unavailable
from tuttuno.lake.pick import Picker
from tuttuno.schema.table import Column

COLUMNS = ("month", "source", "net")
MONTHS = ("2026-01", "2026-02", "a/b=c")

SALES = st.lists(
    st.tuples(
        st.sampled_from(["till", "shop", None]),
        st.none() | st.integers(0, 6),
        st.sampled_from(MONTHS),
    ),
    min_size=1,
    max_size=40,
)


@pytest.fixture(scope="module")
def duck():
    engine = DuckDBEngine(threads=1)
    yield engine
    engine.close()


def kept(root, *batches):
    """Write sales as a lake does, each batch in files of its own, four rows to a row group."""
    for at, sales in enumerate(batches):
        for month in {month for _, _, month in sales}:
            mine = sorted((s for s in sales if s[2] == month), key=lambda s: (s[1] is None, s[1]))
            folder = root / f"month={quote(month, safe='')}"
            folder.mkdir(parents=True, exist_ok=True)
            numbers = pa.array([number for _, number, _ in mine], pa.int64())
            net = numbers.cast(pa.decimal128(21, 2)).cast(pa.decimal128(14, 2))
            source = pa.array([source for source, _, _ in mine], pa.string())
            rows = pa.table({"source": source, "number": numbers, "net": net})
            pq.write_table(rows, folder / f"{at}.parquet", row_group_size=4)
    files = tuple(sorted(str(file) for file in root.rglob("*.parquet")))
    return ParquetFiles(files, SALE.schema, SALE.partition)


def sorted_rows(rows):
    return sorted(rows, key=lambda row: (row["month"], row["source"] or "", row["net"] or 0))


@settings(max_examples=40)
@given(batches=st.lists(SALES, min_size=1, max_size=3), key=st.integers(-1, 7))
def test_what_is_picked_is_what_an_engine_finds(tmp_path_factory, duck, batches, key):
    files = kept(tmp_path_factory.mktemp("lake"), *batches)
    sale = duck.bind("sale", files)
    for months in (None, MONTHS[:1], MONTHS[1:]):
        chosen = sale.filter(sale.number == key).select(*COLUMNS)
        chosen = chosen if months is None else chosen.filter(chosen.month.isin(months))
        within = {} if months is None else {"month": months}
        found = Picker(files, "number").rows(key, COLUMNS, within=within)
        assert found.schema.equals(duck.run(chosen).schema)
        assert sorted_rows(found.to_pylist()) == sorted_rows(duck.run(chosen).to_pylist())


def test_row_groups_that_cannot_hold_the_key_are_not_read(tmp_path):
    files = kept(tmp_path, [("till", number, MONTHS[0]) for number in range(40)])
    (file,) = Picker(files, "number")._files
    assert file.footer.num_row_groups > 1
    assert ((file.first <= 9) & (file.last >= 9)).sum() == 1


def test_a_column_declared_later_is_null_in_older_files(tmp_path):
    files = kept(tmp_path, [("till", 1, MONTHS[0])])
    wider = SALE.schema | {"note": Column("string", "A word.").dtype}
    later = ParquetFiles(files.files, type(SALE.schema)(wider), files.partition)
    found = Picker(later, "number").rows(1, ("note", "source"), within={})
    assert found.to_pylist() == [{"note": None, "source": "till"}]


def test_all_keys_of_a_table_are_told_by_month(tmp_path):
    files = kept(tmp_path, [("till", 3, MONTHS[0]), ("till", 1, MONTHS[0]), ("a", 2, "a/b=c")])
    found = {told["month"]: keys.tolist() for told, keys in Picker(files, "number").all_keys()}
    assert found == {MONTHS[0]: [1, 3], "a/b=c": [2]}


def test_a_table_without_files_has_no_rows():
    nothing = Picker(ParquetFiles((), SALE.schema, SALE.partition), "number")
    assert nothing.rows(1, COLUMNS, within={}).num_rows == 0
    assert list(nothing.all_keys()) == []


def test_a_file_that_is_gone_is_out_of_reach(tmp_path):
    files = kept(tmp_path, [("till", 1, MONTHS[0])])
    picker = Picker(files, "number")
    for file in tmp_path.rglob("*.parquet"):
        file.unlink()
    with pytest.raises(Unavailable, match="could not be read"):
        picker.rows(1, COLUMNS, within={})
    with pytest.raises(Unavailable, match="could not be read"):
        Picker(files, "number")
