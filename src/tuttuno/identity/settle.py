"""Settling a change at once: whoever it touches is told apart anew, in the same transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from tuttuno.identity.doubts import DOUBT
from tuttuno.identity.evidence import Ints
from tuttuno.identity.ids import carry
from tuttuno.identity.likeness.beside import Scale
from tuttuno.identity.likeness.kept import kept_model
from tuttuno.identity.likeness.keys import keys_of_one
from tuttuno.identity.outcome import Filed, Moves, made_of, move, write
from tuttuno.identity.profile import Rules
from tuttuno.identity.reading import changed_since, read_around
from tuttuno.identity.registry import IdentitySettings
from tuttuno.identity.residence import residence_of
from tuttuno.identity.sight import Newcomer, Sight, at_first_sight
from tuttuno.vault import nearby, runs
from tuttuno.vault.arriving import Arrival, add_record, as_tables, known_record
from tuttuno.vault.counters import change_number
from tuttuno.vault.identifiers import set_identifiers
from tuttuno.vault.likeness_models import model_read
from tuttuno.vault.nearby import Seen
from tuttuno.vault.quick import Quick, quick
from tuttuno.vault.records import replace_records
from tuttuno.vault.vault import Connection


@dataclass(frozen=True, slots=True)
class Settled:
    """The receipt of a change.

    Attributes:
        run_no: The run it was filed under.
        records: Records looked at.
        moved: Records that came to another person.
    """

    run_no: int
    records: int
    moved: int


def settle(
    con: Connection, *, settings: IdentitySettings, at: datetime, because: str | None = None
) -> Settled:
    """Bring the persons up to date with what this transaction has changed.

    Records that were added, replaced or untied, whoever was tied to them, and records of
    which was decided are told apart by the function that tells all apart; nobody else is
    looked at. The next build looks at them again and finds the same.

    Args:
        con: A transaction that has changed something and is not over.
        settings: Those of the last build; what a change of settings means is for a build.
        at: When.
        because: What is told in the history of the persons; None: what a build would tell.
    """
    change = change_number(con)  # before anything is read: nobody else writes from here on
    return _settled(con, changed_since(con, change - 1), settings, at, because)


def arrive(
    con: Connection, arrivals: Iterable[Arrival], *, settings: IdentitySettings, at: datetime
) -> list[Settled]:
    """Write records and settle each, in the caller's transaction; the outcome is that of `settle`.

    A new record that is somebody new, or one person without a doubt, is told apart at first
    sight, in a fraction of a millisecond. Many arrivals in one transaction share its commit.

    Args:
        con: A transaction.
        arrivals: In the order in which they came; of one record the last counts.
        settings: Those of the last build.
        at: When.

    Returns:
        A receipt for all records that were there before, then one for each new one.
    """
    latest = {arrival.record_key: arrival for arrival in arrivals}
    with quick(con) as sent:
        sent.change_number()  # the first lock, so that writers cannot wait for each other
        model = model_read(con, kept_model) if settings.likeness.on else None
        scale = None if model is None else Scale(model, settings.likeness)
        known = [one for one in latest.values() if known_record(sent, one.record_key)]
        done = [_replaced(con, known, settings, at)] if known else []
        for one in known:
            del latest[one.record_key]
        return done + [
            _arrived(con, sent, one, _Case(settings, scale, at)) for one in latest.values()
        ]


@dataclass(frozen=True, slots=True)
class _Case:
    settings: IdentitySettings
    scale: Scale | None
    at: datetime


def _arrived(con: Connection, sent: Quick, arrival: Arrival, case: _Case) -> Settled:
    settings, at = case.settings, case.at
    number, tied = add_record(sent, arrival)
    said = arrival.fields
    face = (said.get("given_name"), said.get("family_name"), said.get("birth_date"))
    who = Seen(number, arrival.record_key, *face, person_id=None)
    keys = keys_of_one(said) if settings.likeness.on else ()
    newcomer = Newcomer(who, said, tied, residence_of(said), keys)
    sight = at_first_sight(sent, newcomer, settings, case.scale)
    if sight is None:
        return _settled(con, np.array([number]), settings, at, None)
    nearby.add_block_keys(sent, number, newcomer.block_keys)
    merges = sight.person_id is None
    done = _merged(con, sent, sight, at) if merges else _joined(sent, number, sight, at)
    for other, weight in sight.doubts:
        nearby.add_edge(sent, number, other, DOUBT, weight, run=done.run_no)
    return done


def _joined(sent: Quick, number: int, sight: Sight, at: datetime) -> Settled:
    """Give a newcomer to the person whose it is, or to a new one."""
    found = {"records": len(sight.record_no), "moved": 1}
    run = nearby.add_run(sent, {**found, "doubts": len(sight.doubts)}, at)
    person = sight.person_id or nearby.add_person(sent, at)
    nearby.add_member(sent, number, person, run)
    if not sight.person_id:
        nearby.add_event(sent, person, made_of(person, person), run=run, at=at)
    return Settled(run, **found)


def _merged(con: Connection, sent: Quick, sight: Sight, at: datetime) -> Settled:
    """Make one person of all that a newcomer ties together."""
    record_no, former = np.array(sight.record_no), np.array(sight.former)
    carried = carry(former, np.zeros(len(former), dtype=np.int64))
    found = {"records": len(former), "moved": int((carried.person != former).sum())}
    run = nearby.add_run(sent, {**found, "doubts": len(sight.doubts)}, at)
    move(con, Moves(record_no, former, carried), run, at=at)
    return Settled(run, **found)


def _replaced(
    con: Connection, arrivals: Sequence[Arrival], settings: IdentitySettings, at: datetime
) -> Settled:
    records, values = as_tables(arrivals)
    replace_records(con, records)
    set_identifiers(con, records["record_key"].combine_chunks(), values)
    return settle(con, settings=settings, at=at)


def _settled(
    con: Connection, changed: Ints, settings: IdentitySettings, at: datetime, because: str | None
) -> Settled:
    last = runs.last_run(con)
    reading = read_around(con, settings, changed)
    found = {"records": len(reading.record_no), "moved": int(reading.moved.sum())}
    filed = Filed(
        config_hash="" if last is None else last.config_hash,
        change=0 if last is None else last.change,
        metrics=found,
        at=at,
        because=because,
    )
    return Settled(write(con, reading, Rules.of(settings), filed), **found)
