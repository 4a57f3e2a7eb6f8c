"""What is bought together: rules of baskets, and how sure it is that they are more than chance."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import hypergeom

from tuttuno.measures.buying.histories import Numbers

Counts = NDArray[np.int64]

#: Things in a rule, both sides together.
LARGEST = 4

#: Positions of things, ascending -> how many baskets hold them all.
Sets = Mapping[tuple[int, ...], int]


@dataclass(frozen=True, slots=True)
class Rule:
    """Baskets with all of `given` also hold `also`.

    Attributes:
        baskets: How many hold all of it.
        given_in: How many hold `given`.
        also_in: How many hold `also`.
    """

    given: tuple[int, ...]
    also: int
    baskets: int
    given_in: int
    also_in: int


def frequent(
    holds: NDArray[np.bool_], times: ArrayLike, *, least: int, largest: int = LARGEST
) -> Sets:
    """Return every set of things that enough baskets hold.

    Args:
        holds: Which basket holds which thing; shape (baskets, things).
        times: How often each basket was seen; shape (baskets,).
        least: Baskets from which on a set is frequent; at least 1.
        largest: Things in the largest set.

    A set can only be frequent when each part of it is, so none is looked for beyond (Agrawal
    and Srikant 1994; depth first as in Zaki 2000).
    """
    weights = np.asarray(times, np.int64)
    found: dict[tuple[int, ...], int] = {}

    def grow(prefix: tuple[int, ...], rows: Counts) -> None:
        begins = prefix[-1] + 1 if prefix else 0
        part = holds[rows, begins:]
        counts = np.einsum("i,ij->j", weights[rows], part, dtype=np.int64)
        for place in np.flatnonzero(counts >= least):
            own = (*prefix, begins + int(place))
            found[own] = int(counts[place])
            if len(own) < largest:
                grow(own, rows[part[:, place]])

    grow((), np.arange(len(weights)))
    return found


def rules(sets: Sets, *, confidence: float) -> list[Rule]:
    """Return every rule with one thing on its right whose confidence reaches a share."""
    found = []
    for things, baskets in sets.items():
        for nth, also in enumerate(things if len(things) > 1 else ()):
            given = (*things[:nth], *things[nth + 1 :])
            if baskets >= confidence * sets[given]:
                found.append(Rule(given, also, baskets, sets[given], sets[(also,)]))
    return found


def by_chance(baskets: ArrayLike, given: ArrayLike, also: ArrayLike, *, among: int) -> Numbers:
    """Return how probably chance puts two things together so often, or more often.

    Fisher's exact test, one-sided: `also` baskets drawn without return from all, of which
    `given` hold the other thing.

    >>> float(by_chance(3, 3, 3, among=6).round(3))
    0.05
    """
    found: Numbers = hypergeom.sf(np.asarray(baskets) - 1, among, np.asarray(given), also)
    return found


def false_share(chances: ArrayLike, *, tests: int) -> Numbers:
    """Return the share of false finds among those at least as sure as each.

    Args:
        chances: Probability of each under chance alone.
        tests: How many were looked at, those not listed included: they count as not sure.

    Source: Benjamini and Hochberg (1995), Controlling the false discovery rate, JRSS B 57:
    289-300; it holds where finds go together, as those about one thing do.

    >>> false_share([0.01, 0.04, 0.03], tests=3).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    p = np.asarray(chances, np.float64)
    order = np.argsort(p, kind="stable")[::-1]
    scaled = p[order] * tests / np.arange(len(p), 0, -1)
    found = np.empty(len(p))
    found[order] = np.minimum(np.minimum.accumulate(scaled), 1.0)
    return found
