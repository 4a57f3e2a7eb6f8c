"""Codes that rows use and no list explains: accepted, because a sale is a sale, and reported."""

import ibis

from tuttuno.engine.port import Engine
from tuttuno.intake.arrival import Arrival
from tuttuno.intake.intake import Intake
from tuttuno.schema.lake import PRODUCT, STORE_SITE

#: Column -> the table that explains its codes, and what one is called.
_LISTS = (
    ("product_id", PRODUCT, "product"),
    ("store_id", STORE_SITE, "store"),
)

#: Codes that are named as examples.
_EXAMPLES = 5


def unknown_codes(arrival: Arrival, work: Intake) -> tuple[str, ...]:
    """Say which codes of a file no product and no store has.

    A sale of an unknown product is never refused: its money is real, and the product list may
    come tomorrow. Until then it counts under its bare code.
    """
    notes = []
    for column, table, called in _LISTS:
        if column in arrival.typed.columns and table is not arrival.shape.lake:
            known = work.lake.bind(work.engine, table, name="intake_known")
            note = _note(work.engine, arrival.typed, known, column, called)
            notes += [note] if note else []
    return tuple(notes)


def _note(
    engine: Engine, rows: ibis.Table, known: ibis.Table, column: str, called: str
) -> str | None:
    used = rows.filter(rows[column].notnull()).group_by(column).agg(rows=lambda t: t.count())
    strange = used.anti_join(known, column).order_by(column)
    total = engine.run(strange.agg(codes=strange.count(), rows=strange["rows"].sum())).to_pylist()[
        0
    ]
    if not total["codes"]:
        return None
    shown = ", ".join(engine.run(strange.limit(_EXAMPLES))[column].to_pylist())
    more = ", …" if total["codes"] > _EXAMPLES else ""
    return f"{total['rows']} rows use {total['codes']} unknown {called} codes: {shown}{more}"
