"""The good rows of an opened file to their places, the bad ones aside, the ledger closed."""

from collections.abc import Collection

import ibis

from tuttuno.clock import Clock
from tuttuno.engine.port import Engine
from tuttuno.intake.arrival import Arrival, Landed
from tuttuno.intake.aside import Bench, set_aside
from tuttuno.intake.clocks import clocks
from tuttuno.intake.faults import faults_of
from tuttuno.intake.intake import Intake
from tuttuno.intake.lake_side import land
from tuttuno.intake.layers import layers
from tuttuno.intake.ledger import LawBroken
from tuttuno.intake.opened import Opened
from tuttuno.intake.people_side import land_consents, land_people
from tuttuno.intake.report import FileReport
from tuttuno.intake.rows import Places, in_utc, offsets_given, placed
from tuttuno.intake.unknown import unknown_codes
from tuttuno.schema.exchange import CONSENTS
from tuttuno.schema.lake import STORE_SITE
from tuttuno.vault.batches import Counts, close_batch

#: Names that a file leaves behind in the engine.
_NAMES = (
    "intake_rows", "intake_bad", "intake_all_bad", "intake_named", "intake_ties",
    "intake_cardless", "intake_contested", "intake_verdicts", "intake_late", "intake_known",
    "intake_there", "intake_stores",
)  # fmt: skip


def settle(
    opened: Opened,
    batch: int,
    source: str,
    work: Intake,
    *,
    known: Collection[int],
    clock: Clock,
) -> FileReport:
    """Keep the rows of a file for good.

    Args:
        opened: The file.
        batch: Its number in the ledger.
        source: Who sent it.
        work: Where records go.
        known: Numbers of rows of this very file that are in quarantine already.
        clock: Tells when the batch ends.

    Raises:
        LawBroken: Rows are unaccounted for; the batch stays open.
    """
    arrival = _arrival(opened, batch, source, work)
    landed = _land(arrival, work)
    counts = _close(opened, arrival, landed, work, known=known, clock=clock)
    notes = _notes(opened, landed) + unknown_codes(arrival, work)
    for name in _NAMES:
        work.engine.drop(name)
    return FileReport(
        source=source,
        table=opened.shape.table.name,
        file=str(opened.found.path),
        batch=batch,
        counts=counts,
        new_months=landed.months,
        notes=notes,
    )


def _arrival(opened: Opened, batch: int, source: str, work: Intake) -> Arrival:
    style = opened.found.file.style
    places = _places(work, style.timezone)
    layer = layers(work.engine)
    rows = layer("placed", placed(opened.rows, opened.shape, places))
    given = offsets_given(opened.staged, opened.shape, opened.takes)
    return Arrival(
        found=opened.found,
        source=source,
        batch=batch,
        shape=opened.shape,
        typed=opened.rows,
        placed=rows,
        rows=layer("utc", in_utc(rows, opened.shape, style.timezone, places, given)),
        scratch=opened.folder,
    )


def _places(work: Intake, style_zone: str) -> Places:
    stores = work.lake.bind(work.engine, STORE_SITE, name="intake_stores")
    named = work.engine.run(stores.select("timezone").distinct())["timezone"].to_pylist()
    zones = {work.settings.timezone, style_zone, *named} - {"", None}
    return Places(
        stores=stores,
        timezone=work.settings.timezone,
        country=work.settings.country,
        clocks=clocks(work.engine, zones),
    )


def _land(arrival: Arrival, work: Intake) -> Landed:
    if arrival.shape.table is CONSENTS:
        return land_consents(arrival, work)
    if arrival.shape.vault_decides:
        return land_people(arrival, work)
    if arrival.shape.lake is None:
        raise ValueError(arrival.shape.table.name)
    return land(arrival, arrival.shape.lake, work)


def _close(
    opened: Opened,
    arrival: Arrival,
    landed: Landed,
    work: Intake,
    *,
    known: Collection[int],
    clock: Clock,
) -> Counts:
    bench = Bench(
        staged=opened.staged,
        file=opened.found.file,
        takes=opened.takes,
        faults=faults_of(opened.rules),
        batch=arrival.batch,
        source=arrival.source,
        name=str(opened.found.path),
        at=opened.at,
        key=work.key,
        known=known,
    )
    bad = _all_bad(work.engine, opened, landed)
    with work.vault.begin() as con:
        landed.finish(con)
        aside, there = set_aside(con, work.engine, bad, bench)
        counts = Counts(
            received=opened.received,
            accepted=landed.accepted,
            duplicate=landed.duplicate + there,
            quarantined=aside,
            rejected=opened.skipped,
        )
        if counts.difference:
            raise LawBroken(bench.name, counts)
        close_batch(con, arrival.batch, counts, clock())
    return counts


def _all_bad(engine: Engine, opened: Opened, landed: Landed) -> ibis.Table | None:
    """Rows that broke a rule, and rows that turned out bad when they met others."""
    parts = [] if opened.bad is None else [opened.bad]
    if landed.faults is not None:
        late = landed.faults
        place = (late.late + len(opened.rules)).cast("int16")
        parts.append(late.select("row", problem=place))
    return engine.keep("intake_all_bad", ibis.union(*parts)) if parts else None


def _notes(opened: Opened, landed: Landed) -> tuple[str, ...]:
    notes = []
    if landed.older:
        notes.append(f"{landed.older} rows are older than what is there, and count as duplicates")
    if opened.skipped:
        notes.append(f"{opened.skipped} rows are no records by `skip`, and count as rejected")
    return tuple(notes)
