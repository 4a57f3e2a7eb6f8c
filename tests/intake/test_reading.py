from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.intake.project import Project, at
from tuttuno.schema.lake import SALE_LINE
from tuttuno.vault.batches import Counts

AT = at("2026-01-10T10:00")


def typed_sale(**changes):
    columns = {
        "source": pa.array(["till"]),
        "sale_id": pa.array(["R1"]),
        "line_no": pa.array([1], pa.int32()),
        "sold_at": pa.array([AT], pa.timestamp("us")),
        "channel": pa.array(["web"]),
        "product_id": pa.array(["P1"]),
        "quantity": pa.array([Decimal("1.000")], pa.decimal128(12, 3)),
        "net": pa.array([Decimal("10.00")], pa.decimal128(14, 2)),
        "currency": pa.array(["EUR"]),
    }
    return pa.table(columns | changes)


def take(project: Project, table: pa.Table):
    path = project.files / "sales_typed.parquet"
    pq.write_table(table, path)
    return project.take(path)[0]


def test_a_typed_moment_without_a_zone_is_on_the_clock_of_the_store(project: Project):
    take(project, typed_sale())
    assert project.rows(SALE_LINE, "sold_at") == [at("2026-01-10T09:00")]


def test_a_typed_moment_with_a_zone_is_that_moment(project: Project):
    aware = pa.array([datetime(2026, 1, 10, 23, 30, tzinfo=UTC)], pa.timestamp("ns", "UTC"))
    take(project, typed_sale(sold_at=aware))
    assert project.rows(SALE_LINE, "sold_at", "sold_on") == [
        (at("2026-01-10T23:30"), date(2026, 1, 11))
    ]


@pytest.mark.parametrize(
    ("column", "array"),
    [
        ("line_no", pa.array([1.0])),
        ("line_no", pa.array([1], pa.uint64())),
        ("line_no", pa.array(["1"])),
        ("sold_at", pa.array([AT], pa.timestamp("s"))),
        ("sold_at", pa.array(["2026-01-10T10:00"])),
        ("quantity", pa.array([1])),
        ("quantity", pa.array([1.0])),
        ("net", pa.array([10.0])),
        ("net", pa.array([Decimal("10.0000")], pa.decimal128(30, 4))),
        ("channel", pa.array(["web"]).dictionary_encode()),
        ("channel", pa.array(["web"], pa.large_string())),
    ],
)
def test_any_type_that_holds_the_value_will_do(project: Project, column, array):
    assert take(project, typed_sale(**{column: array})).counts == Counts(received=1, accepted=1)
    assert project.rows(SALE_LINE, "line_no", "sold_at", "quantity", "net", "channel") == [
        (1, at("2026-01-10T09:00"), Decimal("1.000"), Decimal("10.00"), "web")
    ]


@pytest.mark.parametrize(
    ("column", "array"),
    [
        ("line_no", pa.array([1.5])),
        ("line_no", pa.array([2**40])),
        ("line_no", pa.array([True])),
        ("sold_at", pa.array([20260110])),
        ("quantity", pa.array([0.12345])),
        ("net", pa.array([float("nan")])),
        ("net", pa.array([10.001])),
        ("net", pa.array([AT])),
    ],
)
def test_a_typed_value_that_does_not_fit_waits_in_quarantine(project: Project, column, array):
    assert take(project, typed_sale(**{column: array})).counts == Counts(received=1, quarantined=1)
    assert [(column, "type")] == [(each.column, each.rule) for each in project.quarantine()]


def test_numbers_that_are_names_lose_their_point(project: Project):
    take(project, typed_sale(product_id=pa.array([4711.0]), store_id=pa.array([float("nan")])))
    assert project.rows(SALE_LINE, "product_id", "store_id") == [("4711", None)]


def test_a_typed_row_in_quarantine_is_told_as_text(project: Project):
    take(project, typed_sale(currency=pa.array(["LIT"])))
    (kept,) = project.quarantine()
    assert kept.payload["sold_at"] == "2026-01-10 10:00:00"
    assert kept.payload["net"] == "10.00"


@pytest.mark.parametrize(
    ("array", "complaint"),
    [
        (pa.array([[1]]), "column 'note' is of type list<"),
        (pa.array([b"x"]), "column 'note' is of type binary"),
        (pa.array([Decimal(1)], pa.decimal256(60, 2)), "column 'note' has 60 digits"),
    ],
)
def test_a_column_that_is_no_plain_value_refuses_the_file(project: Project, array, complaint):
    assert complaint in take(project, typed_sale(note=array)).refused


def test_extra_columns_of_any_type_are_kept(project: Project):
    report = take(project, typed_sale(note=pa.array([1.5]), day=pa.array([date(2026, 1, 1)])))
    assert report.counts.accepted == 1
