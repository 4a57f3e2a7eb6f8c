"""Counting inside groups of different size, for all groups at once."""

import numpy as np

from tuttuno.identity.evidence import Ints


def count_up(sizes: Ints) -> Ints:
    """0, 1, 2, ... within each group, one group after the other.

    >>> count_up(np.array([2, 0, 3])).tolist()
    [0, 1, 0, 1, 2]
    """
    ends = np.cumsum(sizes)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - sizes, sizes)


def pairs_within(sizes: Ints) -> tuple[Ints, Ints]:
    """Every pair of positions that lie in one group; groups stand one after the other.

    >>> [side.tolist() for side in pairs_within(np.array([1, 3]))]
    [[1, 1, 2], [2, 3, 3]]
    """
    place = count_up(sizes)
    after = np.repeat(sizes, sizes) - 1 - place
    one = np.repeat(np.arange(len(place)), after)
    return one, one + 1 + count_up(after)


def different_pairs(group: Ints, member: Ints) -> tuple[Ints, Ints]:
    """Each pair of group and member once, by group, then member; both are 0 or more.

    >>> [side.tolist() for side in different_pairs(np.array([2, 0, 2]), np.array([1, 5, 1]))]
    [[0, 2], [5, 1]]
    """
    span = int(member.max(initial=0)) + 1
    key = np.sort(group * span + member)
    new = np.ones(len(key), dtype=np.bool_)
    new[1:] = key[1:] != key[:-1]
    return np.divmod(key[new], span)


def counts_of(group: Ints, member: Ints, groups: int) -> Ints:
    """How many different members each group has; groups are numbered from 0.

    >>> counts_of(np.array([0, 0, 2]), np.array([7, 7, 7]), 3).tolist()
    [1, 0, 1]
    """
    return np.bincount(different_pairs(group, member)[0], minlength=groups).astype(np.int64)


def runs_of(group: Ints) -> Ints:
    """The length of each run of equal neighbours.

    >>> runs_of(np.array([4, 4, 9])).tolist()
    [2, 1]
    """
    starts = np.flatnonzero(np.append(True, group[1:] != group[:-1])[: len(group)])
    return np.diff(np.append(starts, len(group)))
