"""Codes that rows use and no list explains: accepted, because a sale is a sale, and reported."""

from collections.abc import Iterator
from itertools import groupby

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


def unknown_codes(arrival: Arrival, work: Intake) -> dict[int, tuple[str, ...]]:
    """Say of each batch which of its codes no product and no store has.

    A sale of an unknown product is never refused: its money is real, and the product list may
    come tomorrow. Until then it counts under its bare code.
    """
    notes: dict[int, tuple[str, ...]] = {}
    for column, table, called in _LISTS:
        if column in arrival.typed.columns and table is not arrival.shape.lake:
            known = work.lake.bind(work.engine, table, name="intake_known")
            for batch, note in _told(work.engine, arrival.typed, known, column, called):
                notes[batch] = (*notes.get(batch, ()), note)
    return notes


def _told(
    engine: Engine, rows: ibis.Table, known: ibis.Table, column: str, called: str
) -> Iterator[tuple[int, str]]:
    used = rows.group_by("batch", column).agg(rows=rows.count())
    used = used.filter(used[column].notnull())
    strange = used.anti_join(known, column).order_by("batch", column)
    found = engine.run(strange).to_pylist()
    for batch, group in groupby(found, key=lambda each: each["batch"]):
        codes = list(group)
        shown = ", ".join(each[column] for each in codes[:_EXAMPLES])
        more = ", …" if len(codes) > _EXAMPLES else ""
        total = sum(each["rows"] for each in codes)
        yield batch, f"{total} rows use {len(codes)} unknown {called} codes: {shown}{more}"
