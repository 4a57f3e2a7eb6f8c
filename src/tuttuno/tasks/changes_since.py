"""What of the mart is out of date: what the next build makes again."""

from datetime import timedelta

import ibis
import pyarrow as pa

from tuttuno.engine.port import Engine
from tuttuno.lake.store import Lake
from tuttuno.mart.changes import Changes
from tuttuno.schema.lake import LAKE, PICKUP, SALE_LINE
from tuttuno.schema.mart import MART
from tuttuno.vault.releases import Release

_A_DAY = timedelta(days=1)


def changes_since(
    before: Release, *, lake: Lake, engine: Engine, changed_records: pa.Array
) -> Changes | None:
    """Return what changed since a release; None when everything must be made again.

    A month is stale when its sale lines changed, or when a pick-up placed in it changed.
    Everything is made again when the mart in the lake is not the one that release published:
    a build was killed in between, or readers were taken back to an earlier release.
    """
    if any(lake.version(table) != before.tables.get(table.name) for table in MART):
        return None
    version = lake.version(SALE_LINE)
    sold = (
        frozenset[str]()
        if version is None
        else lake.changed_partitions(SALE_LINE, before.tables.get(SALE_LINE.name), version)
    )
    if sold is None:
        return None
    months = sold | _months_of_pickups(before, lake=lake, engine=engine)
    told = {table.name: lake.version(table) for table in LAKE}
    tables = {name for name, version in told.items() if version != before.tables.get(name)}
    return Changes(months, changed_records, frozenset(tables))


def _months_of_pickups(before: Release, *, lake: Lake, engine: Engine) -> frozenset[str]:
    """Months around the placing of every pick-up that this release has not seen as it is.

    A day is added on both sides: the month of a sale is local, the time of placing is UTC.
    """
    if lake.version(PICKUP) == before.tables.get(PICKUP.name):
        return frozenset()
    now = lake.bind(engine, PICKUP)
    then = (
        lake.bind(engine, PICKUP, version=before.tables.get(PICKUP.name), name="pickup_before")
        if PICKUP.name in before.tables
        else None
    )
    fresh = now if then is None else now.anti_join(then, [*PICKUP.grain, "batch"])
    days = [
        fresh.select(month=(fresh.placed_at + ibis.interval(days=shift)).strftime("%Y-%m"))
        for shift in (-_A_DAY.days, _A_DAY.days)
    ]
    return _months(engine, ibis.union(*days, distinct=True))


def _months(engine: Engine, rows: ibis.Table) -> frozenset[str]:
    return frozenset(engine.run(rows)["month"].to_pylist())
