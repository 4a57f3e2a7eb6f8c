"""How the mart is built: which months have to be made anew, and in which order of tables."""

from collections.abc import Collection, Mapping

import ibis
import pyarrow as pa

from tuttuno.engine.port import Engine
from tuttuno.lake.store import Lake
from tuttuno.mart.model import Model
from tuttuno.mart.person import person
from tuttuno.mart.person_month import person_month
from tuttuno.mart.product_channel import product_channel
from tuttuno.mart.purchase import purchase
from tuttuno.mart.returns import return_origin
from tuttuno.mart.store import store
from tuttuno.progress import Progress, silent
from tuttuno.schema.lake import MEMBERSHIP, PICKUP, RECORD, SALE_LINE, STORE_SITE
from tuttuno.schema.mart import PERSON_OF_RECORD

#: The tables of the mart, each after those that it reads.
MODELS: tuple[Model, ...] = (purchase, product_channel, person_month, person, store)

_READ = (SALE_LINE, PICKUP, RECORD, MEMBERSHIP, STORE_SITE)


def build_mart(
    *,
    engine: Engine,
    lake: Lake,
    person_of_record: pa.Table,
    versions: Mapping[str, int] | None = None,
    months: Collection[str] | None = None,
    progress: Progress = silent,
) -> dict[str, int]:
    """Make the mart from the lake, and return the new version of each table.

    Args:
        engine: Where it is computed.
        lake: Read from and written to.
        person_of_record: Which person each record is (`schema.mart.PERSON_OF_RECORD`).
        versions: The version of each table to read, so that what comes in meanwhile is left
            to the next build; None: the latest of all.
        months: Months in which sales, pick-ups or buyers changed, `YYYY-MM`; months with a
            return of what was sold in one of them are added. None: all.
        progress: Told of each table.
    """
    seen = versions or {}
    tables = {table.name: lake.bind(engine, table, seen.get(table.name)) for table in _READ}
    tables[PERSON_OF_RECORD.name] = engine.bind(PERSON_OF_RECORD.name, person_of_record)
    made = None if months is None else with_returns(engine, tables[SALE_LINE.name], months)
    origin = return_origin.of(**tables)
    tables[return_origin.name] = engine.keep(return_origin.name, origin)
    written = {}
    for done, each in enumerate(MODELS):
        progress(each.name, done, len(MODELS))
        written[each.name] = _build(each, tables, engine=engine, lake=lake, months=made)
        tables[each.name] = lake.bind(engine, each.table)
    engine.drop(return_origin.name)
    engine.drop(PERSON_OF_RECORD.name)
    return written


def with_returns(engine: Engine, sale_line: ibis.Table, months: Collection[str]) -> frozenset[str]:
    """Add the months with returns of what was sold in the given ones: their channel may change."""
    sold = sale_line.filter(sale_line.month.isin(sorted(months)), sale_line.quantity > 0)
    back = sale_line.filter(sale_line.quantity < 0, sale_line.returns_sale_id.notnull())
    touched = back.semi_join(sold, back.returns_sale_id == sold.sale_id)
    found = engine.run(touched.select("month").distinct())
    return frozenset(months) | frozenset(found.column("month").to_pylist())


def months_of(engine: Engine, sale_line: ibis.Table, record_keys: pa.Array) -> frozenset[str]:
    """Return the months in which any of these records bought: where a new identity shows."""
    changed = engine.bind("changed_record", pa.table({"record_key": record_keys}))
    bought = sale_line.semi_join(changed, "record_key").select("month").distinct()
    found = engine.run(bought)
    engine.drop("changed_record")
    return frozenset(found.column("month").to_pylist())


def _build(
    each: Model,
    tables: Mapping[str, ibis.Table],
    *,
    engine: Engine,
    lake: Lake,
    months: frozenset[str] | None,
) -> int:
    by_month = each.table.partition == ("month",)
    if months is None or not by_month:
        return lake.replace(each.table, each.of(**tables), engine=engine)
    parts = {
        name: table.filter(table.month.isin(sorted(months))) if "month" in table.columns else table
        for name, table in tables.items()
    }
    rows = each.of(**parts)
    return lake.replace(each.table, rows, engine=engine, partitions=months)
