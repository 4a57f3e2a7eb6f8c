"""Amounts and counts as they are written, read into exact decimals or not at all."""

import re
from decimal import Decimal

import ibis
import ibis.expr.datatypes as dt
from ibis.expr.types import BooleanValue, DecimalValue, StringValue, Value

from tuttuno.intake.mapping import Money, Style, Tax

#: Wide enough for any amount of ours and any unit price of theirs.
WIDE = dt.Decimal(18, 6)

_CURRENCY = r"\p{Sc}|^[A-Z]{3}\s|\s?[A-Z]{3}$|^[A-Z]{3}|\s|\x{00a0}|\x{202f}"


def amount(raw: Value, style: Style) -> DecimalValue:
    """Read an amount in the source's style; null where it is none.

    `"12,5O"`, `NaN` and `"1.5"` where the dot separates thousands are none.
    """
    wide = number(raw, style)
    if style.money is Money.MINOR:
        return (wide * ibis.literal(Decimal("0.01"), "decimal(3, 2)")).try_cast(WIDE)
    return wide


def number(raw: Value, style: Style) -> DecimalValue:
    """Read a plain number, e.g. a quantity, in the source's style; null where it is none.

    A text such as `1.776e-15` is how programs print a binary number, and is read as one: to six
    decimals.
    """
    kind = raw.type()
    if kind.is_string():
        bare = _undressed(raw, style)
        plain = _dotted(bare, style).try_cast(WIDE)
        return ibis.coalesce(plain, _printed(bare, style).try_cast("float64").try_cast(WIDE))
    if kind.is_decimal() or kind.is_integer():
        return raw.try_cast(WIDE)
    if kind.is_floating():
        finite = ~(raw.isnan() | raw.isinf())
        return ibis.ifelse(finite, raw, ibis.null(kind)).try_cast(WIDE)
    return ibis.null(WIDE)


def exact(value: DecimalValue, dtype: dt.Decimal) -> DecimalValue:
    """Narrow to the table's decimals; null where digits would be lost."""
    narrow = value.try_cast(dtype)
    return ibis.ifelse(narrow == value, narrow, ibis.null(dtype))


def rounded(value: DecimalValue, dtype: dt.Decimal) -> DecimalValue:
    """Round what was computed to the table's decimals, half away from zero."""
    return value.try_cast(dtype)


def untaxed(value: DecimalValue, tax: Tax, percent: DecimalValue | None) -> DecimalValue:
    """Take value added tax out of an amount; unknown where the rate is.

    The result is rounded to the cent, half away from zero.
    """
    if not tax.included:
        return value
    share = ibis.literal(tax.rate) if percent is None else percent.cast("float64") / 100
    net = value.cast("float64") / (1 + share)
    # A tie such as 0.13 / 1.04 = 0.125 may come out a hair below: no true quotient of cents
    # is that near to a tie without being one.
    return (net + net.sign() * 1e-9).round(2).try_cast("decimal(14, 2)").cast(WIDE)


def same_sign(left: Value, right: Value) -> BooleanValue:
    """True unless one is negative and the other positive, or nothing at all costs something.

    Args:
        left: The amount; zero goes with any quantity: a gift is one.
        right: The quantity.
    """
    return ((left >= 0) | (right < 0)) & ((left <= 0) | (right > 0))


def _undressed(text: StringValue, style: Style) -> StringValue:
    """Without currency, spaces and the accountant's ways to write minus."""
    if style.money is not Money.TEXT:
        return text.strip()
    bare = text.strip().re_replace(_CURRENCY, "")
    return bare.re_replace(r"^\((.*)\)$", r"-\1").re_replace(r"^(.+)-$", r"-\1")


def _printed(text: StringValue, style: Style) -> StringValue:
    """With a decimal dot and a power of ten; null where it is no such number."""
    point = re.escape(style.decimal)
    shape = rf"^[+-]?[0-9]{{1,12}}({point}[0-9]{{1,17}})?[eE][+-]?[0-9]{{1,2}}$"
    found = text.re_extract(shape, 0).nullif("")
    return found if style.decimal == "." else found.replace(style.decimal, ".")


def _dotted(text: StringValue, style: Style) -> StringValue:
    """With a decimal dot and nothing between thousands; null where it is no plain number.

    Programs that divide print twenty decimals; six of them are kept.

    Thousands stand in groups of three or not at all: `1.5` is none where the dot parts them.
    """
    point, apart = re.escape(style.decimal), re.escape(style.thousands)
    groups = rf"|[0-9]{{1,3}}({apart}[0-9]{{3}}){{1,3}}" if apart else ""
    shape = rf"^[+-]?([0-9]{{1,12}}{groups})({point}[0-9]{{1,20}})?$"
    plain = text.re_extract(shape, 0).nullif("")
    plain = plain.replace(style.thousands, "") if apart else plain
    return plain if style.decimal == "." else plain.replace(style.decimal, ".")
