"""Records and consents on their way into the vault, where it is decided which are new.

A record goes to the vault first and its traits to the lake after that; a run that dies in
between is completed from the vault (`ledger.settle_abandoned`). A record is tied to what its
source says of it now, and to whatever events have shown of it; so the order in which versions
arrive does not change the end.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from ibis.expr.types import StringValue

from tuttuno.engine.port import Engine
from tuttuno.intake.arrival import Arrival, Landed
from tuttuno.intake.faults import CONFLICT, LATE
from tuttuno.intake.intake import Intake
from tuttuno.intake.lake_rows import lake_rows
from tuttuno.intake.layers import layers
from tuttuno.intake.shapes import SHAPES
from tuttuno.intake.surrogates import Surrogates, surrogates_of, with_surrogates
from tuttuno.intake.tally import Tally, by_batch
from tuttuno.intake.vault_side import keep_attributes, keep_evidence, numbers, one, tables
from tuttuno.intake.versions import Verdict, Verdicts, contested, fingerprint, judge
from tuttuno.intake.who import ties_of
from tuttuno.schema.exchange import CONSENTS, PEOPLE
from tuttuno.schema.lake import RECORD
from tuttuno.vault.consents import consent_states, record_consents
from tuttuno.vault.identifiers import Origin, add_identifiers, set_identifiers
from tuttuno.vault.records import insert_records, record_states, replace_records
from tuttuno.vault.vault import Connection
from tuttuno.vocab import ContactChannel

#: As whom the lake remembers to have been given a batch.
ADDED = "intake"

_States = Callable[[Connection, pa.Array], pa.Table]

_NOTHING, _APART = "\x1e", "\x1f"
_DECISION = ("record_key", "purpose", "channel", "at")
_KEPT = ["record_key", "content", "batch"]
_RECORD_COLUMNS = [*_KEPT, "extra", *PEOPLE.columns]
_CONSENT_COLUMNS = [*_KEPT, *(name for name in CONSENTS.columns if name not in CONSENTS.grain[:2])]


def land_people(arrival: Arrival, work: Intake) -> Landed:
    """Take records in."""
    found = _surrogates(arrival, work)
    rows = layers(work.engine)("keyed", with_surrogates(arrival.rows, arrival.shape, found))
    rows = layers(work.engine)("marked", _marked(rows, PEOPLE.columns))
    states = _known(work, found, record_states)
    told = states.filter(pc.is_valid(states["content"])).drop_columns("record_no")
    verdicts = _judged(work.engine, rows, told, ("record_key",))
    kept = _kept(rows, verdicts)
    there = work.engine.bind("intake_there", states.select(["record_key"]))
    work.rests()
    with work.vault.begin() as con:
        for chunk in tables(work.engine, kept.anti_join(there, "record_key")):
            given = insert_records(con, chunk.select(_RECORD_COLUMNS))
            ties = _by_record(_ties(chunk, arrival, work), chunk, given)
            add_identifiers(con, ties, origin=Origin.RECORD)
        if states.num_rows:
            for chunk in tables(work.engine, kept.semi_join(there, "record_key")):
                replace_records(con, chunk.select(_RECORD_COLUMNS))
                set_identifiers(con, one(chunk["record_key"]), _ties(chunk, arrival, work))
    accepted = by_batch(work.engine, kept)
    if accepted:
        give_traits(lake_rows(kept, arrival.shape, RECORD), arrival.batch, work)
    return _landed(work.engine, verdicts, accepted)


def give_traits(rows: ibis.Table, batch: int, work: Intake) -> None:
    """Give the lake what it may know of records, in place of what it knew of them."""
    columns = list(RECORD.columns)
    work.lake.merge(RECORD, rows.select(columns), engine=work.engine, transaction=(ADDED, batch))


def land_consents(arrival: Arrival, work: Intake) -> Landed:
    """Take decisions in; all of them go to the vault, with the ledger."""
    found = _surrogates(arrival, work)
    rows = layers(work.engine)("keyed", with_surrogates(arrival.rows, arrival.shape, found))
    rows = rows.mutate(channel=rows.channel.fill_null(ContactChannel.ANY.value))
    rows = layers(work.engine)("marked", _marked(rows, CONSENTS.columns))
    verdicts = _judged(work.engine, rows, _known(work, found, consent_states), _DECISION)
    kept = _kept(rows, verdicts)
    landed = _landed(work.engine, verdicts, by_batch(work.engine, kept))
    work.rests()

    def finish(con: Connection) -> None:
        keep_evidence(con, work.engine, found, arrival.batch)
        for chunk in tables(work.engine, kept):
            record_consents(con, chunk.select(_CONSENT_COLUMNS))
        keep_attributes(con, work.engine, kept, arrival)

    return replace(landed, finish=finish)


def _surrogates(arrival: Arrival, work: Intake) -> Surrogates:
    return surrogates_of(
        work.engine, arrival.placed, arrival.shape, key=work.key, scratch=arrival.scratch
    )


def _marked(rows: ibis.Table, columns: Iterable[str]) -> ibis.Table:
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


def _landed(engine: Engine, verdicts: Verdicts | None, accepted: Tally) -> Landed:
    if verdicts is None:
        return Landed(accepted)
    faults, table = None, verdicts.table
    if verdicts.counts.get(Verdict.CONFLICT):
        conflicts = table.filter(table.verdict == Verdict.CONFLICT.value)
        late = ibis.literal(LATE.index(CONFLICT), "int16")
        faults = engine.keep("intake_late", conflicts.select("row", late=late))
    return Landed(accepted, verdicts=table, faults=faults)


def _ties(rows: pa.Table, arrival: Arrival, work: Intake) -> pa.Table:
    shape = SHAPES[PEOPLE.name]
    records = one(rows["record_key"])
    ties = ties_of(rows, shape, records, work.key, columns=shape.identifiers)
    return ties.append_column("batch", numbers(arrival.batch, ties))


def _by_record(ties: pa.Table, records: pa.Table, given: pa.Array) -> pa.Table:
    """Put ties in the order of the numbers that their records were given."""
    at = pc.index_in(one(ties["record_key"]), value_set=one(records["record_key"]))
    ties = ties.append_column("record_no", given.take(at))
    return ties.take(pc.sort_indices(ties, [("record_no", "ascending")]))
