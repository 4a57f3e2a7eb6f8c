"""Records and consents on their way into the vault, where it is decided which are new.

The lake gets its part of a record first and the vault its own last, in one transaction with the
ledger: until then the record is not there, and a killed run is done again over the same rows.
Every identifier that a source ever told of a record stays tied to it, whichever version was the
last: what was her address once still tells her from others, and the order of files is no matter.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from ibis.expr.types import StringValue
from sqlalchemy import Connection

from tuttuno.engine.port import Engine
from tuttuno.intake.arrival import Arrival, Landed
from tuttuno.intake.faults import CONFLICT, LATE
from tuttuno.intake.intake import Intake
from tuttuno.intake.lake_rows import lake_rows
from tuttuno.intake.surrogates import Surrogates, surrogates_of, with_surrogates
from tuttuno.intake.vault_side import (
    STUB,
    keep_attributes,
    keep_evidence,
    numbers,
    one,
    tables,
)
from tuttuno.intake.versions import Verdict, Verdicts, contested, fingerprint, judge
from tuttuno.schema.exchange import CONSENTS, PEOPLE
from tuttuno.schema.lake import RECORD
from tuttuno.vault.consents import consent_states, record_consents
from tuttuno.vault.records import insert_records, record_states, replace_records
from tuttuno.vocab import ContactChannel

_States = Callable[[Connection, pa.Array], pa.Table]

_NOTHING, _APART = "\x1e", "\x1f"
_DECISION = ("record_key", "purpose", "channel", "at")


def land_people(arrival: Arrival, work: Intake) -> Landed:
    """Take records in: traits into the lake now, the rest with the ledger."""
    found = _surrogates(arrival, arrival.placed, work)
    rows = _marked(with_surrogates(arrival.rows, arrival.shape, found), PEOPLE.columns)
    states = _known(work, found, record_states)
    told = states.filter(pc.not_equal(states["content"], STUB))
    verdicts = _judged(work.engine, rows, told.drop_columns("record_no"), ("record_key",))
    kept = _kept(rows, verdicts)
    accepted = _count(work.engine, kept)
    if accepted:
        traits = lake_rows(kept, arrival.shape, RECORD, arrival.batch).drop("row")
        work.lake.merge(RECORD, traits, engine=work.engine)
    landed = _landed(work.engine, verdicts, accepted)
    evidence = _trusted(arrival, landed, found, work)
    there = work.engine.bind("intake_there", states.select(["record_key"]))

    def finish(con: Connection) -> None:
        for chunk in tables(work.engine, kept.anti_join(there, "record_key")):
            insert_records(con, _record_rows(chunk, arrival.batch))
        for chunk in tables(work.engine, kept.semi_join(there, "record_key")):
            replace_records(con, _record_rows(chunk, arrival.batch))
        keep_evidence(con, work.engine, evidence, arrival.batch)

    return replace(landed, finish=finish)


def land_consents(arrival: Arrival, work: Intake) -> Landed:
    """Take decisions in; all of them go to the vault, with the ledger."""
    found = _surrogates(arrival, arrival.placed, work)
    rows = with_surrogates(arrival.rows, arrival.shape, found)
    rows = rows.mutate(channel=rows.channel.fill_null(ContactChannel.ANY.value))
    rows = _marked(rows, CONSENTS.columns)
    verdicts = _judged(work.engine, rows, _known(work, found, consent_states), _DECISION)
    kept = _kept(rows, verdicts)
    landed = _landed(work.engine, verdicts, _count(work.engine, kept))
    evidence = _trusted(arrival, landed, found, work)

    def finish(con: Connection) -> None:
        keep_evidence(con, work.engine, evidence, arrival.batch)
        for chunk in tables(work.engine, kept):
            record_consents(con, _consent_rows(chunk, arrival.batch))
        keep_attributes(con, work.engine, kept, arrival)

    return replace(landed, finish=finish)


def _surrogates(arrival: Arrival, rows: ibis.Table, work: Intake, part: str = "all") -> Surrogates:
    folder = arrival.scratch / part
    return surrogates_of(work.engine, rows, arrival.shape, key=work.key, scratch=folder)


def _trusted(arrival: Arrival, landed: Landed, found: Surrogates, work: Intake) -> Surrogates:
    """What was found out, without what rows at fault say."""
    if landed.faults is None:
        return found
    return _surrogates(arrival, arrival.placed.anti_join(landed.faults, "row"), work, "trusted")


def _marked(rows: ibis.Table, columns: Sequence[str]) -> ibis.Table:
    """Add `content`, a hash of all that the source said."""
    return rows.mutate(content=_digest(rows, [*columns, "extra"]))


def _digest(rows: ibis.Table, columns: Sequence[str]) -> StringValue:
    texts = [rows[name].cast(str).fill_null(_NOTHING) for name in columns]
    return ibis.literal(_APART).join(texts).hexdigest("sha256")


def _known(work: Intake, found: Surrogates, states: _States) -> pa.Table:
    """The vault's state of every record that the file names."""
    keys = found.named.select("record_key").distinct()
    with work.vault.read() as con:
        none = states(con, pa.array([], pa.string()))
        parts = [states(con, one(part["record_key"])) for part in tables(work.engine, keys)]
    return pa.concat_tables([none, *parts])


def _judged(
    engine: Engine, rows: ibis.Table, known: pa.Table, key: Sequence[str]
) -> Verdicts | None:
    there = engine.bind("intake_known", known)
    met = contested(
        engine,
        "intake_contested",
        rows.select(grain=fingerprint(rows, key)),
        there.select(grain=fingerprint(there, key)),
    )
    if met is None:
        return None
    columns = [*key, "content", "updated_at"]
    twins = rows.mutate(grain=fingerprint(rows, key)).semi_join(met, "grain")
    others = there.mutate(grain=fingerprint(there, key)).semi_join(met, "grain")
    return judge(
        engine, "intake_verdicts", twins.select("row", *columns), others.select(*columns), key=key
    )


def _kept(rows: ibis.Table, verdicts: Verdicts | None) -> ibis.Table:
    """Rows that are new, or replace what is there."""
    if verdicts is None:
        return rows
    table = verdicts.table
    return rows.anti_join(table.filter(table.verdict != Verdict.CORRECTION.value), "row")


def _landed(engine: Engine, verdicts: Verdicts | None, accepted: int) -> Landed:
    if verdicts is None:
        return Landed(accepted, 0)
    older = verdicts.counts.get(Verdict.OLDER, 0)
    faults = None
    if verdicts.counts.get(Verdict.CONFLICT):
        table = verdicts.table
        conflicts = table.filter(table.verdict == Verdict.CONFLICT.value)
        late = ibis.literal(LATE.index(CONFLICT), "int16")
        faults = engine.keep("intake_late", conflicts.select("row", late=late))
    duplicate = verdicts.counts.get(Verdict.DUPLICATE, 0) + older
    return Landed(accepted, duplicate, older=older, faults=faults)


def _count(engine: Engine, rows: ibis.Table) -> int:
    counted: int = engine.run(rows.agg(rows=rows.count()))["rows"][0].as_py()
    return counted


def _record_rows(rows: pa.Table, batch: int) -> pa.Table:
    columns = ["record_key", "content", "extra", *PEOPLE.columns]
    return rows.select(columns).append_column("batch", numbers(batch, rows))


def _consent_rows(rows: pa.Table, batch: int) -> pa.Table:
    columns = [
        "record_key",
        "content",
        *(n for n in CONSENTS.columns if n not in CONSENTS.grain[:2]),
    ]
    return rows.select(columns).append_column("batch", numbers(batch, rows))
