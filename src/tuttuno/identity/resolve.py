"""One identity run: look at the records, tell the persons apart, keep the outcome in one step."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from tuttuno.clock import Clock, utc_now
from tuttuno.identity.cluster import Clusters, clusters_of, limits_of
from tuttuno.identity.evidence import Flags, Ints
from tuttuno.identity.gather import Picture, around, everything
from tuttuno.identity.ids import NOBODY, Carried, carry
from tuttuno.identity.profile import Rules, ValueClass
from tuttuno.identity.registry import KINDS, IdentitySettings
from tuttuno.progress import Progress, silent
from tuttuno.schema.mart import PERSON_OF_RECORD
from tuttuno.vault import persons, runs
from tuttuno.vault.block_keys import put_block_keys
from tuttuno.vault.counters import last_change
from tuttuno.vault.person_events import PersonEventKind, append_events
from tuttuno.vault.persons import PersonStatus
from tuttuno.vault.records import read_records
from tuttuno.vault.vault import Connection, Vault

_STEPS = 3


@dataclass(frozen=True, slots=True)
class IdentityRun:
    """The receipt of a run.

    Attributes:
        run_no: Its number, larger than every one before.
        records: Records looked at.
        persons: Persons that those records are.
        changed_records: `record_key` of the records that came to another person; None after
            a full run, where it may be all of them.
        metrics: What was found, by name; kept with the run.
    """

    run_no: int
    records: int
    persons: int
    changed_records: pa.Array | None
    metrics: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a run has read and found out, before anything is written.

    Attributes:
        record_no: The records that were told apart.
        first: Position in them of the first record of the same person.
        former: The person each of them had so far.
    """

    picture: Picture
    clusters: Clusters
    record_no: Ints
    first: Ints
    former: Ints
    change: int
    full: bool


def resolve(
    vault: Vault,
    *,
    settings: IdentitySettings,
    full: bool = False,
    clock: Clock = utc_now,
    progress: Progress = silent,
) -> IdentityRun:
    """Bring the persons up to date with the records.

    Looks only at what records that changed since the last run can touch, unless `full` or
    unless the settings have changed; the outcome is the same. Everything is read from one
    state of the vault; what arrives meanwhile is left for the next run. The outcome is
    written in one transaction: a run that is killed leaves the persons as they were.

    Raises:
        Unavailable: The vault did not answer; safe to run again.
    """
    progress("identity", 0, _STEPS)
    with vault.read() as con:
        reading = _read(con, settings, full=full)
    progress("identity", 1, _STEPS)
    carried = carry(reading.former, reading.first)
    metrics = _metrics(reading, carried)
    progress("identity", 2, _STEPS)
    with vault.begin() as con:
        run_no = _write(con, reading, carried, settings.config_hash, metrics, clock())
    progress("identity", _STEPS, _STEPS)
    moved = None if reading.full else _keys(vault, reading.record_no[_moved(reading, carried)])
    return IdentityRun(run_no, metrics["records"], metrics["persons"], moved, metrics)


def person_of_record(vault: Vault) -> pa.Table:
    """Return the person of every record, as `schema.mart.PERSON_OF_RECORD`."""
    with vault.read() as con:
        found = persons.current_membership(con)
    return found.select(PERSON_OF_RECORD.arrow.names).cast(PERSON_OF_RECORD.arrow)


def changed_since(vault: Vault, run_no: int) -> pa.Array:
    """Return the `record_key` of every record that came to another person after a run."""
    with vault.read() as con:
        return persons.moved_since(con, run_no)


def _read(con: Connection, settings: IdentitySettings, *, full: bool) -> _Reading:
    rules = Rules.of(settings)
    last = runs.last_run(con)
    again = last is None or full or last.config_hash != settings.config_hash
    since = 0 if last is None or last.config_hash != settings.config_hash else last.change
    if again:
        picture = everything(con, rules, since=since)
        held = persons.membership_numbers(con)
    else:
        changed = _numbers(read_records(con, ("record_no",), since_seq=since)["record_no"])
        picture = around(con, rules, changed)
        core = pa.array(picture.evidence.record_no[picture.core])
        held = persons.membership_numbers(con, record_nos=core)
    evidence = picture.evidence
    limits = limits_of(evidence, picture.profile, rules, settings.largest_person)
    clusters = clusters_of(evidence, picture.ties, limits, rules, picture.judge)
    record_no = evidence.record_no[picture.core]
    # no tie leads out of the core, so the first of a person is in it as well
    place = np.cumsum(picture.core) - 1
    return _Reading(
        picture=picture,
        clusters=clusters,
        record_no=record_no,
        first=place[clusters.first[picture.core]],
        former=_former(record_no, held),
        change=last_change(con),
        full=again,
    )


def _former(record_no: Ints, held: pa.Table) -> Ints:
    """The person that each record had so far."""
    number, person = _numbers(held["record_no"]), _numbers(held["person_id"])
    place = np.searchsorted(record_no, number)
    here = place < len(record_no)
    here[here] = record_no[place[here]] == number[here]
    former = np.full(len(record_no), NOBODY, dtype=np.int64)
    former[place[here]] = person[here]
    return former


def _moved(reading: _Reading, carried: Carried) -> Flags:
    found: Flags = carried.person != reading.former
    return found


def _keys(vault: Vault, record_nos: Ints) -> pa.Array:
    with vault.read() as con:
        rows = read_records(con, ("record_key",), record_nos=pa.array(record_nos))
    return rows["record_key"].combine_chunks()


def _metrics(reading: _Reading, carried: Carried) -> dict[str, Any]:
    picture, clusters = reading.picture, reading.clusters
    first = reading.first
    values = picture.evidence.values
    refused: dict[str, dict[str, int]] = {}
    for kind, klass in ((kind, klass) for kind in range(len(KINDS)) for klass in ValueClass):
        found = int(((values.kind == kind) & (picture.profile.klass == klass)).sum())
        if found and klass is not ValueClass.PERSONAL:
            refused.setdefault(str(KINDS[kind]), {})[klass.name.lower()] = found
    return {
        "full": reading.full,
        "records": len(first),
        "persons": len(np.unique(first)),
        "largest": int(np.unique(first, return_counts=True)[1].max(initial=0)),
        "ties": len(picture.ties),
        "ties_refused": int(clusters.refused.sum()),
        "contested_groups": clusters.contested,
        "values": refused,
        "created": len(carried.made),
        "merged": len(carried.gone),
        "split": len(carried.parted),
        "moved": int(_moved(reading, carried).sum()),
    }


def _write(
    con: Connection,
    reading: _Reading,
    carried: Carried,
    config_hash: str,
    metrics: Mapping[str, Any],
    at: datetime,
) -> int:
    run_no = runs.open_run(con, config_hash=config_hash, change=reading.change, at=at)
    if len(carried.made):
        made = persons.create_persons(con, len(carried.made), at)
        carried = carried.numbered(made[0].as_py())
    if reading.picture.residences.num_rows:
        put_block_keys(con, reading.picture.residences)
    moved = _moved(reading, carried)
    if moved.any():
        persons.apply_membership(con, _moves(reading, carried, moved), run_no)
    if len(carried.gone):
        persons.change_persons(con, _merges(carried))
    events = _events(carried)
    if events.num_rows:
        append_events(con, events, run=run_no, at=at)
    runs.close_run(con, run_no, metrics=metrics)
    return run_no


def _moves(reading: _Reading, carried: Carried, moved: Flags) -> pa.Table:
    former = reading.former[moved]
    cause = np.where(np.isin(former, carried.gone), "merged", "split")
    cause = np.where(former == NOBODY, "created", cause)
    return pa.table(
        {
            "record_no": pa.array(reading.record_no[moved]),
            "person_id": pa.array(carried.person[moved]),
            "cause": pa.array(cause.tolist(), pa.string()),
        }
    )


def _merges(carried: Carried) -> pa.Table:
    return pa.table(
        {
            "person_id": pa.array(carried.gone),
            "status": pa.array([PersonStatus.MERGED.value] * len(carried.gone), pa.string()),
            "merged_into": pa.array(carried.into),
        }
    )


def _events(carried: Carried) -> pa.Table:
    """What happened to ids. New ones are one event: a million single rows would say no more."""
    rows: list[tuple[str, int, Any, Any, str]] = []
    if len(carried.made):
        first, last = int(carried.made[0]), int(carried.made[-1])
        whole = {"first": first, "last": last}
        rows.append((PersonEventKind.CREATED, first, None, whole, "new records"))
    for old, new in zip(carried.left.tolist(), carried.parted.tolist(), strict=True):
        rows.append((PersonEventKind.SPLIT, old, [old], [old, new], "no tie is left"))
    order = np.lexsort((carried.gone, carried.into))
    for at in order.tolist():
        gone, into = int(carried.gone[at]), int(carried.into[at])
        rows.append((PersonEventKind.MERGED, into, [into, gone], [into], "tied"))
        rows.append((PersonEventKind.ALIASED, gone, [gone], [into], "tied"))
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), (), ()]
    kind, person, before, after, cause = columns
    return pa.table(
        {
            "kind": pa.array([str(word) for word in kind], pa.string()),
            "person_id": pa.array(person, pa.int64()),
            "before": pa.array([_json(value) for value in before], pa.string()),
            "after": pa.array([_json(value) for value in after], pa.string()),
            "cause": pa.array(cause, pa.string()),
        }
    )


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value)


def _numbers(column: pa.ChunkedArray) -> Ints:
    found: Ints = column.to_numpy().astype(np.int64)
    return found
