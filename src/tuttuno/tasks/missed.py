"""What a shop's webhooks had missed: documents of a pull that were new, or newer than what we had.

A document is new where nothing of it was in the lake before the pull; it is newer where it was,
and the pull brought other rows of it. One that changed within the last minutes is neither: what
tells of it may still be on its way.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

import ibis

from tuttuno.intake.intake import Intake
from tuttuno.intake.report import FileReport
from tuttuno.intake.sources.shop_pull import Fetched, Pulled, documents_of
from tuttuno.schema.keyed import record_key
from tuttuno.schema.lake import RECORD, SALE_LINE
from tuttuno.schema.table import Table

#: What changed this lately may still be told by a webhook, or wait to be taken in.
ON_ITS_WAY = timedelta(minutes=10)

#: Keys that are named; the counts are of all.
NAMED = 1_000


@dataclass(frozen=True, slots=True)
class Missed:
    """What one list of a shop had that we had not.

    Attributes:
        list: Its name: `orders`, `customers`.
        read: Documents that it has given.
        new: Of which we had nothing.
        newer: Of which we had an older version.
        new_ids: The first of their keys, as the shop has them.
        newer_ids: The same.
    """

    list: str
    read: int
    new: int
    newer: int
    new_ids: tuple[str, ...]
    newer_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What the lake held before a pull: the version of each table; None: it was never written."""

    intake: Intake
    versions: Mapping[str, int | None]

    def missed(self, fetched: Fetched, reports: Sequence[FileReport], at: datetime) -> Missed:
        """Compare what a pull has brought with what was there.

        Args:
            fetched: What was pulled; its file is still there.
            reports: What became of it.
            at: When it was pulled.
        """
        table, key = _table(fetched.listing.table)
        source = reports[0].source if reports else ""
        brought = self._brought(table, key, reports) if reports else {}
        named = partial(record_key, self.intake.key, source) if table is RECORD else str
        return _sorted(fetched, at, brought, named)

    def _brought(self, table: Table, key: str, reports: Sequence[FileReport]) -> dict[str, bool]:
        """Keys of the rows that came, each with whether the lake knew it before."""
        lake, engine = self.intake.lake, self.intake.engine
        if lake.version(table) is None:
            return {}
        rows = _of(lake.bind(engine, table, None, "missed_now"), key, reports[0].source)
        came = rows.filter(rows.batch.isin([each.batch for each in reports]))
        keys = came.select("key").distinct()
        before = self.versions[table.name]
        if before is None:
            found = keys.mutate(known=ibis.literal(value=False))
        else:
            old = _of(lake.bind(engine, table, before, "missed_before"), key, reports[0].source)
            there = old.select("key").distinct().mutate(known=ibis.literal(value=True))
            both = keys.left_join(there, "key")
            found = both.select(keys.key, known=there.known.fill_null(ibis.literal(value=False)))
        told = engine.run(found)
        return dict(zip(told["key"].to_pylist(), told["known"].to_pylist(), strict=True))


def known(intake: Intake) -> Known:
    """Remember what the lake holds now."""
    tables = (SALE_LINE, RECORD)
    return Known(intake, {each.name: intake.lake.version(each) for each in tables})


def _table(name: str) -> tuple[Table, str]:
    return (RECORD, "record_key") if name == "people" else (SALE_LINE, "sale_id")


def _of(rows: ibis.Table, key: str, source: str) -> ibis.Table:
    """Rows by the key of the document that tells them: a return belongs to the order it undoes."""
    told = rows[key]
    if "returns_sale_id" in rows.columns:
        told = rows.returns_sale_id.fill_null(rows.sale_id)
    return rows.filter(rows.source == source).select(told.name("key"), "batch")


def _sorted(
    fetched: Fetched, at: datetime, brought: Mapping[str, bool], named: Callable[[str], str]
) -> Missed:
    new: dict[str, None] = {}
    newer: dict[str, None] = {}
    read = 0
    for one in documents_of(fetched):
        read += 1
        was_there = brought.get(named(one.key))
        if was_there is not None and not _on_its_way(one, at):
            (newer if was_there else new)[one.key] = None
    name = fetched.listing.name
    return Missed(name, read, len(new), len(newer), _first(new), _first(newer))


def _on_its_way(one: Pulled, at: datetime) -> bool:
    return one.changed is not None and one.changed > at - ON_ITS_WAY


def _first(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(islice(keys, NAMED))
