"""Keeping what a run found out: persons, memberships, events, in the caller's transaction."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from tuttuno.identity.doubts import keep_doubts
from tuttuno.identity.evidence import Flags, Ints
from tuttuno.identity.ids import NOBODY, Carried
from tuttuno.identity.origins import MERGED
from tuttuno.identity.profile import Rules, ValueClass
from tuttuno.identity.reading import Reading
from tuttuno.identity.registry import KINDS
from tuttuno.identity.weights import Scales
from tuttuno.vault import persons, runs
from tuttuno.vault.block_keys import put_block_keys
from tuttuno.vault.likeness_models import keep_model
from tuttuno.vault.nearby import Told
from tuttuno.vault.person_events import PersonEventKind, append_events
from tuttuno.vault.persons import PersonStatus
from tuttuno.vault.vault import Connection


@dataclass(frozen=True, slots=True)
class Filed:
    """Under what a run is filed.

    Attributes:
        config_hash: Name of the settings.
        change: The last change that the next run need not read again.
        metrics: To be kept with the run.
        at: When.
        because: What made ids change, in place of the words of a build; None for those.
    """

    config_hash: str
    change: int
    metrics: Mapping[str, Any]
    at: datetime
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Moves:
    """Who some records were, and who they are now; one entry each."""

    record_no: Ints
    former: Ints
    carried: Carried


def write(con: Connection, reading: Reading, rules: Rules, filed: Filed) -> int:
    """Write what was found out and return the number of the run.

    Args:
        con: The transaction; nobody may have written persons since the reading was read.
        reading: What was found out.
        rules: By which rules.
        filed: Under what.
    """
    at = filed.at
    run_no = runs.open_run(con, config_hash=filed.config_hash, change=filed.change, at=at)
    if reading.picture.keys.num_rows:
        put_block_keys(con, reading.picture.keys)
    model = reading.picture.model
    if reading.full and model is not None:
        keep_model(con, run_no, model.to_json())
    moves = Moves(reading.record_no, reading.former, reading.carried)
    move(con, moves, run_no, at=at, because=filed.because)
    picture = reading.picture
    scales = Scales(picture.evidence, picture.profile, rules, picture.judge)
    doubts = keep_doubts(con, reading, scales, run_no)
    runs.close_run(con, run_no, metrics={**filed.metrics, "doubts": doubts})
    return run_no


def move(
    con: Connection, moves: Moves, run_no: int, *, at: datetime, because: str | None = None
) -> None:
    """Write whose the records are, what became of the ids, and that it happened."""
    carried = moves.carried
    moved = carried.person != moves.former
    if len(carried.made):
        made = persons.create_persons(con, len(carried.made), at)
        carried = carried.numbered(made[0].as_py())
    if moved.any():
        persons.apply_membership(con, _memberships(moves, carried, moved), run_no)
    if len(carried.gone) or len(carried.back):
        persons.change_persons(con, _became(carried))
    events = _events(carried, because)
    if events.num_rows:
        append_events(con, events, run=run_no, at=at)


def metrics_of(reading: Reading) -> dict[str, Any]:
    """Count what was found out, by name."""
    picture, clusters, carried = reading.picture, reading.clusters, reading.carried
    first = reading.first
    return {
        "full": reading.full,
        "records": len(first),
        "persons": len(np.unique(first)),
        "largest": int(np.unique(first, return_counts=True)[1].max(initial=0)),
        "ties": len(picture.ties),
        "ties_by_likeness": int(picture.alike.tied.sum()),
        "ties_refused": int(clusters.refused.sum()),
        "contested_groups": clusters.contested,
        "values": _refused_values(reading),
        "created": len(carried.made),
        "merged": len(carried.gone),
        "split": len(carried.parted),
        "moved": int(reading.moved.sum()),
    }


def _refused_values(reading: Reading) -> dict[str, dict[str, int]]:
    """Values that are not one person's, by kind and class."""
    values, klass = reading.picture.evidence.values, reading.picture.profile.klass
    several = np.flatnonzero(klass != ValueClass.PERSONAL)
    found: dict[str, dict[str, int]] = {}
    both = np.stack((values.kind[several], klass[several]), axis=1)
    for (kind, which), count in zip(*np.unique(both, axis=0, return_counts=True), strict=True):
        found.setdefault(str(KINDS[kind]), {})[ValueClass(which).name.lower()] = int(count)
    return found


def _memberships(moves: Moves, carried: Carried, moved: Flags) -> pa.Table:
    former = moves.former[moved]
    cause = np.where(np.isin(former, carried.gone), MERGED, "split")
    cause = np.where(former == NOBODY, "created", cause)
    return pa.table(
        {
            "record_no": pa.array(moves.record_no[moved]),
            "person_id": pa.array(carried.person[moved]),
            "cause": pa.array(cause.tolist(), pa.string()),
        }
    )


def _became(carried: Carried) -> pa.Table:
    """Ids that lead to somebody else from now on, and aliases that no longer do."""
    gone, back = len(carried.gone), len(carried.back)
    status = [PersonStatus.MERGED.value] * gone + [PersonStatus.ACTIVE.value] * back
    into = pa.concat_arrays([pa.array(carried.into), pa.nulls(back, pa.int64())])
    return pa.table(
        {
            "person_id": pa.array(np.concatenate((carried.gone, carried.back))),
            "status": pa.array(status, pa.string()),
            "merged_into": into,
        }
    )


def made_of(first: int, last: int) -> Told:
    """Say that ids were made, from the first to the last.

    One event for all of them: a million single ones would say no more.
    """
    whole = json.dumps({"first": first, "last": last})
    return Told(PersonEventKind.CREATED, None, whole, "new records")


def _events(carried: Carried, because: str | None) -> pa.Table:
    """What happened to ids."""
    rows: list[tuple[int, Told]] = []
    if len(carried.made):
        first, last = int(carried.made[0]), int(carried.made[-1])
        rows.append((first, made_of(first, last)))
    for old, new in zip(carried.left.tolist(), carried.parted.tolist(), strict=True):
        cause = because or "no tie is left"
        rows.append((old, _told(PersonEventKind.SPLIT, [old], [old, new], cause)))
    order = np.lexsort((carried.gone, carried.into))
    for at in order.tolist():
        gone, into, cause = int(carried.gone[at]), int(carried.into[at]), because or "tied"
        rows.append((into, _told(PersonEventKind.MERGED, [into, gone], [into], cause)))
        rows.append((gone, _told(PersonEventKind.ALIASED, [gone], [into], cause)))
    told = [row for _, row in rows]
    return pa.table(
        {
            "kind": pa.array([row.kind.value for row in told], pa.string()),
            "person_id": pa.array([person for person, _ in rows], pa.int64()),
            "before": pa.array([row.before for row in told], pa.string()),
            "after": pa.array([row.after for row in told], pa.string()),
            "cause": pa.array([row.cause for row in told], pa.string()),
        }
    )


def _told(kind: PersonEventKind, before: list[int], after: list[int], cause: str) -> Told:
    return Told(kind, json.dumps(before), json.dumps(after), cause)
