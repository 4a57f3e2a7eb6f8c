"""Who bought which thing how often, where and when: what lists are made from and tried on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from tuttuno.measures.suggesting.again import Had
from tuttuno.measures.suggesting.neighbours import Places, held


@dataclass(frozen=True, slots=True)
class Bought:
    """One row for each person, thing and side; arrays of one length.

    Attributes:
        times: Lines bought.
        first, last: Days, counted from any day.
        past_times, past_last: The same of the time before the months on which lists are tried.
        shape: How many persons and things there are.
    """

    person: Places
    thing: Places
    times: Places
    first: Places
    last: Places
    past_times: Places
    past_last: Places
    online: NDArray[np.bool_]
    shape: tuple[int, int]

    def where(self, chosen: NDArray[np.bool_]) -> sparse.csr_array:
        """Return who bought what, of some of the rows."""
        return held(self.person[chosen], self.thing[chosen], shape=self.shape)

    def had(self, *, past: bool) -> Had:
        """Return who bought which thing how often on both sides together."""
        times, last = (self.past_times, self.past_last) if past else (self.times, self.last)
        rows = np.flatnonzero(times > 0)
        key = self.person[rows] * self.shape[1] + self.thing[rows]
        order = np.argsort(key)
        rows, key = rows[order], key[order]
        begins = np.flatnonzero(np.diff(key, prepend=-1))
        if not len(begins):
            return Had(rows, rows, rows, rows, rows)
        return Had(
            person=self.person[rows][begins],
            thing=self.thing[rows][begins],
            times=np.add.reduceat(times[rows], begins),
            first=np.minimum.reduceat(self.first[rows], begins),
            last=np.maximum.reduceat(last[rows], begins),
        )


#: A value of the split and what was bought within it.
Part = tuple[tuple[str | None, ...], Bought]


def parts(keys: Sequence[str], found: pa.Table, *, things: int) -> Iterator[Part]:
    """Yield each value of the split, with what was bought within it.

    Args:
        keys: Columns of the split; none: all is one part.
        found: What the engine gave: `person_id`, `place`, `online`, `times`, `first`, `last`,
            `past_times`, `past_last`, and those of the split.
        things: How many there are.
    """
    columns = [found[key].combine_chunks().dictionary_encode("encode") for key in keys]
    code = np.zeros(found.num_rows, np.int64)
    for column in columns:
        code = code * len(column.dictionary) + column.indices.to_numpy()
    for own in np.unique(code):
        at = np.flatnonzero(code == own)
        key, rest = [], int(own)
        for column in reversed(columns):
            rest, nth = divmod(rest, len(column.dictionary))
            key.append(column.dictionary[nth].as_py())
        yield tuple(reversed(key)), _of(found.take(pa.array(at)) if keys else found, things)


def _of(found: pa.Table, things: int) -> Bought:
    count, person = _numbered(found["person_id"])
    names = ("place", "times", "first", "last", "past_times", "past_last")
    thing, times, first, last, past_times, past_last = (
        found[name].to_numpy().astype(np.int64) for name in names
    )
    return Bought(
        person=person,
        thing=thing,
        times=times,
        first=first,
        last=last,
        past_times=past_times,
        past_last=past_last,
        online=np.asarray(found["online"].to_numpy(), np.bool_),
        shape=(count, things),
    )


def _numbered(ids: pa.ChunkedArray) -> tuple[int, Places]:
    """Count the persons, and number them in the order of their ids: sorts those, not the rows."""
    told = ids.combine_chunks().dictionary_encode()
    known = told.dictionary.to_numpy()
    number = np.empty(len(known), np.int64)
    number[np.argsort(known)] = np.arange(len(known))
    return len(known), number[told.indices.to_numpy()]
