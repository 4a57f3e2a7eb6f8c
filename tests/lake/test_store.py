"""The verbs of the lake, on each engine."""

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from tests.lake.conftest import SALE, STORE, held
from tuttuno.errors import BadInput, NotFound, Unavailable
from tuttuno.lake.store import Lake
from tuttuno.schema.table import Column, Table

A1, A2, B1 = ("till", 1, "2026-01"), ("till", 2, "2026-02"), ("web", 1, "2026-01")


def changed(table, **columns):
    """The table as a later version of the program declares it."""
    return Table(table.name, table.doc, table.grain, columns, table.partition, table.order)


def as_others_read_it(lake, *columns):
    """What a program of somebody else's finds in the Delta table."""
    found = DeltaTable(str(lake.folder(SALE))).to_pyarrow_table(columns=list(columns))
    return sorted(zip(*(found[name].to_pylist() for name in columns), strict=True), key=repr)


def test_a_table_never_written_is_empty_and_has_no_version(lake, engine):
    assert lake.version(SALE) is None
    assert lake.rows(SALE) == 0
    assert held(lake, engine) == []
    assert lake.history(SALE) == ()


def test_rows_are_added(lake, engine, rows):
    lake.append(SALE, rows(A1), engine=engine)
    version = lake.append(SALE, rows(A2, B1), engine=engine)
    assert held(lake, engine) == [A1, A2, B1]
    assert lake.version(SALE) == version == 2
    assert lake.rows(SALE) == 3


def test_columns_may_come_in_any_order_but_must_be_those_of_the_table(lake, engine, rows):
    sale = rows(A1)
    lake.append(SALE, sale.select("net", "month", "number", "source"), engine=engine)
    assert held(lake, engine) == [A1]
    with pytest.raises(BadInput, match="table sale differ in colour, net"):
        lake.append(SALE, sale.drop("net").mutate(colour=sale.source), engine=engine)


def test_rows_without_a_required_value_are_refused_and_leave_nothing(lake, engine, rows):
    with pytest.raises(BadInput, match=r"lack month \(1 rows\), number \(2 rows\)"):
        lake.append(SALE, rows(("a", None, "2026-01"), ("b", None, None)), engine=engine)
    assert list(lake.folder(SALE).rglob("*.parquet")) == []
    assert lake.rows(SALE) == 0


def test_rows_count_only_when_what_must_come_first_is_done(lake, engine, rows):
    seen = []

    def first():
        seen.append((lake.rows(SALE), len(list(lake.folder(SALE).rglob("*.parquet")))))

    for _ in range(2):
        lake.append(SALE, rows(A1), engine=engine, transaction=("intake", 1), first=first)
    assert seen == [(0, 1), (1, 1)]


def test_nothing_is_added_when_what_must_come_first_fails(lake, engine, rows):
    def first():
        raise Unavailable("the vault is full")

    with pytest.raises(Unavailable, match="the vault is full"):
        lake.append(SALE, rows(A1), engine=engine, transaction=("intake", 1), first=first)
    assert (lake.rows(SALE), list(lake.folder(SALE).rglob("*.parquet"))) == (0, [])
    lake.append(SALE, rows(A1), engine=engine, transaction=("intake", 1))
    assert held(lake, engine) == [A1]


def test_a_batch_is_added_once_in_whatever_order_batches_come(lake, engine, rows):
    for batch, sale in ((7, A1), (3, A2), (7, A1), (3, A2), (5, B1)):
        lake.append(SALE, rows(sale), engine=engine, transaction=("intake", batch))
    assert held(lake, engine) == [A1, A2, B1]


def test_a_batch_added_meanwhile_by_somebody_else_is_not_added_again(lake, engine, rows):
    class Overtaken:
        """An engine that is so slow that another run adds the same batch first."""

        def __getattr__(self, name):
            return getattr(engine, name)

        def write(self, *args, **options):
            lake.append(SALE, rows(A1), engine=engine, transaction=("intake", 1))
            return engine.write(*args, **options)

    with pytest.raises(Unavailable, match="sale has changed meanwhile; another run"):
        lake.append(SALE, rows(A1), engine=Overtaken(), transaction=("intake", 1))
    assert held(lake, engine) == [A1]


def test_everything_is_replaced_at_once_and_the_former_version_stays(lake, engine, rows):
    before = lake.append(SALE, rows(A1, A2), engine=engine)
    after = lake.replace(SALE, rows(B1), engine=engine)
    assert held(lake, engine, version=after) == [B1]
    assert held(lake, engine, version=before) == [A1, A2]


def test_a_table_may_be_replaced_by_what_is_read_from_it(lake, engine, rows):
    lake.append(SALE, rows(A1, A2), engine=engine)
    now = lake.bind(engine, SALE)
    lake.replace(SALE, now.mutate(number=now.number + 10), engine=engine)
    assert held(lake, engine) == [("till", 11, "2026-01"), ("till", 12, "2026-02")]


def test_some_partitions_are_replaced_and_others_stay(lake, engine, rows):
    lake.append(SALE, rows(A1, A2, B1), engine=engine)
    lake.replace(SALE, rows(("app", 9, "2026-01")), engine=engine, partitions={"2026-01"})
    assert held(lake, engine) == [("app", 9, "2026-01"), A2]
    lake.replace(SALE, rows(), engine=engine, partitions={"2026-02"})
    assert held(lake, engine) == [("app", 9, "2026-01")]


def test_rows_of_another_partition_are_refused_in_a_replacement(lake, engine, rows):
    lake.append(SALE, rows(A1), engine=engine)
    with pytest.raises(BadInput, match="have month 2026-02; only 2026-01 is being replaced"):
        lake.replace(SALE, rows(A1, A2), engine=engine, partitions=["2026-01"])
    assert held(lake, engine) == [A1]
    assert len(list(lake.folder(SALE).rglob("*.parquet"))) == 1


def test_a_replacement_fails_when_somebody_added_meanwhile(lake, engine, rows):
    lake.append(SALE, rows(A1), engine=engine)
    slow = rows(B1)

    class Overtaken:
        def __getattr__(self, name):
            return getattr(engine, name)

        def write(self, *args, **options):
            lake.append(SALE, rows(A2), engine=engine)
            return engine.write(*args, **options)

    with pytest.raises(Unavailable, match="changed meanwhile"):
        lake.replace(SALE, slow, engine=Overtaken())
    assert held(lake, engine) == [A1, A2]


def test_a_row_of_the_same_grain_is_replaced_also_in_another_partition(lake, engine, rows):
    lake.append(SALE, rows(A1, A2, B1), engine=engine)
    moved = ("till", 1, "2026-03")
    lake.merge(SALE, rows(moved, ("new", 5, "2026-02")), engine=engine)
    assert held(lake, engine) == sorted([moved, A2, B1, ("new", 5, "2026-02")], key=repr)


def test_null_in_the_grain_is_a_value_like_another(lake, engine, rows):
    lake.append(SALE, rows((None, 1, "2026-01"), A1), engine=engine)
    lake.merge(SALE, rows((None, 1, "2026-02")), engine=engine)
    assert held(lake, engine) == sorted([(None, 1, "2026-02"), A1], key=repr)


def test_a_merge_into_nothing_adds(lake, engine, rows):
    lake.merge(SALE, rows(A1), engine=engine, transaction=("intake", 1))
    lake.merge(SALE, rows(("till", 1, "1999-01")), engine=engine, transaction=("intake", 1))
    assert held(lake, engine) == [A1]


def test_two_rows_of_one_grain_cannot_be_merged(lake, engine, rows):
    with pytest.raises(BadInput, match="1 values of source, number more than once"):
        lake.merge(SALE, rows(A1, ("till", 1, "2026-02")), engine=engine)
    assert lake.rows(SALE) == 0


def test_rows_are_deleted_by_value_and_counted(lake, engine, rows):
    lake.append(SALE, rows(A1, A2, B1), engine=engine)
    assert lake.delete(SALE, "number", pa.array([1, 99]), engine=engine) == 2
    assert held(lake, engine) == [A2]
    assert lake.delete(SALE, "number", pa.array([99]), engine=engine) == 0


def test_a_null_is_no_value_to_delete(lake, engine, rows):
    unknown = (None, 3, "2026-01")
    lake.append(SALE, rows(A1, unknown), engine=engine)
    assert lake.delete(SALE, "source", pa.array(["till", None]), engine=engine) == 1
    assert held(lake, engine) == [unknown]


def test_files_without_a_deleted_row_are_not_touched(lake, engine, rows):
    for sale in (A1, A2, B1):
        lake.append(SALE, rows(sale), engine=engine)
    before = set(lake.files(SALE).files)
    lake.delete(SALE, "source", pa.array(["web"]), engine=engine)
    assert len(before & set(lake.files(SALE).files)) == 2


def test_a_table_without_partitions_does_all_of_it(lake, engine):
    def stores(**cities):
        rows = [{"store_id": key, "city": city} for key, city in cities.items()]
        return engine.bind("stores", pa.Table.from_pylist(rows, schema=STORE.arrow))

    lake.append(STORE, stores(a="Bari", b="Como"), engine=engine)
    lake.merge(STORE, stores(b="Lecce", c="Roma"), engine=engine)
    lake.delete(STORE, "store_id", pa.array(["a"]), engine=engine)
    found = engine.run(lake.bind(engine, STORE).order_by("store_id")).to_pylist()
    assert found == [{"store_id": "b", "city": "Lecce"}, {"store_id": "c", "city": "Roma"}]
    assert lake.changed_partitions(STORE, 1, 2) is None


def test_changed_partitions_are_those_whose_files_differ(lake, engine, rows):
    first = lake.append(SALE, rows(A1, A2), engine=engine)
    second = lake.append(SALE, rows(B1), engine=engine)
    third = lake.delete(SALE, "number", pa.array([2]), engine=engine) and lake.version(SALE)
    assert lake.changed_partitions(SALE, first, first) == frozenset()
    assert lake.changed_partitions(SALE, first, second) == {"2026-01"}
    assert lake.changed_partitions(SALE, second, third) == {"2026-02"}
    assert lake.changed_partitions(SALE, first, third) == {"2026-01", "2026-02"}
    assert lake.changed_partitions(SALE, None, third) is None
    assert lake.changed_partitions(SALE, 99, third) is None


def test_a_version_that_is_not_there_is_not_found(lake, engine, rows):
    lake.append(SALE, rows(A1), engine=engine)
    for version in (2, -1):
        with pytest.raises(NotFound, match=f"sale has no version {version}; latest: 1"):
            lake.files(SALE, version)


def test_a_column_declared_later_is_null_in_older_rows(lake, engine, rows):
    lake.append(SALE, rows(A1), engine=engine)
    later = changed(SALE, **SALE.columns, tier=Column("string", "Level."))
    sale = rows(A2)
    lake.append(later, sale.mutate(tier=sale.source), engine=engine)
    found = engine.run(lake.bind(engine, later).select("number", "tier").order_by("number"))
    assert found.to_pylist() == [{"number": 1, "tier": None}, {"number": 2, "tier": "till"}]
    assert as_others_read_it(lake, "number", "tier") == [(1, None), (2, "till")]


@pytest.mark.parametrize(
    ("column", "spelling"), [("tier", "!string"), ("net", "float64"), ("source", "int64")]
)
def test_rows_of_another_kind_are_not_written_beside_the_old(lake, engine, rows, column, spelling):
    lake.append(SALE, rows(A1), engine=engine)
    other = changed(SALE, **SALE.columns | {column: Column(spelling, "Changed.")})
    with pytest.raises(BadInput, match=f"written with other columns: {column}; replace it"):
        lake.append(other, rows(A2), engine=engine)


def test_a_table_replaced_as_a_whole_may_change_its_columns(lake, engine, rows):
    before = lake.append(SALE, rows(A1), engine=engine)
    other = changed(SALE, **SALE.columns | {"net": Column("!float64", "As a float.")})
    sale = rows(A2)
    lake.replace(other, sale.mutate(net=sale.net.cast("float64")), engine=engine)
    lake.append(other, sale.mutate(net=sale.net.cast("float64")), engine=engine)
    assert held(lake, engine, other) == [A2, A2]
    assert held(lake, engine, version=before) == [A1]


def test_any_reader_of_delta_tables_finds_the_same_rows(lake, engine, rows):
    lake.append(SALE, rows(A1, A2), engine=engine)
    lake.merge(SALE, rows(("till", 1, "a b/c%")), engine=engine)
    assert as_others_read_it(lake, "source", "number", "month") == [("till", 1, "a b/c%"), A2]


def test_another_process_sees_what_was_committed(lake, engine, rows):
    lake.append(SALE, rows(A1), engine=engine)
    assert held(Lake(lake.root), engine) == [A1]
