"""What one person may buy next, each with its reason: the same again, or what goes with it."""

from dataclasses import dataclass

import numpy as np

from tuttuno.measures.buying.fitting import NotIdentified
from tuttuno.measures.buying.histories import Numbers
from tuttuno.measures.buying.mbg_nbd import MbgNbd
from tuttuno.measures.suggesting.again import Had, chances, fit_again, intervals, waits
from tuttuno.measures.suggesting.neighbours import Near, Places, Taste, held, nearest


@dataclass(frozen=True, slots=True)
class Learned:
    """What is known of things from who bought them, made once for many persons.

    Attributes:
        near: The nearest things of each thing.
        buyers: Persons with each thing; shape (things,).
        every: Days between two purchases of each thing by those who come back for it.
        waited: Days for each time it is bought anew, by all who have it.
        model: How things are bought again; None where too few came back to say.
        until: The day from which on nothing is known.
    """

    near: Near
    buyers: Places
    every: Numbers
    waited: Numbers
    model: MbgNbd | None
    until: int


@dataclass(frozen=True, slots=True)
class Again:
    """A thing she may buy again: how probably within the days asked for, and its usual interval."""

    thing: int
    chance: float
    days: float


@dataclass(frozen=True, slots=True)
class Fresh:
    """A thing new to her, and which of hers speaks most for it.

    Attributes:
        because: The thing of hers that is nearest to it.
        persons: How many have both.
        share: How many of those who have `because` have it.
    """

    thing: int
    score: float
    because: int
    persons: int
    share: float


def learn(had: Had, *, shape: tuple[int, int], taste: Taste, until: int) -> Learned:
    """Learn what goes with what, and after how long it is bought again.

    Args:
        had: Who bought which thing how often; days from any day.
        shape: How many persons and things there are.
        taste: How near things have to be.
        until: The day from which on nothing is known.
    """
    table = held(had.person, had.thing, shape=shape)
    waited = waits(had, things=shape[1], until=until)
    try:
        model = fit_again(had, waited, until=until)
    except NotIdentified:
        model = None
    return Learned(
        near=nearest(table, table, taste),
        buyers=np.asarray(table.sum(axis=0), np.int64),
        every=intervals(had, things=shape[1]),
        waited=waited,
        model=model,
        until=until,
    )


def again(own: Had, learned: Learned, *, ahead: int, places: int) -> list[Again]:
    """Return what she will most probably buy again within some days; of equals the earlier thing.

    Args:
        own: Her things, without those that she must not be offered.
        learned: What is known of things.
        ahead: The days.
        places: At most so many.
    """
    if learned.model is None or not len(own.thing):
        return []
    found = chances(learned.model, own, learned.waited, until=learned.until, ahead=ahead)
    order = np.lexsort((own.thing, -np.round(found, 9)))[:places]
    return [
        Again(int(own.thing[at]), float(found[at]), float(learned.every[own.thing[at]]))
        for at in order
    ]


def fresh(own: Places, never: Places, learned: Learned, *, places: int) -> list[Fresh]:
    """Return what goes with her things and is new to her, nearest to all of them first.

    Args:
        own: What she has.
        never: What no list may offer her: all she ever had, and what she gave back.
        learned: What is known of things.
        places: At most so many.
    """
    mine = learned.near.scores[own]
    scores = np.asarray(mine.sum(axis=0), float).ravel()
    scores[never] = 0.0
    order = np.lexsort((np.arange(len(scores)), -np.round(scores, 12)))[:places]
    found = []
    for thing in order[scores[order] > 0]:
        best = int(np.argmax(mine[:, [thing]].toarray()))
        because = int(own[best])
        persons = int(learned.near.persons[because, thing])
        share = persons / int(learned.buyers[because])
        found.append(Fresh(int(thing), float(scores[thing]), because, persons, share))
    return found
