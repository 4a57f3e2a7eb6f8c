"""Who records were before a merge that now comes undone, so that its alias can be given back."""

from collections import defaultdict
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from tuttuno.identity.evidence import Flags, Ints
from tuttuno.identity.ids import NOBODY, Origin
from tuttuno.identity.ragged import different_pairs
from tuttuno.vault import persons
from tuttuno.vault.person_events import last_merges
from tuttuno.vault.vault import Connection

#: Why a record is where it is: its former person was merged into another.
MERGED = "merged"


class _Stay(NamedTuple):
    """One person a record belonged to, from which run, and why it came there."""

    person: int
    since_run: int
    cause: str


def origin_of(con: Connection, record_no: Ints, former: Ints, first: Ints) -> Origin:
    """Look up who the records of persons that fall apart were before these were merged.

    One merge is undone at a time, the latest first, as long as somebody still falls apart.

    Args:
        con: Inside a transaction.
        record_no: The records.
        former: Former person id of each.
        first: Position of the first record of the same person now.
    """
    person, merged = former.copy(), dict[int, int]()
    stays: dict[int, list[_Stay]] = {}
    while (falls := _falling_apart(person, first)).any():
        places = np.flatnonzero(falls)
        missing = [place for place in places.tolist() if place not in stays]
        if missing:
            stays |= _stays(con, record_no, missing)
        step = _one_back(con, places.tolist(), stays)
        if not step:
            break
        for place, (alias, into) in step.items():
            person[place] = alias
            merged[alias] = into
            stays[place].pop(0)
        done = [place for place in places.tolist() if place not in step]
        for place in done:
            del stays[place][1:]
    return Origin(person, merged)


def _falling_apart(person: Ints, first: Ints) -> Flags:
    known = np.flatnonzero(person != NOBODY)
    found = np.zeros(len(person), dtype=np.bool_)
    if len(known):
        ids, number = np.unique(person[known], return_inverse=True)
        parts = np.bincount(different_pairs(number, first[known])[0], minlength=len(ids))
        found[known] = parts[number] > 1
    return found


def _stays(con: Connection, record_no: Ints, places: list[int]) -> dict[int, list[_Stay]]:
    """The persons that records belonged to, the latest first.

    Whoever was given back to a person stands where she stood before she had left.
    """
    rows = persons.history(con, pa.array(record_no[places])).to_pylist()
    found: dict[int, list[_Stay]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row["since_run"]):
        held = found[row["record_no"]]
        before = [stay.person for stay in held]
        if row["person_id"] in before and row["cause"] != MERGED:
            del held[before.index(row["person_id"]) + 1 :]
        else:
            held.append(_Stay(row["person_id"], row["since_run"], row["cause"]))
    return {place: found[int(record_no[place])][::-1] for place in places}


def _one_back(
    con: Connection, places: list[int], stays: dict[int, list[_Stay]]
) -> dict[int, tuple[int, int]]:
    """The alias that each record came by, and whom it was merged into; only where it was."""
    came = {
        place: stays[place]
        for place in places
        if len(stays[place]) > 1 and stays[place][0].cause == MERGED
    }
    aliases = {held[1].person for held in came.values()}
    merges = last_merges(con, sorted(aliases)) if aliases else {}
    return {
        place: (held[1].person, held[0].person)
        for place, held in came.items()
        if merges.get(held[1].person) == (held[0].person, held[0].since_run)
    }
