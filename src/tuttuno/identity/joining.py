"""Putting records together into persons: the one way, for ties by values and for likeness alike."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tuttuno.identity.connected import components
from tuttuno.identity.evidence import Flags, Ints
from tuttuno.identity.guard import Guard
from tuttuno.identity.matching.blocks import mixed
from tuttuno.identity.matching.columns import Floats

#: Weight of a pair that must not be one person; nothing outvotes it.
NEVER = -1e12

Pairs = tuple[Ints, Ints]
Voices = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Joining:
    """How far two groups must speak for one person before they become one.

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


def no_numbers() -> Ints:
    """Nothing."""
    return np.empty(0, dtype=np.int64)


def no_pairs() -> Pairs:
    """Nothing."""
    return no_numbers(), no_numbers()


@dataclass(frozen=True, slots=True)
class Edges:
    """What is known of pairs of records.

    Attributes:
        one, other: Positions of the records.
        weight: Bits that they are one person.
        rank: Which are joined first, where that is told apart from the weight: each has a
            number of its own, the lowest first. Empty where the highest average goes first.
        must: Pairs that are one person, whatever their weight; a steward said so.
        cannot: Pairs that are two people, whatever anything says.
        voice: For each record how far it says enough to be missed in a comparison, from 0 (an
            e-mail address alone) to 1. Empty where all do.
    """

    one: Ints
    other: Ints
    weight: Floats
    rank: Ints = field(default_factory=no_numbers)
    must: Pairs = field(default_factory=no_pairs)
    cannot: Pairs = field(default_factory=no_pairs)
    voice: Voices = field(default_factory=lambda: np.empty(0))


def join(
    records: int, edges: Edges, rule: Joining, guard: Guard, copies: Ints | None = None
) -> Ints:
    """Give each record the position of the first record of its person.

    Two groups may become one while the average weight of the pairs between them is above the
    cut and the guard allows it. All over the file those become one, round by round, that are
    each other's best: by the lowest rank of a pair between them, or by the average. Average
    link is reducible (Bruynooghe, 1977), so the outcome is that of joining the best pair of
    all, one after the other; and it is the same for a file and for each of its components
    alone.

    Args:
        records: How many there are.
        edges: What is known of pairs.
        rule: How far they must speak for one person.
        guard: What one person may hold.
        copies: For each record how many it stands for; one each where nothing is given.
    """
    label = components(records, *edges.must)
    size = np.ones(records, dtype=np.int64) if copies is None else copies
    voice: Voices = np.ones(records) if not len(edges.voice) else edges.voice
    voice = size * voice
    links = _folded(_links_of(edges, size, voice, rule), label, records)
    size = np.bincount(label, weights=size, minlength=records).astype(np.int64)
    voice = np.bincount(label, weights=voice, minlength=records).astype(np.float64)
    while len(links.low):
        between = size[links.low] * size[links.high]
        missed = voice[links.low] * voice[links.high] - links.heard
        average = (links.total + rule.missing * missed) / between
        small = size[links.low] + size[links.high] <= rule.largest
        fit = np.flatnonzero((average >= rule.cut) & small)
        fit = fit[~guard.refuses(label, links.low[fit], links.high[fit])]
        if not len(fit):
            break
        low, high = _best_of_each_other(links, fit, average[fit], records)
        into = np.arange(records)
        into[high] = low
        label = into[label]
        size[low] += size[high]
        voice[low] += voice[high]
        links = _folded(links, into, records)
    return label


class _Links(NamedTuple):
    """Between two groups: the sum of the weights known, of the voices of their pairs, the rank."""

    low: Ints
    high: Ints
    total: NDArray[np.float64]
    heard: Voices
    rank: Ints


def _links_of(edges: Edges, size: Ints, voice: Voices, rule: Joining) -> _Links:
    weight = np.clip(edges.weight.astype(np.float64), rule.least, rule.most)
    apart = len(edges.cannot[0])
    one = np.concatenate([edges.one, edges.cannot[0]])
    other = np.concatenate([edges.other, edges.cannot[1]])
    weight = np.concatenate([weight, np.full(apart, NEVER)])
    rank = np.append(edges.rank, np.full(apart, len(edges.rank))) if len(edges.rank) else edges.rank
    return _Links(one, other, weight * size[one] * size[other], voice[one] * voice[other], rank)


def _best_of_each_other(
    links: _Links, fit: Ints, average: NDArray[np.float64], records: int
) -> Pairs:
    """Pairs of groups that are each other's best; equals are told apart as if by lot."""
    low, high = links.low[fit], links.high[fit]
    if len(links.rank):
        order = np.argsort(links.rank[fit])
    else:
        order = np.lexsort((mixed(low, high), -average))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    best = np.full(records, len(order), dtype=np.int64)
    np.minimum.at(best, low, place)
    np.minimum.at(best, high, place)
    mutual: Flags = (best[low] == place) & (best[high] == place)
    return low[mutual], high[mutual]


def _folded(links: _Links, into: Ints, records: int) -> _Links:
    """The links between groups, once groups have become one."""
    one, other = into[links.low], into[links.high]
    low, high = np.minimum(one, other), np.maximum(one, other)
    apart = low != high
    key, place = np.unique(low[apart] * records + high[apart], return_inverse=True)
    total = np.bincount(place, weights=links.total[apart], minlength=len(key)).astype(np.float64)
    heard = np.bincount(place, weights=links.heard[apart], minlength=len(key)).astype(np.float64)
    rank = links.rank
    if len(rank):
        rank = np.full(len(key), len(links.rank) + rank.max(), dtype=np.int64)
        np.minimum.at(rank, place, links.rank[apart])
    low, high = np.divmod(key, records)
    return _Links(low, high, total, heard, rank)
