"""Rows of what happened on their way into the lake, where it is decided which are new."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import ibis
from ibis.expr.types import IntegerScalar

from tuttuno.engine.port import Engine
from tuttuno.intake.arrival import Arrival, Landed
from tuttuno.intake.faults import CONFLICT, LATE, NO_CARD, Fault
from tuttuno.intake.intake import Intake
from tuttuno.intake.lake_rows import lake_rows
from tuttuno.intake.layers import layers
from tuttuno.intake.surrogates import Surrogates, surrogates_of, with_surrogates
from tuttuno.intake.tally import by_batch
from tuttuno.intake.vault_side import keep_attributes, keep_evidence
from tuttuno.intake.versions import Verdict, Verdicts, contested, fingerprint, judge
from tuttuno.schema.table import Table

#: As whom the lake remembers to have been given a batch.
ADDED, CORRECTED = "intake", "intake-corrections"


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Rows in the shape of the lake, sorted by what is to be done with them."""

    ready: ibis.Table
    verdicts: Verdicts | None
    faults: ibis.Table | None

    def count(self, verdict: Verdict) -> int:
        return self.verdicts.counts.get(verdict, 0) if self.verdicts else 0

    def kept(self, rows: ibis.Table) -> ibis.Table:
        """Rows that are new, or replace what is there."""
        if self.verdicts is None:
            return rows
        table = self.verdicts.table
        return rows.anti_join(table.filter(table.verdict != Verdict.CORRECTION.value), "row")

    @property
    def fresh(self) -> ibis.Table:
        """Rows that nobody has met."""
        return self.ready.anti_join(self.verdicts.table, "row") if self.verdicts else self.ready

    @property
    def corrections(self) -> ibis.Table | None:
        """Rows that replace what is there."""
        if self.verdicts is None or not self.count(Verdict.CORRECTION):
            return None
        table = self.verdicts.table
        return self.ready.semi_join(table.filter(table.verdict == Verdict.CORRECTION.value), "row")


def land(arrival: Arrival, lake_table: Table, work: Intake) -> Landed:
    """Take rows into the lake; before that, what they say of persons into the vault."""
    shape, engine = arrival.shape, work.engine
    found = surrogates_of(engine, arrival.placed, shape, key=work.key, scratch=arrival.scratch)
    layer = layers(engine)
    rows = layer("keyed", with_surrogates(arrival.rows, shape, found))
    cardless = _cardless(engine, rows, lake_table)
    if cardless is not None:
        rows = rows.anti_join(cardless, "row")
    ready = layer("ready", lake_rows(rows, shape, lake_table))
    verdicts = _verdicts(arrival, ready, lake_table, work)
    settled = _Sorted(ready, verdicts, _faults(engine, cardless, verdicts))
    found = _trusted(arrival, settled, found, work)
    # The vault keeps one core busy and the lake the others; the lake's files count only once
    # the vault has its part.
    with ThreadPoolExecutor(1) as beside:
        kept = beside.submit(_keep_in_vault, arrival, rows, settled, found, work)

        def first() -> None:
            work.rests()
            kept.result()

        return _write(lake_table, settled, arrival, work, first=first)


def _cardless(engine: Engine, rows: ibis.Table, lake_table: Table) -> ibis.Table | None:
    """Rows whose card cannot be compared, where the table is about cards."""
    if "card_key" not in lake_table.required:
        return None
    lacking = rows.filter(rows.card_key.isnull()).select("row", late=_late(NO_CARD))
    kept = engine.keep("intake_cardless", lacking)
    return kept if engine.run(kept.limit(1)).num_rows else None


def _verdicts(
    arrival: Arrival, ready: ibis.Table, lake_table: Table, work: Intake
) -> Verdicts | None:
    """Judge the rows that meet others of their grain; None when there are none."""
    engine, grain = work.engine, lake_table.grain
    known = work.lake.bind(engine, lake_table, name="intake_known")
    # The key columns of the file alone, where no surrogate is among them: far less to read.
    narrow = arrival.typed if set(grain) <= set(arrival.typed.columns) else ready
    keys = _as_in_lake(narrow, lake_table)
    met = contested(
        engine,
        "intake_contested",
        keys.select(grain=fingerprint(keys, grain)),
        known.select(grain=fingerprint(known, grain)),
    )
    if met is None:
        return None
    content = [name for name in lake_table.columns if name != "batch"]

    def contest(rows: ibis.Table) -> ibis.Table:
        marked = rows.mutate(
            grain=fingerprint(rows, grain),
            content=fingerprint(rows, content),
            updated_at=rows.updated_at
            if "updated_at" in rows.columns
            else ibis.null("timestamp(6)"),
        )
        return marked.semi_join(met, "grain")

    columns = [*grain, "content", "updated_at"]
    return judge(
        engine,
        "intake_verdicts",
        contest(ready).select("row", *columns),
        contest(known).select(*columns),
        key=grain,
    )


def _as_in_lake(rows: ibis.Table, lake_table: Table) -> ibis.Table:
    """The key columns in the types that the lake has, so that fingerprints agree."""
    return rows.select(
        **{name: rows[name].cast(lake_table.columns[name].dtype) for name in lake_table.grain}
    )


def _faults(
    engine: Engine, cardless: ibis.Table | None, verdicts: Verdicts | None
) -> ibis.Table | None:
    parts = [] if cardless is None else [cardless]
    if verdicts is not None and verdicts.counts.get(Verdict.CONFLICT):
        table = verdicts.table
        conflicts = table.filter(table.verdict == Verdict.CONFLICT.value)
        parts.append(conflicts.select("row", late=_late(CONFLICT)))
    return engine.keep("intake_late", ibis.union(*parts)) if parts else None


def _late(fault: Fault) -> IntegerScalar:
    return ibis.literal(LATE.index(fault), "int16")


def _trusted(arrival: Arrival, settled: _Sorted, found: Surrogates, work: Intake) -> Surrogates:
    """Leave out what rows at fault say of persons."""
    if settled.faults is None or not arrival.shape.who:
        return found
    trusted = arrival.placed.anti_join(settled.faults, "row")
    folder = arrival.scratch / "trusted"
    return surrogates_of(work.engine, trusted, arrival.shape, key=work.key, scratch=folder)


def _keep_in_vault(
    arrival: Arrival, rows: ibis.Table, settled: _Sorted, found: Surrogates, work: Intake
) -> None:
    """Keep what rows say of persons, and what new ones say beyond."""
    with work.vault.begin() as con:
        if arrival.shape.who:
            keep_evidence(con, work.engine, found, arrival.batch)
        keep_attributes(con, work.engine, settled.kept(rows), arrival)


def _write(
    lake_table: Table,
    settled: _Sorted,
    arrival: Arrival,
    work: Intake,
    *,
    first: Callable[[], object],
) -> Landed:
    lake, engine, batch = work.lake, work.engine, arrival.batch
    version = lake.version(lake_table)
    columns = list(lake_table.columns)
    lake.append(
        lake_table,
        settled.fresh.select(columns),
        engine=engine,
        transaction=(ADDED, batch),
        first=first,
    )
    corrections = settled.corrections
    if corrections is not None:
        lake.merge(
            lake_table, corrections.select(columns), engine=engine, transaction=(CORRECTED, batch)
        )
    there = lake.bind(engine, lake_table, name="intake_known")
    return Landed(
        accepted=by_batch(engine, there.filter(there.batch.isin(list(arrival.batches)))),
        verdicts=settled.verdicts.table if settled.verdicts else None,
        faults=settled.faults,
        months=_months(lake_table, version, work),
    )


def _months(lake_table: Table, since: int | None, work: Intake) -> tuple[str, ...]:
    """The months that changed after a version; none for tables without months."""
    lake, now = work.lake, work.lake.version(lake_table)
    if "month" not in lake_table.partition or now is None or now == since:
        return ()
    changed = lake.changed_partitions(lake_table, since, now)
    if changed is None:
        rows = lake.bind(work.engine, lake_table, name="intake_known")
        changed = frozenset(work.engine.run(rows.select("month").distinct())["month"].to_pylist())
    return tuple(sorted(changed))
