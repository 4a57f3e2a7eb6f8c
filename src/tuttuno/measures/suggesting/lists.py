"""A short list for each person, and whether she then bought from it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from tuttuno.measures.buying.histories import Numbers
from tuttuno.measures.suggesting.neighbours import Places, best

#: A place on a list that nothing fills.
EMPTY = -1


@dataclass(frozen=True, slots=True)
class Tried:
    """How lists fared with people who then bought something that could have been on them.

    Attributes:
        persons: How many those are.
        hits: How many of them bought something on their list.
        popular_hits: The same of a list of what most people buy.
    """

    persons: int
    hits: int
    popular_hits: int


def ranked(person: Places, thing: Places, score: Numbers, *, shape: tuple[int, int]) -> Places:
    """Return the things of each person by score, best first; shape (persons, places).

    Args:
        person: Row of each candidate; ascending or not.
        thing: The candidate.
        score: From 0 to 1.
        shape: How many persons, and how many places a list has; a shorter one ends in `EMPTY`.
    """
    lists = np.full(shape, EMPTY, np.int64)
    # The key that sorts has room for some thousand rows.
    for begins in range(0, shape[0], _AT_ONCE):
        own = np.flatnonzero((person >= begins) & (person < begins + _AT_ONCE))
        row = person[own] - begins
        chosen = best(row, thing[own], score[own], most=shape[1])
        at = np.sort(row[chosen])
        starts = np.searchsorted(at, at, side="left")
        lists[at + begins, np.arange(len(at)) - starts] = thing[own][chosen]
    return lists


_AT_ONCE = 4_096


def filled(lists: Places, popular: Places, had: sparse.csr_array) -> Places:
    """Fill the empty places of each list with what most people buy and she has not.

    Args:
        lists: From `ranked`.
        popular: Things by how many people have them, most first.
        had: What each person has; the same rows as `lists`.
    """
    found, owned = lists.copy(), had.tocsc()
    room = (found == EMPTY).sum(axis=1)
    rows = np.flatnonzero(room)
    has = np.zeros(len(found), np.bool_)
    for thing in popular:
        if not len(rows):
            break
        owners = owned.indices[owned.indptr[thing] : owned.indptr[thing + 1]]
        has[owners] = True
        new = rows[~has[rows] & ~(found[rows] == thing).any(axis=1)]
        has[owners] = False
        found[new, found.shape[1] - room[new]] = thing
        room[new] -= 1
        rows = rows[room[rows] > 0]
    return found


def without(person: Places, thing: Places, had: sparse.csr_array) -> NDArray[np.bool_]:
    """Return which candidates a person has not yet."""
    return ~_among(_key(person, thing, had.shape[1]), _keys(had))


def bought_from(lists: Places, after: sparse.csr_array) -> int:
    """Count the persons who then bought something that was on their list."""
    rows = np.repeat(np.arange(len(lists)), lists.shape[1]).reshape(lists.shape)
    met = _among(_key(rows, lists, after.shape[1]), _keys(after)) & (lists != EMPTY)
    return int(met.any(axis=1).sum())


def _among(sought: Places, known: Places) -> NDArray[np.bool_]:
    """Return which numbers are among others, of which there are far fewer."""
    if not len(known):
        return np.zeros(sought.shape, np.bool_)
    ordered = np.sort(known)
    at = np.minimum(np.searchsorted(ordered, sought), len(ordered) - 1)
    found: NDArray[np.bool_] = ordered[at] == sought
    return found


def _keys(table: sparse.csr_array) -> Places:
    rows = np.repeat(np.arange(table.shape[0], dtype=np.int64), np.diff(table.indptr))
    return _key(rows, table.indices, table.shape[1])


def _key(rows: Places, columns: Places, width: int) -> Places:
    return np.asarray(rows, np.int64) * width + columns
