from decimal import Decimal

import ibis
import ibis.expr.datatypes as dt
import pyarrow as pa
import pytest

from tuttuno.engine.duckdb import DuckDBEngine
from tuttuno.intake.mapping import Money, Style, Tax
from tuttuno.intake.money import WIDE, amount, exact, rounded, same_sign, untaxed


@pytest.fixture(scope="module")
def engine():
    with_memory = DuckDBEngine(threads=1, memory="200MB")
    yield with_memory
    with_memory.close()


def values(engine, raw, build):
    table = engine.bind("raw", pa.table({"raw": raw}))
    return engine.run(table.select(value=build(table.raw)))["value"].to_pylist()


CENTS = dt.Decimal(14, 2)


def read(engine, texts, style):
    return values(
        engine, pa.array(texts, pa.string()), lambda raw: exact(amount(raw, style), CENTS)
    )


def test_the_exchange_format_has_a_dot_and_at_most_two_decimals(engine):
    texts = ["12.99", "-0.50", "+7", "12.990", "12.999", "12,99", "NaN", "inf", "", "12.9O"]
    money = [Decimal(text) for text in ("12.99", "-0.50", "7.00", "12.99")]
    assert read(engine, texts, Style()) == [*money, *[None] * 6]


def test_a_number_with_a_power_of_ten_is_read_as_the_binary_number_that_was_printed(engine):
    texts = ["1e3", "1.776e-15", "-1.25E+1", "3.0000000000000004e-1", "1.2345e1", "9.9e12", "1e99"]
    wanted = ["1000.00", "0.00", "-12.50", "0.30"]
    assert read(engine, texts, Style()) == [*map(Decimal, wanted), None, None, None]
    floats = pa.array([float(text) for text in texts])
    assert read(engine, texts, Style()) == values(
        engine, floats, lambda raw: exact(amount(raw, Style()), CENTS)
    )


def test_a_power_of_ten_needs_digits_on_both_sides_and_the_decimals_of_its_source(engine):
    assert read(engine, ["e3", "1e", "1e1e1", "1.5e+-1", "1,5e1"], Style()) == [None] * 5
    assert read(engine, ["1,5e1", "1.5e1"], Style(decimal=",")) == [Decimal("15.00"), None]


def test_an_amount_may_have_twelve_digits_before_the_dot_and_no_more(engine):
    assert read(engine, ["999999999999.99", "1000000000000"], Style()) == [
        Decimal("999999999999.99"),
        None,
    ]


def test_italian_amounts_have_a_comma_and_dots_between_thousands(engine):
    style = Style(decimal=",", thousands=".")
    texts = ["1.234,56", "1234,56", "1.234.567", "1.5", "1,234.56", "12.34,5", "-1.000,00"]
    assert read(engine, texts, style) == [
        Decimal("1234.56"),
        Decimal("1234.56"),
        Decimal("1234567.00"),
        None,
        None,
        None,
        Decimal("-1000.00"),
    ]


def test_a_decimal_comma_alone_refuses_the_dot(engine):
    assert read(engine, ["12,5", "12.5"], Style(decimal=",")) == [Decimal("12.50"), None]


def test_money_as_text_loses_its_dress_and_keeps_its_sign(engine):
    style = Style(money=Money.TEXT, thousands=",")
    texts = ["$2,899.99 ", "EUR 12.50", "12.50 EUR", "€ 3", "(4.20)", "4.20-", "$-1.00", "free"]
    wanted = ["2899.99", "12.50", "12.50", "3.00", "-4.20", "-4.20", "-1.00"]
    assert read(engine, texts, style) == [*map(Decimal, wanted), None]


def test_minor_units_are_hundredths(engine):
    assert read(engine, ["1299", "-5", "0.5"], Style(money=Money.MINOR)) == [
        Decimal("12.99"),
        Decimal("-0.05"),
        None,
    ]


def test_typed_numbers_are_taken_when_nothing_is_lost(engine):
    def build(raw):
        return exact(amount(raw, Style()), CENTS)

    floats = pa.array([12.1, 0.1 + 0.2, 12.123, float("nan"), float("inf"), 1e300])
    assert values(engine, floats, build) == [Decimal("12.10"), Decimal("0.30"), *[None] * 4]
    wide = pa.array([Decimal("1.50000"), Decimal("1.50500")], pa.decimal128(20, 5))
    assert values(engine, wide, build) == [Decimal("1.50"), None]
    assert values(engine, pa.array([7, -7]), build) == [Decimal("7.00"), Decimal("-7.00")]
    assert values(engine, pa.array([True]), build) == [None]


def test_what_is_computed_is_rounded_half_away_from_zero(engine):
    texts = pa.array(["2.345", "-2.345", "2.344"], pa.string())
    found = values(engine, texts, lambda raw: rounded(amount(raw, Style()), CENTS))
    assert found == [Decimal("2.35"), Decimal("-2.35"), Decimal("2.34")]


@pytest.mark.parametrize(
    ("with_tax", "rate", "net"),
    [
        ("122.00", 0.22, "100.00"),
        ("59.90", 0.22, "49.10"),
        pytest.param("0.13", 0.04, "0.13", id="tie: 0.125 is rounded up"),
        pytest.param("-0.13", 0.04, "-0.13", id="tie below zero"),
        ("10.00", 0.0, "10.00"),
    ],
)
def test_tax_is_taken_out_to_the_cent(engine, with_tax, rate, net):
    tax = Tax(included=True, rate=rate)
    raw = pa.array([with_tax])
    found = values(engine, raw, lambda raw: untaxed(amount(raw, Style()), tax, None))
    assert found == [Decimal(net)]


def test_tax_by_a_column_is_in_per_cent(engine):
    tax = Tax(included=True, column="iva")
    ten = ibis.literal(10).cast(WIDE)
    found = values(engine, pa.array(["11.00"]), lambda raw: untaxed(amount(raw, Style()), tax, ten))
    assert found == [Decimal("10.00")]


@pytest.mark.parametrize(
    ("net", "quantity", "agree"),
    [(5, 1, True), (-5, -1, True), (0, 1, True), (0, -1, True), (0, 0, True), (5, -1, False),
     (-5, 1, False), (5, 0, False), (-5, 0, False)],
)  # fmt: skip
def test_an_amount_has_the_sign_of_its_quantity(engine, net, quantity, agree):
    table = engine.bind("pair", pa.table({"net": [net], "quantity": [quantity]}))
    found = engine.run(table.select(agree=same_sign(table.net, table.quantity)))
    assert found["agree"].to_pylist() == [agree]
