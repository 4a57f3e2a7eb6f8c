"""Rows of a file as typed rows of an exchange table, with a note on what could not be read.

It goes in layers, each a table of its own: what one layer computes, the next one only names.
"""

from collections.abc import Callable, Mapping

import ibis
import ibis.expr.datatypes as dt
from ibis.expr.types import DecimalValue, Value

from tuttuno.intake import money, times
from tuttuno.intake.columns import picked, raw_value, text_of
from tuttuno.intake.layers import Layer
from tuttuno.intake.mapping import FileMapping, Style, Take
from tuttuno.intake.staged import BATCH, ROW, looked_up
from tuttuno.schema.table import Table

#: Amounts that contain tax where the net does.
_TAXED = ("net", "gross", "discount")
_RATE = " rate"


def read(
    rows: ibis.Table, file: FileMapping, takes: Mapping[str, Take], layer: Layer
) -> ibis.Table:
    """Read every column of a table.

    Args:
        rows: As staged, with `extra`.
        file: How it is written.
        takes: Where each target comes from; an absent target is null.
        layer: Gives each layer a name.

    Returns:
        `row`, `batch`, `extra`, each target, `NAME unread` for all that are not plain text
        (something was written, and it is no such value), and for moments, which are local times
        here, `NAME offset` in seconds east of Greenwich, null where the source did not say.
    """
    table, style = file.table, file.style
    raw = rows.select(
        row=rows[ROW],
        batch=rows[BATCH],
        extra=rows.extra,
        **_written(rows, takes, style),
        **_rate(rows, style),
    )
    raw = layer("raw", raw)
    half = layer("half", raw.mutate(**_half_read(raw, table, takes, style)))
    whole = layer("whole", half.mutate(**_whole(half, table, takes, style)))
    if style.tax.included and "net" in takes and "vat" not in takes:
        vat = money.rounded(whole[_wide("net")] - whole.net, dt.Decimal(14, 2))
        whole = whole.mutate(vat=vat)
    return layer(
        "typed",
        whole.select("row", "batch", "extra", *table.columns, **_marks(whole, table, takes)),
    )


def moments(table: Table) -> tuple[str, ...]:
    """The columns of a table that are moments."""
    return tuple(name for name, column in table.columns.items() if column.dtype.is_timestamp())


def _written(rows: ibis.Table, takes: Mapping[str, Take], style: Style) -> dict[str, Value]:
    """What the source wrote: of each target, what goes with it, and whether it is a return."""
    columns: dict[str, Value] = {}
    for name, take in takes.items():
        columns[_raw(name)] = raw_value(rows, take, style, looked_up=looked_up(name))
        if take.times:
            columns[_factor(name)] = money.number(text_of(rows[take.times], style), style)
        if take.minus:
            columns[_off(name)] = text_of(rows[take.minus], style)
        if take.negative:
            columns[_minus(name)] = picked(rows, take.negative, style)
        if take.zero:
            columns[_zero(name)] = picked(rows, take.zero, style)
    return columns


def _rate(rows: ibis.Table, style: Style) -> dict[str, Value]:
    column = style.tax.column
    return {_RATE: money.number(text_of(rows[column], style), style)} if column else {}


def _half_read(
    rows: ibis.Table, table: Table, takes: Mapping[str, Take], style: Style
) -> dict[str, Value]:
    """Amounts with tax still in them, local times; everything else as it is to be."""
    columns: dict[str, Value] = {}
    for name, column in table.columns.items():
        kind = column.dtype.copy(nullable=True)
        if name not in takes:
            columns[name] = ibis.null("string" if kind.is_json() else kind)
        elif kind.is_decimal():
            columns[_wide(name)] = _wide_amount(rows, name, takes[name], style, kind)
        elif kind.is_timestamp():
            columns[name], columns[_zone(name)] = times.moment(rows[_raw(name)], style)
        else:
            columns[name] = _plain(rows[_raw(name)], kind, style)
    return columns


def _wide_amount(
    rows: ibis.Table, name: str, take: Take, style: Style, kind: dt.Decimal
) -> DecimalValue:
    reader = money.amount if kind.scale == 2 else money.number
    value = reader(rows[_raw(name)], style)
    if take.times:
        value = (value * rows[_factor(name)]).try_cast(money.WIDE)
    if take.minus:
        off = rows[_off(name)]
        value = ibis.ifelse(off.isnull(), value, (value - reader(off, style)).try_cast(money.WIDE))
    if take.negative:
        value = ibis.ifelse(rows[_minus(name)], -value.abs(), value)
    if take.zero:
        value = ibis.ifelse(rows[_zero(name)], ibis.literal(0).cast(money.WIDE), value)
    return value


def _whole(
    rows: ibis.Table, table: Table, takes: Mapping[str, Take], style: Style
) -> dict[str, Value]:
    """Amounts as they are to be, and what the source said of its clock."""
    columns: dict[str, Value] = {}
    for name, column in table.columns.items():
        kind = column.dtype.copy(nullable=True)
        if kind.is_timestamp():
            said = rows[_zone(name)] if name in takes else ibis.null("int32")
            columns[f"{name} offset"] = times.seconds(said) if said.type().is_string() else said
        if kind.is_decimal() and name in takes:
            columns[name] = _amount(rows, name, takes[name], style, kind)
    return columns


def _amount(
    rows: ibis.Table, name: str, take: Take, style: Style, kind: dt.Decimal
) -> DecimalValue:
    value = rows[_wide(name)]
    if style.tax.included and name in _TAXED:
        percent = rows[_RATE] if style.tax.column else None
        return money.rounded(money.untaxed(value, style.tax, percent), kind)
    fits = money.rounded if take.times or take.round else money.exact
    return fits(value, kind)


def _marks(rows: ibis.Table, table: Table, takes: Mapping[str, Take]) -> dict[str, Value]:
    """What could not be read, and the offsets of moments."""
    marks: dict[str, Value] = {}
    for name, column in table.columns.items():
        if not column.dtype.is_string():
            missed = rows[_raw(name)].notnull() & rows[name].isnull() if name in takes else _NO
            marks[f"{name} unread"] = missed
        if column.dtype.is_timestamp():
            marks[f"{name} offset"] = rows[f"{name} offset"]
    return marks


def _plain(raw: Value, kind: dt.DataType, style: Style) -> Value:
    if kind.is_string():
        return _text(raw, style)
    if kind.is_date():
        return times.day(raw, style)
    readers: dict[bool, Callable[[Value], Value]] = {
        kind.is_boolean(): _boolean,
        kind.is_integer(): lambda value: _integer(value, kind),
        kind.is_floating(): lambda value: _float(value, style),
        kind.is_json(): _json,
    }
    return readers[True](raw)


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
    text = raw.cast(str)
    return ibis.ifelse(text.try_cast("json").notnull(), text, ibis.null(str))


def _boolean(raw: Value) -> Value:
    """`true` and `false` in any capitals, nothing else: a consent is never guessed."""
    if raw.type().is_boolean():
        return raw
    return raw.cast(str).lower().cases(("true", True), ("false", False))


def _integer(raw: Value, kind: dt.DataType) -> Value:
    if raw.type().is_string():
        return raw.re_extract(r"^[+-]?[0-9]{1,18}$", 0).nullif("").try_cast(kind)
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


def _raw(name: str) -> str:
    return f" raw {name}"


def _wide(name: str) -> str:
    return f" wide {name}"


def _zone(name: str) -> str:
    return f" zone {name}"


def _factor(name: str) -> str:
    return f" times {name}"


def _off(name: str) -> str:
    return f" off {name}"


def _zero(name: str) -> str:
    return f" zero {name}"


def _minus(name: str) -> str:
    return f" minus {name}"


_NO = ibis.literal(False)
