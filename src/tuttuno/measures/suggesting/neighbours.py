"""Which things are bought by the same people: nearness of things, from who bought what."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

#: Row numbers of persons, or positions of things.
Places = NDArray[np.int64]

#: Things a household buys in two years; who bought more buys for others, and with the square
#: of the number of things the work grows.
MOST_THINGS = 500

#: Things whose neighbours are looked for at once: bounds the memory, not the answer.
_AT_ONCE = 256

#: As many steps a score has.
_BILLION = 2**30 - 1


@dataclass(frozen=True, slots=True)
class Taste:
    """How near things have to be to be neighbours.

    Attributes:
        shrunk: Added below the line, so that a pair of two buyers is not the nearest of all.
        least: Persons with both, from which on a pair counts.
        most: Neighbours kept of each thing.
    """

    shrunk: float
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Near:
    """The nearest things of each thing; rows are what is had, columns what goes with it.

    Attributes:
        scores: Sparse; how near, from 0 to 1.
        persons: Sparse, of the same pattern; how many have both.
    """

    scores: sparse.csr_array
    persons: sparse.csr_array


def held(persons: ArrayLike, things: ArrayLike, *, shape: tuple[int, int]) -> sparse.csr_array:
    """Return who has what as a sparse table of ones.

    Args:
        persons: Row of each purchase; shape (n,), any order, repeats allowed.
        things: Column of each purchase; same shape.
        shape: How many persons and how many things there are.
    """
    rows, columns = np.asarray(persons), np.asarray(things)
    ones = np.ones(len(rows), np.int32)
    table = sparse.csr_array((ones, (_short(rows), _short(columns))), shape=shape)
    table.sum_duplicates()
    table.data.fill(1)
    return table


def _short(places: NDArray[np.integer[Any]]) -> NDArray[np.int32]:
    """Half the width: a product of tables of four-byte places takes half the memory."""
    return places.astype(np.int32)


def nearest(had: sparse.csr_array, bought: sparse.csr_array, taste: Taste) -> Near:
    """Return the things nearest to each thing: those that the same persons bought.

    Args:
        had: Who has what, from `held`.
        bought: Who bought what, on the other side perhaps; the same persons and things.
        taste: How near they have to be; of equally near ones the earlier are kept.

    The score is the cosine of the two columns, shrunk: persons with both, divided by the root
    of the product of the persons with each, plus `shrunk`. A thing is no neighbour of itself.
    Who has more than `MOST_THINGS` is left out. Source: Sarwar, Karypis, Konstan and Riedl
    (2001), Item-based collaborative filtering recommendation algorithms, WWW 10: 285-295;
    shrinkage as in Bell and Koren (2007), ICDM 7: 43-52.
    """
    household = had.sum(axis=1) <= MOST_THINGS
    household &= bought.sum(axis=1) <= MOST_THINGS
    had, bought = had[household], bought[household]
    roots = [np.sqrt(np.asarray(each.sum(axis=0), np.float64)) for each in (had, bought)]
    turned = had.T.tocsr()
    begins = range(0, turned.shape[0], _AT_ONCE)
    look = partial(_block, turned, bought, roots, taste)
    with ThreadPoolExecutor() as several:
        parts = list(several.map(look, begins))
    rows, columns, scores, persons = (np.concatenate(each) for each in zip(*parts, strict=True))
    shape = (had.shape[1], bought.shape[1])
    return Near(
        sparse.csr_array((scores, (rows, columns)), shape=shape),
        sparse.csr_array((persons, (rows, columns)), shape=shape),
    )


_Part = tuple[Places, Places, NDArray[np.float64], Places]


def _block(
    turned: sparse.csr_array,
    bought: sparse.csr_array,
    roots: list[NDArray[np.float64]],
    taste: Taste,
    begins: int,
) -> _Part:
    """Look for the neighbours of some things: those from one place on."""
    both = turned[begins : begins + _AT_ONCE] @ bought
    kept = np.flatnonzero(both.data >= taste.least)
    row = np.searchsorted(both.indptr, kept, side="right") - 1
    column, count = both.indices[kept], both.data[kept]
    other = column != row + begins
    row, column, count = row[other], column[other].astype(np.int64), count[other]
    scores = count / (roots[0][row + begins] * roots[1][column] + taste.shrunk)
    chosen = best(row, column, scores, most=taste.most)
    return row[chosen] + begins, column[chosen], scores[chosen], count[chosen].astype(np.int64)


def best(rows: Places, columns: Places, scores: NDArray[np.float64], *, most: int) -> Places:
    """Return where the best of each row stand: highest score first, then the earlier column.

    Args:
        rows: From 0; at most 2**13.
        columns: From 0; below 2**20.
        scores: From 0 to 1; a difference of a billionth is none.
        most: How many of each row.
    """
    # One number to sort by: three keys take five times as long, and there are tens of millions.
    worse = _BILLION - np.round(np.clip(scores, 0.0, 1.0) * _BILLION).astype(np.int64)
    order = np.argsort((rows.astype(np.int64) << 50) | (worse << 20) | columns)
    begins = np.flatnonzero(np.diff(rows[order], prepend=-1))
    lengths = np.diff(np.append(begins, len(order)))
    rank = np.arange(len(order)) - np.repeat(begins, lengths)
    chosen: Places = order[rank < most]
    return chosen
