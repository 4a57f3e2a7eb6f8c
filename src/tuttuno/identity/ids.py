"""Lasting numbers: how persons keep their id from one identity run to the next."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from tuttuno.identity.evidence import Flags, Ints

#: In an array of persons: the record has none yet.
NOBODY = 0

#: New ids start here until the vault has given them their numbers.
FRESH = 1 << 62


@dataclass(frozen=True, slots=True)
class Carried:
    """Who each record is now, and what became of the former ids.

    Attributes:
        person: The person id of each record.
        made: New ids, ascending from `FRESH` until they are numbered.
        gone, into: Former ids that are no longer anybody's own, and who they are now.
        back: Aliases that are a person's own id again.
        parted, left: Ids that were split off, new ones or such aliases, and the id they left.
    """

    person: Ints
    made: Ints
    gone: Ints
    into: Ints
    back: Ints
    parted: Ints
    left: Ints

    def numbered(self, first_id: int) -> "Carried":
        """Put real ids, which follow each other from the first, in the place of new ones."""
        return replace(
            self,
            person=_numbered(self.person, first_id),
            made=_numbered(self.made, first_id),
            parted=_numbered(self.parted, first_id),
        )


@dataclass(frozen=True, slots=True)
class Origin:
    """Who records were before persons that fall apart now had been merged.

    Attributes:
        person: The former person of each record, or the alias it had come by.
        merged: Those aliases, and the id that each of them leads to.
    """

    person: Ints
    merged: Mapping[int, int]


def carry(former: Ints, first: Ints, origin: Origin | None = None) -> Carried:
    """Give the persons of a run their ids.

    A former person goes on where most of her records are, of equal parts in the one with the
    oldest record. Where several former persons go on together, the id of most records
    survives, of equally many the oldest, and the others become its aliases; so no record
    changes its id that need not. Whoever is left without an id gets a new one, in the order of
    her oldest record. A merge that comes undone gives its alias back to whom it belonged.

    Args:
        former: Former person id of each record; `NOBODY` for a new record.
        first: Position of the first record of the same person now.
        origin: What was undone; None: nothing.
    """
    origin = origin or Origin(former, {})
    old, now, records, start = _overlaps(origin.person, first)
    main = _best_part(old, records, start)
    heirs = _of_most(old[main], now[main], records[main], len(first))
    people = np.unique(first)
    without = people[heirs[people] == NOBODY]
    made = FRESH + np.arange(len(without), dtype=np.int64)
    heirs[without] = made
    person: Ints = heirs[first]
    merged = main & (heirs[now] != old)
    gone, into = old[merged], heirs[now][merged]
    known = np.array([origin.merged.get(int(one), NOBODY) for one in gone], dtype=np.int64)
    back = np.intersect1d(person, np.array(list(origin.merged), dtype=np.int64))
    left, parted, _, _ = _overlaps(former, person)
    new = (left != parted) & ((parted >= FRESH) | np.isin(parted, back))
    return Carried(
        person=person,
        made=made,
        gone=gone[known != into],
        into=into[known != into],
        back=back,
        parted=parted[new],
        left=left[new],
    )


def _overlaps(former: Ints, first: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Each pair of former and present person: records in common, and the oldest of them."""
    known = np.flatnonzero(former != NOBODY)
    order = known[np.lexsort((known, first[known], former[known]))]
    old, now = former[order], first[order]
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (old[1:] != old[:-1]) | (now[1:] != now[:-1])
    at = np.flatnonzero(new)
    return old[at], now[at], np.diff(np.append(at, len(order))), order[at]


def _best_part(old: Ints, records: Ints, start: Ints) -> Flags:
    """For each former person the one part that she goes on in."""
    best = np.zeros(len(old), dtype=np.bool_)
    order = np.lexsort((start, -records, old))
    _, at = np.unique(old[order], return_index=True)
    best[order[at]] = True
    return best


def _of_most(old: Ints, now: Ints, records: Ints, length: int) -> Ints:
    """For each present person the former one who brings most records into her."""
    heirs = np.full(length, NOBODY, dtype=np.int64)
    order = np.lexsort((-old, records, now))
    heirs[now[order]] = old[order]  # the last one written is the one of most records
    return heirs


def _numbered(ids: Ints, first_id: int) -> Ints:
    return np.where(ids >= FRESH, ids - FRESH + first_id, ids)
