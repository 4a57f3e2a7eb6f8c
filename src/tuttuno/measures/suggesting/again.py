"""What somebody will buy again: how often each thing is bought anew, and whose turn has come."""

from dataclasses import dataclass

import numpy as np

from tuttuno.measures.buying.fitting import require
from tuttuno.measures.buying.histories import Histories, Numbers
from tuttuno.measures.buying.mbg_nbd import MbgNbd, fit_mbg_nbd
from tuttuno.measures.suggesting.neighbours import Places

#: Repeats after which a thing's own time between purchases counts as much as everybody's.
_SHRUNK = 20.0

#: Histories that four parameters are estimated from; more make them no surer.
_FITTED = 50_000


@dataclass(frozen=True, slots=True)
class Had:
    """Who bought which thing how often; one row a person and thing, arrays of one length.

    Attributes:
        times: Purchases of the thing, at least 1.
        first, last: Days of the first and of the last one, counted from any day.
    """

    person: Places
    thing: Places
    times: Places
    first: Places
    last: Places

    @property
    def repeats(self) -> Places:
        """Purchases after the first; several on one day are one."""
        return np.where(self.last > self.first, np.maximum(self.times - 1, 1), 0)

    def where(self, chosen: Places) -> "Had":
        """Return some of the rows."""
        columns = (self.person, self.thing, self.times, self.first, self.last)
        return Had(*(each[chosen] for each in columns))


def intervals(had: Had, *, things: int) -> Numbers:
    """Return the days between two purchases of each thing by one person; shape (things,).

    Those of a thing bought anew by few lean towards the mean over all; nan where nobody
    bought anything twice.
    """
    return _each(had, had.last - had.first, things)


def waits(had: Had, *, things: int, until: int) -> Numbers:
    """Return how many days somebody who has a thing waits for each time it is bought anew.

    Unlike `intervals` it counts those who never come back for it; shape (things,). Things
    bought anew by few lean towards the mean over all; nan where nobody bought anything twice.
    """
    return _each(had, until - had.first, things)


def _each(had: Had, days: Places, things: int) -> Numbers:
    added = np.bincount(had.thing, days.astype(float), things)
    repeats = np.bincount(had.thing, had.repeats.astype(float), things)
    if not repeats.sum():
        return np.full(things, np.nan)
    mean = added.sum() / repeats.sum()
    found: Numbers = (added + _SHRUNK * mean) / (repeats + _SHRUNK)
    return found


def fit_again(had: Had, every: Numbers, *, until: int) -> MbgNbd:
    """Fit how people buy one thing again; time counts in the thing's own measure.

    Args:
        had: What was bought before `until`.
        every: Days that each thing is waited for, from `waits`.
        until: The day from which on nothing is known.

    Measured so, bread and shoes follow one law: MBG/NBD with four parameters for all things.

    Raises:
        NotIdentified: Too few bought anything again.
    """
    require(float(np.count_nonzero(had.repeats)))
    if len(had.thing) > _FITTED:
        draw = np.random.default_rng(7)
        had = had.where(np.sort(draw.choice(len(had.thing), _FITTED, replace=False)))
    return fit_mbg_nbd(Histories.of(*_histories(had, every, until)))


def chances(model: MbgNbd, had: Had, every: Numbers, *, until: int, ahead: int) -> Numbers:
    """Return how probably each thing is bought again within some days; one value a row."""
    found: Numbers = model.returns(ahead / every[had.thing], *_histories(had, every, until))
    return found


def _histories(had: Had, every: Numbers, until: int) -> tuple[Numbers, Numbers, Numbers]:
    own = every[had.thing]
    return had.repeats.astype(float), (had.last - had.first) / own, (until - had.first) / own
