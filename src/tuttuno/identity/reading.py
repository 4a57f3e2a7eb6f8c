"""What a run reads and finds out before it writes anything: who the records looked at are."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tuttuno.identity.cluster import Clusters, clusters_of, limits_of
from tuttuno.identity.evidence import Flags, Ints
from tuttuno.identity.gather import Picture, Weigher, around, everything
from tuttuno.identity.ids import NOBODY, Carried, carry
from tuttuno.identity.likeness.look import of_all
from tuttuno.identity.origins import origin_of
from tuttuno.identity.profile import Rules
from tuttuno.identity.registry import IdentitySettings
from tuttuno.vault import persons, runs
from tuttuno.vault.counters import last_change
from tuttuno.vault.decisions import decisions
from tuttuno.vault.records import read_records, record_states
from tuttuno.vault.vault import Connection


@dataclass(frozen=True, slots=True)
class Reading:
    """What a run has found out.

    Attributes:
        picture: What was looked at.
        clusters: Which of it is one person.
        record_no: The records that were told apart.
        first: Position in them of the first record of the same person.
        former: The person each of them had so far.
        carried: The person each of them is now.
        last: The run before, on whose outcome this one builds; None for the first.
        change: The last change that was read.
        full: True where everything was read.
    """

    picture: Picture
    clusters: Clusters
    record_no: Ints
    first: Ints
    former: Ints
    carried: Carried
    last: int | None
    change: int
    full: bool

    @property
    def moved(self) -> Flags:
        """Records that come to another person."""
        found: Flags = self.carried.person != self.former
        return found


def read_all(
    con: Connection,
    settings: IdentitySettings,
    *,
    full: bool,
    weigher: Weigher = of_all,
) -> Reading:
    """Look at what changed since the last run, or at everything where that is not enough."""
    last = runs.last_run(con)
    same = last is not None and last.config_hash == settings.config_hash
    since = last.change if last is not None and same else 0
    if full or not same:
        picture = everything(con, Rules.of(settings), since=since, weigher=weigher)
        held = persons.membership_numbers(con)
        return _found(con, settings, picture, held, full=True)
    return read_around(con, settings, changed_since(con, since))


def read_around(con: Connection, settings: IdentitySettings, record_nos: Ints) -> Reading:
    """Look at some records, and at everybody whom they touch."""
    picture = around(con, Rules.of(settings), record_nos)
    core = pa.array(picture.evidence.record_no[picture.core])
    held = persons.membership_numbers(con, record_nos=core)
    return _found(con, settings, picture, held, full=False)


def changed_since(con: Connection, change: int) -> Ints:
    """Return the records that changed after a change number, or of which was decided."""
    changed = _numbers(read_records(con, ("record_no",), since_seq=change)["record_no"])
    said = decisions(con, since_change=change)
    if not said:
        return changed
    keys = pa.array({key for one in said for key in (one.a_key, one.b_key)}, pa.string())
    return np.union1d(changed, _numbers(record_states(con, keys)["record_no"]))


def _found(
    con: Connection, settings: IdentitySettings, picture: Picture, held: pa.Table, *, full: bool
) -> Reading:
    evidence, rules = picture.evidence, Rules.of(settings)
    limits = limits_of(evidence, picture.profile, rules)
    clusters = clusters_of(
        evidence, picture.ties, limits, rules, picture.judge, decided=picture.decided
    )
    record_no = evidence.record_no[picture.core]
    # no tie leads out of the core, so the first of a person is in it as well
    place = np.cumsum(picture.core) - 1
    first = place[clusters.first[picture.core]]
    former = _former(record_no, held)
    last = runs.last_run(con)
    return Reading(
        picture=picture,
        clusters=clusters,
        record_no=record_no,
        first=first,
        former=former,
        carried=carry(former, first, origin_of(con, record_no, former, first)),
        last=None if last is None else last.run_no,
        change=last_change(con),
        full=full,
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


def _numbers(column: pa.ChunkedArray) -> Ints:
    found: Ints = pc.cast(column, pa.int64()).to_numpy()
    return found
