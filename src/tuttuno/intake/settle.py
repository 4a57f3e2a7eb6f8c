"""The good rows of opened files to their places, the bad ones aside, the ledger closed."""

from collections.abc import Collection
from dataclasses import replace

import ibis

from tuttuno.clock import Clock
from tuttuno.engine.port import Engine
from tuttuno.intake.arrival import Arrival, Landed
from tuttuno.intake.aside import Bench, Fate, set_aside
from tuttuno.intake.clocks import clocks
from tuttuno.intake.faults import faults_of
from tuttuno.intake.intake import Intake
from tuttuno.intake.lake_side import land
from tuttuno.intake.layers import layers
from tuttuno.intake.ledger import LawBroken
from tuttuno.intake.mapping import Style
from tuttuno.intake.opened import Opened
from tuttuno.intake.people_side import land_consents, land_people
from tuttuno.intake.report import FileReport
from tuttuno.intake.rows import Places, in_utc, offsets_given, placed, skipped_rows
from tuttuno.intake.staged import Part
from tuttuno.intake.suppressed import suppressed_rows
from tuttuno.intake.tally import Tally, by_row
from tuttuno.intake.unknown import unknown_codes
from tuttuno.intake.versions import Verdict
from tuttuno.schema.exchange import CONSENTS
from tuttuno.schema.lake import STORE_SITE
from tuttuno.vault.batches import Counts, close_batch
from tuttuno.vault.vault import Connection


def settle(
    opened: Opened, source: str, work: Intake, clock: Clock, *, fate: Fate | None = None
) -> tuple[FileReport, ...]:
    """Keep the rows of files for good, and say of each file what became of it.

    Args:
        opened: The files.
        source: Who sent them.
        work: Where records go.
        clock: Tells when the batches end.
        fate: What becomes of bad rows; None: they are set aside.

    Raises:
        LawBroken: Rows are unaccounted for; the batches stay open.
    """
    arrival = _arrival(opened, source, work)
    barred = suppressed_rows(arrival, work)
    if barred is not None:
        arrival = arrival.without(barred)
    landed = replace(_land(arrival, work), suppressed=by_row(work.engine, barred, opened.staged))
    counts = _close(opened, landed, fate or _aside(opened, source, work), work, clock)
    strange = unknown_codes(arrival, work)
    older = _tally(work.engine, opened, landed, {Verdict.OLDER})
    return tuple(
        FileReport(
            source=source,
            table=opened.shape.table.name,
            file=str(part.found.path),
            batch=part.batch,
            counts=counts[part.batch],
            new_months=landed.months,
            notes=(
                *_notes(part, counts[part.batch], older[part.batch]),
                *strange.get(part.batch, ()),
            ),
        )
        for part in opened.staged.parts
    )


def _arrival(opened: Opened, source: str, work: Intake) -> Arrival:
    style = opened.file.style
    places = _places(work, style)
    layer = layers(work.engine)
    rows = layer("placed", placed(opened.rows, opened.shape, places))
    given = offsets_given(opened.staged, opened.shape, opened.takes)
    return Arrival(
        source=source,
        batches=tuple(part.batch for part in opened.staged.parts),
        shape=opened.shape,
        typed=opened.rows,
        placed=rows,
        rows=layer("utc", in_utc(rows, opened.shape, style.timezone, places, given)),
        scratch=opened.folder,
    )


def _places(work: Intake, style: Style) -> Places:
    stores = work.lake.bind(work.engine, STORE_SITE, name="intake_stores")
    named = work.engine.run(stores.select("timezone").distinct())["timezone"].to_pylist()
    zones = {work.settings.timezone, style.timezone, *named} - {"", None}
    return Places(
        stores=stores,
        timezone=work.settings.timezone,
        country=style.country or work.settings.country,
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


def _aside(opened: Opened, source: str, work: Intake) -> Fate:
    """Bad rows go into quarantine."""
    bench = Bench(
        staged=opened.staged,
        file=opened.file,
        takes=opened.takes,
        faults=faults_of(opened.rules),
        source=source,
        at=opened.at,
        key=work.key,
    )
    return lambda con, bad: set_aside(con, work.engine, bad, bench)


def _close(
    opened: Opened, landed: Landed, fate: Fate, work: Intake, clock: Clock
) -> dict[int, Counts]:
    met = _tally(work.engine, opened, landed, {Verdict.DUPLICATE, Verdict.OLDER})
    skipped = by_row(work.engine, skipped_rows(opened.staged, opened.file), opened.staged)
    bad = _all_bad(work.engine, opened, landed)
    with work.vault.begin() as con:
        landed.finish(con)
        became = fate(con, bad)
        counts = {
            part.batch: Counts(
                received=part.received - became.left.get(part.batch, 0),
                accepted=landed.accepted.get(part.batch, 0),
                duplicate=met[part.batch] + became.there.get(part.batch, 0),
                quarantined=became.placed.get(part.batch, 0),
                suppressed=landed.suppressed.get(part.batch, 0),
                rejected=skipped[part.batch],
            )
            for part in opened.staged.parts
        }
        _close_batches(con, opened.staged.parts, counts, clock)
    return counts


def _close_batches(
    con: Connection, parts: Collection[Part], counts: dict[int, Counts], clock: Clock
) -> None:
    for part in parts:
        if counts[part.batch].difference:
            raise LawBroken(str(part.found.path), counts[part.batch])
        close_batch(con, part.batch, counts[part.batch], clock())


def _tally(engine: Engine, opened: Opened, landed: Landed, verdicts: Collection[Verdict]) -> Tally:
    table = landed.verdicts
    if table is not None:
        table = table.filter(table.verdict.isin([verdict.value for verdict in verdicts]))
    return by_row(engine, table, opened.staged)


def _all_bad(engine: Engine, opened: Opened, landed: Landed) -> ibis.Table | None:
    """Rows that broke a rule, and rows that turned out bad when they met others."""
    parts = [] if opened.bad is None else [opened.bad]
    if landed.faults is not None:
        late = landed.faults
        place = (late.late + len(opened.rules)).cast("int16")
        parts.append(late.select("row", problem=place))
    return engine.keep("intake_all_bad", ibis.union(*parts)) if parts else None


def _notes(part: Part, counts: Counts, older: int) -> tuple[str, ...]:
    notes = []
    if counts.suppressed:
        notes.append(f"{counts.suppressed} rows speak of people who were erased, and are kept out")
    if older:
        notes.append(f"{older} rows are older than what is there, and count as duplicates")
    for reason, rows in part.refused.items():
        notes.append(f"{rows} rows are no records, and count as rejected: {reason}")
    if counts.rejected and not part.refused:
        notes.append(f"{counts.rejected} rows are no records by `skip`, and count as rejected")
    return tuple(notes)
