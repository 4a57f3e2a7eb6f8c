"""Rows of a file as typed rows of an exchange table, with a note on what could not be read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.datatypes as dt
from ibis.expr.types import BooleanValue, DecimalValue, Value

from tuttuno.intake import money, times
from tuttuno.intake.columns import picked, raw_value, text_of
from tuttuno.intake.mapping import FileMapping, Style, Take
from tuttuno.intake.staged import ROW, looked_up
from tuttuno.schema.table import Column, Table

_NO = ibis.literal(False)

#: Amounts that contain tax where the net does.
_TAXED = ("net", "gross", "discount")


@dataclass(frozen=True, slots=True)
class Reading:
    """How one target column is read.

    Attributes:
        value: In the table's type; for moments the local time.
        unread: True where the source wrote something that is no such value.
        offset: For moments: seconds east of Greenwich, null where the source did not say.
    """

    value: Value
    unread: BooleanValue
    offset: Value | None = None


def read(rows: ibis.Table, file: FileMapping, takes: Mapping[str, Take]) -> ibis.Table:
    """Read every column of a table.

    Args:
        rows: As staged, with `extra`.
        file: How it is written.
        takes: Where each target comes from; an absent target is null.

    Returns:
        `row`, `extra`, each target, `NAME unread` for all that are not plain text, and
        `NAME offset` for moments.
    """
    columns: dict[str, Value] = {"row": rows[ROW], "extra": rows.extra}
    for name, column in file.table.columns.items():
        take = takes.get(name)
        if take is None:
            reading = _absent(column)
            if name == "vat" and file.style.tax.included and "net" in takes:
                reading = _tax_of(rows, takes["net"], file.style, columns["net"])
        else:
            reading = _read(rows, name, column, take, file.style)
        columns[name] = reading.value
        if not column.dtype.is_string():
            columns[f"{name} unread"] = reading.unread
        if reading.offset is not None:
            columns[f"{name} offset"] = reading.offset
    return rows.select(**columns)


def moments(table: Table) -> tuple[str, ...]:
    """The columns of a table that are moments."""
    return tuple(name for name, column in table.columns.items() if column.dtype.is_timestamp())


def _read(rows: ibis.Table, name: str, column: Column, take: Take, style: Style) -> Reading:
    raw = raw_value(rows, take, style, looked_up=looked_up(name))
    kind = column.dtype.copy(nullable=True)
    if kind.is_decimal():
        value = _decimal(rows, name, raw, take, style, kind)
        return Reading(value, raw.notnull() & value.isnull())
    if kind.is_timestamp():
        moment = times.moment(raw, style)
        return Reading(moment.local, raw.notnull() & moment.local.isnull(), moment.offset)
    value = _plain(raw, kind, style)
    return Reading(value, raw.notnull() & value.isnull())


def _absent(column: Column) -> Reading:
    offset = ibis.null("int32") if column.dtype.is_timestamp() else None
    return Reading(ibis.null(column.dtype.copy(nullable=True)), _NO, offset)


def _tax_of(rows: ibis.Table, net: Take, style: Style, untaxed: Value) -> Reading:
    """What was taken out of a price that contained tax."""
    raw = raw_value(rows, net, style, looked_up=looked_up("net"))
    whole = _amount(rows, raw, net, style, money.amount)
    return Reading(money.rounded(whole - untaxed, dt.Decimal(14, 2)), _NO)


def _plain(raw: Value, kind: dt.DataType, style: Style) -> Value:
    if kind.is_string():
        return _text(raw, style)
    if kind.is_date():
        return times.day(raw, style)
    if kind.is_boolean():
        return _boolean(raw)
    if kind.is_integer():
        return _integer(raw, kind)
    if kind.is_floating():
        return _float(raw, style)
    return _json(raw)


def _decimal(
    rows: ibis.Table, name: str, raw: Value, take: Take, style: Style, kind: dt.Decimal
) -> DecimalValue:
    reader = money.amount if kind.scale == 2 else money.number
    value = _amount(rows, raw, take, style, reader)
    if style.tax.included and name in _TAXED:
        column = style.tax.column
        percent = money.number(text_of(rows[column], style), style) if column else None
        return money.rounded(money.untaxed(value, style.tax, percent), kind)
    return money.rounded(value, kind) if take.times else money.exact(value, kind)


def _amount(
    rows: ibis.Table,
    raw: Value,
    take: Take,
    style: Style,
    reader: Callable[[Value, Style], DecimalValue],
) -> DecimalValue:
    """An amount with its factor and its sign, tax still in it."""
    value = reader(raw, style)
    if take.times:
        factor = money.number(text_of(rows[take.times], style), style)
        value = (value * factor).try_cast(money.WIDE)
    if take.negative:
        value = ibis.ifelse(picked(rows, take.negative, style), -value.abs(), value)
    return value


def _text(raw: Value, style: Style) -> Value:
    """Text as it is; numbers of a typed file in their shortest form (`7`, never `7.0`)."""
    kind = raw.type()
    if kind.is_string():
        return raw
    if kind.is_floating():
        whole = raw.try_cast("int64")
        text = ibis.ifelse(whole.cast("float64") == raw, whole.cast(str), raw.cast(str))
        return ibis.ifelse(raw.isnan(), ibis.null(str), text)
    return text_of(raw, style)


def _json(raw: Value) -> Value:
    """The text of a JSON document; null where it is none."""
    if raw.type().is_string():
        return ibis.ifelse(raw.try_cast("json").notnull(), raw, ibis.null(str))
    return raw.cast("json").cast(str)


def _boolean(raw: Value) -> BooleanValue:
    """`true` and `false` in any capitals, nothing else: a consent is never guessed."""
    if raw.type().is_boolean():
        return raw
    text = raw.cast(str).lower()
    return ibis.cases((text == "true", True), (text == "false", False))


def _integer(raw: Value, kind: dt.DataType) -> Value:
    if raw.type().is_string():
        text = raw.re_search(r"^[+-]?[0-9]{1,18}$")
        return ibis.ifelse(text, raw, ibis.null(str)).try_cast(kind)
    if raw.type().is_numeric():
        value = raw.try_cast(kind)
        return ibis.ifelse(value.cast(raw.type()) == raw, value, ibis.null(kind))
    return ibis.null(kind)


def _float(raw: Value, style: Style) -> Value:
    if raw.type().is_string():
        return money.number(raw, Style(decimal=style.decimal)).cast("float64")
    if not raw.type().is_numeric():
        return ibis.null("float64")
    value = raw.cast("float64")
    return ibis.ifelse(value.isnan() | value.isinf(), ibis.null("float64"), value)
