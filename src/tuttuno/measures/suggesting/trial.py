"""Lists made from the past alone, held against what was bought in weeks they had not seen."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from tuttuno.measures.suggesting.again import Had, chances, fit_again, waits
from tuttuno.measures.suggesting.lists import Tried, bought_from, filled, ranked, without
from tuttuno.measures.suggesting.neighbours import Places, Taste, nearest

#: People on whom lists are tried; more make the share no surer than the next season is alike.
_PEOPLE = 5_000

#: People whose past the tried lists are made from: fewer than there may be, so lists from all
#: of them are no worse.
_LEARNED = 100_000


def tried_new(
    had: sparse.csr_array,
    past: sparse.csr_array,
    after: sparse.csr_array,
    owned: sparse.csr_array,
    taste: Taste,
    *,
    places: int,
) -> Tried:
    """Try lists of what a person does not have yet.

    Args:
        had: What each person had in the past where lists are made from.
        past: What each had in the past where the lists are for; `had` itself, or another side.
        after: What each bought there afterwards and did not have before.
        owned: What each had in the past anywhere: no list offers it.
        taste: How near things have to be.
        places: Things on a list.
    """
    some = _some(np.flatnonzero((had.sum(axis=1) > 0) & (after.sum(axis=1) > 0)), _PEOPLE)
    popular = by_buyers(past)
    known = _some(np.flatnonzero(had.sum(axis=1) > 0), _LEARNED)
    near = nearest(had[known], past[known], taste)
    likes = (had[some] @ near.scores).tocoo()
    person, thing = likes.row.astype(np.int64), likes.col.astype(np.int64)
    new = without(person, thing, owned[some])
    score = likes.data[new] / (likes.data.max() if likes.nnz else 1.0)
    lists = ranked(person[new], thing[new], score, shape=(len(some), places))
    nothing = np.full_like(lists, -1)
    return Tried(
        persons=len(some),
        hits=bought_from(filled(lists, popular, owned[some]), after[some]),
        popular_hits=bought_from(filled(nothing, popular, owned[some]), after[some]),
    )


def tried_again(past: Had, again: sparse.csr_array, *, cut: int, ahead: int, places: int) -> Tried:
    """Try lists of what a person has had before, with those who had more than a list holds.

    Args:
        past: What each bought before the cut.
        again: What each bought anew afterwards.
        cut: The day from which on nothing was known.
        ahead: Days after it.
        places: Things on a list.

    Raises:
        NotIdentified: Too few bought anything again.
    """
    every = waits(past, things=again.shape[1], until=cut)
    model = fit_again(past, every, until=cut)
    choice = np.bincount(past.person, minlength=again.shape[0]) > places
    some = _some(np.flatnonzero(choice & (again.sum(axis=1) > 0)), _PEOPLE)
    row = np.full(again.shape[0], -1)
    row[some] = np.arange(len(some))
    own = past.where(np.flatnonzero(row[past.person] >= 0))
    buyers = np.bincount(past.thing, minlength=again.shape[1])
    found = []
    for score in (
        chances(model, own, every, until=cut, ahead=ahead),
        buyers[own.thing] / buyers.max(),
    ):
        lists = ranked(row[own.person], own.thing, score, shape=(len(some), places))
        found.append(bought_from(lists, again[some]))
    return Tried(len(some), *found)


def by_buyers(past: sparse.csr_array) -> Places:
    """Return things by how many people have them, most first; the earlier of equals."""
    buyers: NDArray[np.int64] = np.asarray(past.sum(axis=0), np.int64)
    order: Places = np.lexsort((np.arange(len(buyers)), -buyers))
    return order[buyers[order] > 0]


def _some(persons: Places, most: int) -> Places:
    """Return all of them, or as many as are needed, the same ones every time."""
    if len(persons) <= most:
        return persons
    chosen = np.random.default_rng(7).choice(len(persons), most, replace=False)
    return persons[np.sort(chosen)]
