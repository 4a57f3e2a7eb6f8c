"""How the mart is built: which months have to be made anew, and in which order of tables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ibis
import pyarrow as pa

from tuttuno.engine.port import Engine
from tuttuno.engine.semantics import loose
from tuttuno.lake.store import Lake
from tuttuno.mart.changes import Again, Changes, again, forget
from tuttuno.mart.interest import interest
from tuttuno.mart.model import Model
from tuttuno.mart.person import person
from tuttuno.mart.person_month import person_month
from tuttuno.mart.product_channel import product_channel
from tuttuno.mart.purchase import purchase
from tuttuno.mart.reach import reach
from tuttuno.mart.returns import return_origin
from tuttuno.mart.social import social
from tuttuno.mart.store import store
from tuttuno.progress import Progress, silent
from tuttuno.schema.lake import MEMBERSHIP, PICKUP, RECORD, SALE_LINE, STORE_SITE, TOUCH
from tuttuno.schema.mart import PERSON_OF_RECORD, PURCHASE
from tuttuno.schema.reach import RECORD_CONSENT, RECORD_CONTACT
from tuttuno.schema.table import Table

#: The tables of the mart, each after those that it reads.
MODELS: tuple[Model, ...] = (
    purchase,
    product_channel,
    person_month,
    person,
    store,
    reach,
    social,
    interest,
)

#: Raised whenever a model or a measure counts something else than before: what was built with
#: another number is not brought up to date but made from the start.
DEFINITIONS = 6

_READ = (SALE_LINE, PICKUP, RECORD, MEMBERSHIP, STORE_SITE, TOUCH)

_SAID = (RECORD_CONTACT, RECORD_CONSENT)

#: What the vault tells for one build.
TOLD = (PERSON_OF_RECORD, *_SAID)


@dataclass(frozen=True, slots=True)
class MartBuilt:
    """What a build of the mart wrote.

    Attributes:
        versions: The new version of each table.
        months: Months that were made again; None: all of them.
    """

    versions: Mapping[str, int]
    months: frozenset[str] | None


def build_mart(
    *,
    engine: Engine,
    lake: Lake,
    told: Callable[[str], pa.Table | None],
    versions: Mapping[str, int] | None = None,
    changes: Changes | None = None,
    progress: Progress = silent,
) -> MartBuilt:
    """Make the mart from the lake.

    Args:
        engine: Where it is computed.
        lake: Read from and written to.
        told: Returns what the vault tells, by the names of `TOLD`; None is taken as empty. It
            is asked when a model needs it, so that it can be gathered meanwhile.
        versions: The version of each table to read, so that what comes in meanwhile is left
            to the next build; None: the latest of all.
        changes: What changed since the mart in the lake was built; None: everything.
        progress: Told of each table.
    """
    seen = versions or {}
    tables = {table.name: lake.bind(engine, table, seen.get(table.name)) for table in _READ}
    tables[PERSON_OF_RECORD.name] = _bound(PERSON_OF_RECORD, told, engine)
    if changes is None:
        found, read = None, tables
        origin = return_origin.of(**tables)
        read[return_origin.name] = engine.keep(return_origin.name, origin)
    else:
        found = again(engine, tables, _former(PURCHASE, lake, engine), changes)
        read = dict(found.tables)
    written = {}
    for done, each in enumerate(MODELS):
        progress(each.name, done, len(MODELS))
        for table in each.reads:
            if table.name not in read:
                read[table.name] = _bound(table, told, engine)
        stale = changes is None or _stale(each, changes) or _said_anew(each, read, lake, engine)
        kept = None if stale else lake.version(each.table)
        written[each.name] = (
            _build(each, read, engine=engine, lake=lake, found=found) if kept is None else kept
        )
        read[each.name] = lake.bind(engine, each.table)
    forget(engine)
    for name in (*(each.name for each in TOLD), *(_former_name(each.table) for each in MODELS)):
        engine.drop(name)
    return MartBuilt(written, found.months if found else None)


def _bound(table: Table, told: Callable[[str], pa.Table | None], engine: Engine) -> ibis.Table:
    rows = told(table.name)
    return engine.bind(table.name, table.arrow.empty_table() if rows is None else rows)


def _stale(each: Model, changes: Changes) -> bool:
    """Return whether anything that a table is made of has changed."""
    return changes.touch([table.name for table in each.reads])


def _said_anew(each: Model, read: Mapping[str, ibis.Table], lake: Lake, engine: Engine) -> bool:
    """Return whether a table made of what the vault tells would be another by now.

    The vault has no versions, so such a table is made and compared; the lake's are not.
    """
    if lake.version(each.table) is None or not any(one in each.reads for one in _SAID):
        return False
    sides = [
        loose(rows).mutate(side=ibis.literal(side, "int64"))
        for rows, side in ((_former(each.table, lake, engine), 1), (each.of(**read), -1))
    ]
    both = ibis.union(*sides)
    differing = both.group_by(*each.table.columns).agg(left=both.side.sum())
    differing = differing.filter(differing.left != 0)
    return bool(engine.run(differing.agg(rows=differing.count()))["rows"][0].as_py())


def _former(table: Table, lake: Lake, engine: Engine) -> ibis.Table:
    """The table as it was last built, under a name of its own: the other will be bound anew."""
    return lake.bind(engine, table, name=_former_name(table))


def _former_name(table: Table) -> str:
    return f"former_{table.name}"


def _build(
    each: Model,
    tables: Mapping[str, ibis.Table],
    *,
    engine: Engine,
    lake: Lake,
    found: Again | None,
) -> int:
    if found is None or each.table.partition != ("month",):
        return lake.replace(each.table, each.of(**tables), engine=engine)
    parts = {
        name: found.renewed(table) if name == PURCHASE.name else table
        for name, table in tables.items()
    }
    kept = found.kept(_former(each.table, lake, engine))
    rows = loose(each.of(**parts)).union(loose(kept))
    return lake.replace(each.table, rows, engine=engine, partitions=found.months)
