"""Rows as the lake keeps them: surrogates for names, defaults spelt out, the batch they came in."""

import ibis
from ibis.expr.types import StringValue, Value

from tuttuno.intake.shapes import Shape
from tuttuno.schema.table import Table
from tuttuno.vocab import Channel, Handover


def lake_rows(rows: ibis.Table, shape: Shape, lake: Table) -> ibis.Table:
    """Return `row` and the columns of the lake table.

    Args:
        rows: Good rows with surrogates.
        shape: Of their exchange table.
        lake: Its part in the lake.
    """
    made = _made(rows, shape)
    columns = {}
    for name, column in lake.columns.items():
        kind = column.dtype.copy(nullable=True)
        told = rows[name] if name in rows.columns else ibis.null(kind)
        columns[name] = made.get(name, told).cast(kind)
    return rows.select(row=rows.row, **columns)


def _made(rows: ibis.Table, shape: Shape) -> dict[str, Value]:
    made: dict[str, Value] = {}
    if shape.day:
        made["sold_on"] = rows.local_day
        made["month"] = rows.local_day.strftime("%Y-%m")
    if "handover" in rows.columns:
        made["handover"] = _handover(rows)
    if "birth_date" in rows.columns:
        made["birth_year"] = rows.birth_date.year()
    return made


def _handover(rows: ibis.Table) -> StringValue:
    """Untold, goods from a store are carried and all others are delivered."""
    usual = ibis.ifelse(
        rows.channel == Channel.STORE.value,
        Handover.CARRIED.value,
        Handover.DELIVERED.value,
    )
    return rows.handover.fill_null(usual)
