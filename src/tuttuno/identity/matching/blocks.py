"""Which pairs of records are worth comparing: they share something rare enough."""

from dataclasses import dataclass

import numpy as np

from tuttuno.identity.matching.columns import Flags, Ints
from tuttuno.identity.ragged import pairs_within, runs_of

#: Records of a block that are all compared with each other, by how many things they share.
CAPS = (24, 40, 60)
#: How far apart two records may stand in a block that no third thing made small enough.
WINDOW = 6


#: Pairs of a file, whatever its size, and for each record of a large one, that blocks are kept
#: large for. Beyond them all blocks are halved: in a file of few names and few towns they would
#: fill the memory and tell nothing.
ENOUGH, ENOUGH_EACH = 2_000_000, 60


@dataclass(frozen=True, slots=True)
class Atoms:
    """Things that records may share; one entry for each record and thing.

    Attributes:
        row: Position of the record.
        field: Number of the field the thing comes from. Two things of one field say little
            more than one, so they are not combined, but for the fields in `several`.
        mark: A number for the thing, the same for all records that share it.
        several: Fields of which one record has several things that are worth combining.
    """

    row: Ints
    field: Ints
    mark: Ints
    several: tuple[int, ...] = ()

    def only(self, chosen: Flags) -> "Atoms":
        """The entries chosen."""
        return Atoms(self.row[chosen], self.field[chosen], self.mark[chosen], self.several)


def enough_pairs(atoms: Atoms, records: int, caps: tuple[int, ...] = CAPS) -> tuple[Ints, Ints]:
    """The candidate pairs with the largest blocks that make no more than enough of them."""
    one, other = candidate_pairs(atoms, records, caps)
    while len(one) > max(ENOUGH, ENOUGH_EACH * records) and min(caps) > 1:
        caps = tuple(cap // 2 for cap in caps)
        one, other = candidate_pairs(atoms, records, caps)
    return one, other


def candidate_pairs(atoms: Atoms, records: int, caps: tuple[int, ...] = CAPS) -> tuple[Ints, Ints]:
    """Every two records that share a thing, or a combination of things where one is too common.

    Returns pairs of positions, each once, the lower first. A block over its cap is never
    dropped: it is split by a second thing that is too common alone, and by a third; what is
    still crowded then is compared with its neighbours in the order of the file.
    """
    crowded, key = _taken(atoms, records, caps[0])
    common = crowded
    for cap in caps[1:]:
        combined, alone = _combined(crowded, common)
        key = _distinct(key, _neighbours(crowded.only(alone), records))
        crowded, more = _taken(combined, records, cap)
        key = _distinct(key, more)
    key = _distinct(key, _neighbours(crowded, records))
    one, other = np.divmod(key, max(records, 1))
    return one, other


def _taken(atoms: Atoms, records: int, cap: int) -> tuple[Atoms, Ints]:
    """What is left of the atoms for a further split, and the pairs of the blocks that fit."""
    order = np.lexsort((atoms.row, atoms.mark))
    atoms = Atoms(atoms.row[order], atoms.field[order], atoms.mark[order], atoms.several)
    sizes = runs_of(atoms.mark)
    fits = (sizes > 1) & (sizes <= cap)
    rows = atoms.row[np.repeat(fits, sizes)]
    one, other = pairs_within(sizes[fits])
    low, high = rows[one], rows[other]
    key = _distinct((low * records + high)[low < high])
    return atoms.only(np.repeat(sizes > cap, sizes)), key


def _distinct(*keys: Ints) -> Ints:
    """Every key once, ascending.

    By sorting: `numpy.unique` hashes whole numbers, which takes ten times as long for millions.
    """
    key = np.sort(np.concatenate(keys))
    new = np.ones(len(key), dtype=np.bool_)
    new[1:] = key[1:] != key[:-1]
    return key[new]


def _neighbours(crowded: Atoms, records: int) -> Ints:
    """Pairs of records that stand near each other in a block; `crowded` is sorted by blocks."""
    found = [np.empty(0, dtype=np.int64)]
    for step in range(1, WINDOW):
        together = crowded.mark[step:] == crowded.mark[:-step]
        low, high = crowded.row[:-step][together], crowded.row[step:][together]
        found.append((low * records + high)[low < high])
    return _distinct(*found)


def _combined(crowded: Atoms, common: Atoms) -> tuple[Atoms, Flags]:
    """Every crowded thing beside every common thing of a later field of the same record.

    The flags tell which crowded things belong to records that have nothing to combine.
    """
    row = np.concatenate([crowded.row, common.row])
    first = np.repeat(np.array([True, False]), [len(crowded.row), len(common.row)])
    both = Atoms(
        row,
        np.concatenate([crowded.field, common.field]),
        np.concatenate([crowded.mark, common.mark]),
    )
    order = np.argsort(row, kind="stable")
    one, other = pairs_within(runs_of(row[order]))
    one, other = order[one], order[other]
    swap = ~first[one]
    one[swap], other[swap] = other[swap], one[swap]
    later = both.field[other] > both.field[one]
    for field in common.several:
        same = (both.field[one] == field) & (both.field[other] == field)
        later |= same & (both.mark[other] > both.mark[one])
    fit = first[one] & ~first[other] & later
    one, other = one[fit], other[fit]
    mark = mixed(both.mark[one], both.mark[other])
    alone: Flags = ~np.isin(crowded.row, both.row[one])
    return Atoms(both.row[one], both.field[other], mark, common.several), alone


#: Odd numbers without a pattern, to multiply by and to add.
_FIRST, _ADDED, _SECOND, _THIRD = (
    0x9E3779B97F4A7C15,
    0x2545F4914F6CDD1D,
    0xBF58476D1CE4E5B9,
    0x94D049BB133111EB,
)
_ALL_BITS = 2**64 - 1


def mixed_one(one: int, other: int) -> int:
    """As `mixed`, of two numbers, in a tenth of the time."""
    bits = (one * _FIRST) & _ALL_BITS
    bits ^= (other + _ADDED) & _ALL_BITS
    bits = (bits * _SECOND) & _ALL_BITS
    bits ^= bits >> 29
    bits = (bits * _THIRD) & _ALL_BITS
    return (bits ^ (bits >> 32)) >> 1


def mixed(one: Ints, other: Ints | int) -> Ints:
    """One number for each combination; different ones collide once in 2**60 or so."""
    bits = np.asarray(one).astype(np.uint64) * np.uint64(_FIRST)
    bits ^= np.asarray(other).astype(np.uint64) + np.uint64(_ADDED)
    bits *= np.uint64(_SECOND)
    bits ^= bits >> np.uint64(29)
    bits *= np.uint64(_THIRD)
    bits ^= bits >> np.uint64(32)
    found: Ints = (bits >> np.uint64(1)).astype(np.int64)
    return found
