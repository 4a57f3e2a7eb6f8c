"""Which of some records, or faces, a chain of pairs connects."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from tuttuno.identity.evidence import Ints

#: Below this a loop is done before scipy has built its matrix.
_FEW = 200


def components(nodes: int, one: Ints, other: Ints) -> Ints:
    """Give each node the position of the first node it is connected to.

    Two nodes get the same position if and only if a chain of pairs joins them.
    """
    if nodes + len(one) <= _FEW:
        return _of_few(nodes, one, other)
    graph = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(nodes, nodes))
    label = connected_components(graph, directed=False)[1]
    first = np.empty(int(label.max()) + 1, dtype=np.int64)
    first[label[::-1]] = np.arange(nodes)[::-1]  # the last one written is the lowest
    found: Ints = first[label]
    return found


def _of_few(nodes: int, one: Ints, other: Ints) -> Ints:
    first = list(range(nodes))
    for pair in zip(one.tolist(), other.tolist(), strict=True):
        low, high = sorted(_first(first, node) for node in pair)
        first[high] = low
    return np.array([_first(first, node) for node in range(nodes)], dtype=np.int64)


def _first(first: list[int], node: int) -> int:
    while first[node] != node:
        first[node] = first[first[node]]  # halve the path as we walk it
        node = first[node]
    return node
