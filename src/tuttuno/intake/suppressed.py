"""Rows that speak of somebody who was erased or barred: found before anything of them is kept.

A row is kept out when its record, or an identifier that it shows, is barred, and what it tells
happened until then or at a time that it does not say. What she does later is somebody new.
"""

from collections.abc import Iterator

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from ibis.expr.types import TimestampValue

from tuttuno.intake.arrival import Arrival
from tuttuno.intake.intake import Intake
from tuttuno.intake.surrogates import Surrogates, surrogates_of, with_surrogates
from tuttuno.intake.vault_side import one, tables
from tuttuno.intake.who import kind_of, ties_of
from tuttuno.vault.suppressions import RECORD_TYPE, suppressed_keys

#: Columns that say when something was so, the best first.
_WHEN = ("sold_at", "at", "updated_at", "enrolled_at", "created_at")

_TIED = pa.schema([("record_key", pa.string()), ("type", pa.string()), ("key", pa.string())])
_UNTIL = pa.timestamp("us")


def suppressed_rows(arrival: Arrival, work: Intake) -> ibis.Table | None:
    """Return `row` of the good rows that are to be kept out; None where nobody is barred."""
    shape, engine = arrival.shape, work.engine
    if not (shape.who or shape.keys):
        return None
    with work.vault.read() as con:
        barred = suppressed_keys(con)
    if not barred.num_rows:
        return None
    until = barred["cutoff_at"].cast(pa.timestamp("us", "UTC")).cast(_UNTIL)
    barred = barred.select(["type", "key"]).append_column("until", until)
    found = surrogates_of(
        engine, arrival.placed, shape, key=work.key, scratch=arrival.scratch / "barred"
    )
    rows = with_surrogates(arrival.rows, shape, found)
    told = engine.bind("intake_barred", barred)
    when = _when(rows)
    hits = [
        _hits(rows, when, told.filter(told.type == kind_of(shape, raw).value), column)
        for column, raw in shape.keys.items()
    ]
    if shape.who:
        carried = engine.bind(
            "intake_carried", _until_by_record(rows, arrival, found, barred, work)
        )
        hits.append(_hits(rows, when, carried, "record_key"))
    return engine.keep("intake_suppressed", ibis.union(*hits, distinct=True))


def _when(rows: ibis.Table) -> TimestampValue:
    told = [rows[name] for name in _WHEN if name in rows.columns]
    return ibis.coalesce(*told) if told else ibis.null("timestamp(6)")


def _hits(rows: ibis.Table, when: TimestampValue, barred: ibis.Table, column: str) -> ibis.Table:
    """`row` of the rows whose key in a column is barred from a moment on that is not earlier."""
    asked = rows.select("row", own=rows[column], when=when)
    met = asked.inner_join(barred.select("key", "until"), asked.own == barred.key)
    return met.filter(met.when.isnull() | (met.when <= met.until)).select("row")


def _until_by_record(
    rows: ibis.Table, arrival: Arrival, found: Surrogates, barred: pa.Table, work: Intake
) -> pa.Table:
    """`key` of each record that is barred itself or shows what is barred, and until when."""
    cut = []
    for tied in _tied(rows, arrival, found, work):
        joined = tied.join(barred, ["type", "key"], join_type="inner")
        cut.append(joined.select(["record_key", "until"]))
    until = pa.concat_tables(cut).group_by("record_key").aggregate([("until", "max")])
    return until.select(["record_key", "until_max"]).rename_columns(["key", "until"])


def _tied(
    rows: ibis.Table, arrival: Arrival, found: Surrogates, work: Intake
) -> Iterator[pa.Table]:
    """Pairs of a record and what names it: itself, and each identifier that rows show."""
    engine, shape = work.engine, arrival.shape
    names = found.named.select("record_key").distinct()
    for part in tables(engine, names):
        keys = one(part["record_key"])
        kind = pa.repeat(pa.scalar(RECORD_TYPE), len(keys))
        yield pa.table([keys, kind, keys], schema=_TIED)
    for part in tables(engine, found.ties.distinct()):
        yield _pairs(part)
    if shape.vault_decides:
        shown = rows.select("record_key", "country_here", *shape.identifiers)
        for part in tables(engine, shown):
            keys = one(part["record_key"])
            yield _pairs(ties_of(part, shape, keys, work.key, columns=shape.identifiers))
    yield _TIED.empty_table()


def _pairs(ties: pa.Table) -> pa.Table:
    known = ties.filter(pc.is_valid(ties["value_key"]))
    found = known.select(["record_key", "type", "value_key"])
    return found.rename_columns(_TIED.names).cast(_TIED)
