"""Joining records into persons: average link, with what must and must not come together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tuttuno.identity.connected import components
from tuttuno.identity.matching.blocks import mixed
from tuttuno.identity.matching.columns import NONE, Flags, Floats, Ints

#: Weight of a pair that must not be one person; nothing outvotes it.
NEVER = -1e12


@dataclass(frozen=True, slots=True)
class Joining:
    """How far the likeness of two groups must go before they become one.

    Attributes:
        cut: Average weight, in bits, of all pairs between two groups that become one.
        missing: Weight of a pair that was never compared. Records that share nothing worth
            comparing are probably two people, the more so the more both of them say.
        least, most: Bounds of one pair's weight, so that one pair cannot outvote many.
        largest: Records of one person.
    """

    cut: float = 0.0
    missing: float = -4.0
    least: float = -12.0
    most: float = 12.0
    largest: int = 1000


Pairs = tuple[Ints, Ints]
Voices = NDArray[np.float64]


def no_pairs() -> Pairs:
    """Nothing."""
    return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Edges:
    """What is known of pairs of records; each pair stands in it once.

    Attributes:
        one, other: Positions of the records.
        weight: Bits that they are one person.
        must: Pairs that are one person, whatever their weight; a steward said so.
        cannot: Pairs that are two people, whatever anything says.
        alone: Identifiers of which one person has one value only (a tax code): for each record
            the number of its value, or `NONE`.
        voice: For each record how far it says enough to be missed in a comparison, from 0 (an
            e-mail address alone) to 1. Empty where all do.
    """

    one: Ints
    other: Ints
    weight: Floats
    must: Pairs = field(default_factory=no_pairs)
    cannot: Pairs = field(default_factory=no_pairs)
    alone: Sequence[Ints] = ()
    voice: Voices = field(default_factory=lambda: np.empty(0))


def join(records: int, edges: Edges, rule: Joining, copies: Ints | None = None) -> Ints:
    """Give each record the position of the first record of its person.

    Two groups become one while the average weight of the pairs between them is above the cut,
    the highest average first. Average link is reducible (Bruynooghe, 1977): groups that are
    each other's best may be joined at once, all over the file, and the outcome is that of joining
    the best pair of all, one after the other. So it is the same for a file and for each of
    its components alone.

    Args:
        records: How many there are.
        edges: What is known of pairs.
        rule: How far likeness must go.
        copies: For each record how many it stands for; one each where nothing is given.
    """
    label = components(records, *edges.must)
    size = np.ones(records, dtype=np.int64) if copies is None else copies
    voice: Voices = np.ones(records) if not len(edges.voice) else edges.voice
    voice = size * voice
    links = _links_of(edges, size, voice, rule)
    size = np.bincount(label, weights=size, minlength=records).astype(np.int64)
    voice = np.bincount(label, weights=voice, minlength=records).astype(np.float64)
    alone = [_of_groups(values, label) for values in edges.alone]
    links = _folded(links, label, records)
    while len(links.low):
        between = size[links.low] * size[links.high]
        missed = voice[links.low] * voice[links.high] - links.heard
        average = (links.total + rule.missing * missed) / between
        fit = (average >= rule.cut) & (size[links.low] + size[links.high] <= rule.largest)
        for values in alone:
            mine, yours = values[links.low], values[links.high]
            fit &= (mine == NONE) | (yours == NONE) | (mine == yours)
        if not fit.any():
            break
        low, high = _best_of_each_other(links.low[fit], links.high[fit], average[fit], records)
        into = np.arange(records)
        into[high] = low
        label = into[label]
        size[low] += size[high]
        voice[low] += voice[high]
        for values in alone:
            values[low] = np.maximum(values[low], values[high])
        links = _folded(links, into, records)
    return label


def plain_join(records: int, edges: Edges, rule: Joining) -> list[int]:
    """The law of `join`, one pair of groups after the other: the oracle of its tests."""
    label: list[int] = components(records, *edges.must).tolist()
    weight = {}
    rows = zip(edges.one.tolist(), edges.other.tolist(), edges.weight.tolist(), strict=True)
    for one, other, bits in rows:
        weight[min(one, other), max(one, other)] = float(np.clip(bits, rule.least, rule.most))
    for one, other in zip(*(side.tolist() for side in edges.cannot), strict=True):
        weight[min(one, other), max(one, other)] = NEVER
    while True:
        groups = {first: [r for r in range(records) if label[r] == first] for first in set(label)}
        best = None
        for a in sorted(groups):
            for b in sorted(groups):
                if a >= b or not _allowed(groups[a], groups[b], edges, rule):
                    continue
                between = [(min(i, j), max(i, j)) for i in groups[a] for j in groups[b]]
                if not any(pair in weight for pair in between):
                    continue
                known = [weight.get(pair, rule.missing * _voice(edges, pair)) for pair in between]
                average = sum(known) / len(between)
                if average >= rule.cut and (best is None or average > best[0]):
                    best = (average, a, b)
        if best is None:
            return label
        label = [best[1] if one == best[2] else one for one in label]


def _voice(edges: Edges, pair: tuple[int, int]) -> float:
    return float(np.prod(edges.voice[list(pair)])) if len(edges.voice) else 1.0


def _allowed(mine: list[int], yours: list[int], edges: Edges, rule: Joining) -> bool:
    if len(mine) + len(yours) > rule.largest:
        return False
    for values in edges.alone:
        both = {int(values[record]) for record in mine + yours} - {NONE}
        if len(both) > 1:
            return False
    return True


class _Links(NamedTuple):
    """Between two groups: the sum of the weights known, and of the voices of their pairs."""

    low: Ints
    high: Ints
    total: NDArray[np.float64]
    heard: Voices


def _links_of(edges: Edges, size: Ints, voice: Voices, rule: Joining) -> _Links:
    weight = np.clip(edges.weight.astype(np.float64), rule.least, rule.most)
    one = np.concatenate([edges.one, edges.cannot[0]])
    other = np.concatenate([edges.other, edges.cannot[1]])
    weight = np.concatenate([weight, np.full(len(edges.cannot[0]), NEVER)])
    return _Links(one, other, weight * size[one] * size[other], voice[one] * voice[other])


def _of_groups(values: Ints, label: Ints) -> Ints:
    found = np.full(len(values), NONE, dtype=np.int64)
    np.maximum.at(found, label, values)
    return found


def _best_of_each_other(
    low: Ints, high: Ints, average: NDArray[np.float64], records: int
) -> tuple[Ints, Ints]:
    """Pairs of groups that are each other's best; equals are told apart as if by lot."""
    order = np.lexsort((mixed(low, high), -average))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    best = np.full(records, len(order), dtype=np.int64)
    np.minimum.at(best, low, rank)
    np.minimum.at(best, high, rank)
    mutual: Flags = (best[low] == rank) & (best[high] == rank)
    return low[mutual], high[mutual]


def _folded(links: _Links, into: Ints, records: int) -> _Links:
    """The links between groups, once groups have become one."""
    one, other = into[links.low], into[links.high]
    low, high = np.minimum(one, other), np.maximum(one, other)
    apart = low != high
    key, place = np.unique(low[apart] * records + high[apart], return_inverse=True)
    total = np.bincount(place, weights=links.total[apart], minlength=len(key)).astype(np.float64)
    heard = np.bincount(place, weights=links.heard[apart], minlength=len(key)).astype(np.float64)
    low, high = np.divmod(key, records)
    return _Links(low, high, total, heard)
