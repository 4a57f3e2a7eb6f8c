"""Lasting numbers: how persons keep their id from one identity run to the next."""

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
        parted, left: New ids that were split off, and the former id they left.
    """

    person: Ints
    made: Ints
    gone: Ints
    into: Ints
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


def carry(former: Ints, first: Ints) -> Carried:
    """Give the persons of a run their ids.

    A former person goes on where most of her records are, of equal parts in the one with the
    oldest record. Where several former persons go on together, the oldest id survives and the
    others become its aliases. Whoever is left without an id gets a new one, in the order of
    her oldest record.

    Args:
        former: Former person id of each record; `NOBODY` for a new record.
        first: Position of the first record of the same person now.
    """
    old, now, records, start = _overlaps(former, first)
    main = _best_part(old, records, start)
    heirs = _oldest(old[main], now[main], len(first))
    people = np.unique(first)
    without = people[heirs[people] == NOBODY]
    made = FRESH + np.arange(len(without), dtype=np.int64)
    heirs[without] = made
    merged = main & (heirs[now] != old)
    parted = ~main & (heirs[now] >= FRESH)
    return Carried(
        person=heirs[first],
        made=made,
        gone=old[merged],
        into=heirs[now][merged],
        parted=heirs[now][parted],
        left=old[parted],
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


def _oldest(old: Ints, now: Ints, records: int) -> Ints:
    heirs = np.full(records, np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(heirs, now, old)
    heirs[heirs == np.iinfo(np.int64).max] = NOBODY
    return heirs


def _numbered(ids: Ints, first_id: int) -> Ints:
    return np.where(ids >= FRESH, ids - FRESH + first_id, ids)
