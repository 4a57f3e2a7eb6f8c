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


def counts_of(group: Ints, member: Ints, groups: int) -> Ints:
    """How many different members each group has; groups are numbered from 0.

    >>> counts_of(np.array([0, 0, 2]), np.array([7, 7, 7]), 3).tolist()
    [1, 0, 1]
    """
    if not len(group):
        return np.zeros(groups, dtype=np.int64)
    order = np.lexsort((member, group))
    group, member = group[order], member[order]
    new = np.ones(len(group), dtype=np.bool_)
    new[1:] = (group[1:] != group[:-1]) | (member[1:] != member[:-1])
    return np.bincount(group[new], minlength=groups).astype(np.int64)
