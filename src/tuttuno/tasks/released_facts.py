"""What a release says of its persons at a glance: totals, band, home store, tier."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import ibis
import numpy as np

from tuttuno.measures.channel_class import band_of
from tuttuno.measures.params import Params
from tuttuno.tasks.open_release import OpenRelease
from tuttuno.vault.releases import Release

#: What a release says of some persons, by id; whom it does not know is left out.
Facts: TypeAlias = dict[int, dict[str, Any]]

#: Tells the facts of some persons, given the parameters that the project sets otherwise.
FactsOf: TypeAlias = Callable[[OpenRelease, Mapping[str, float], Sequence[int]], Facts]

_PERSONS = ibis.param("array<int64>")

_WORDS = ("channel_band", "home_store", "tier", "age_band", "language")
_DAYS = ("first_on", "last_on", "enrolled_on")
_COUNTS = ("orders", "orders_store", "orders_online")
_AMOUNTS = ("net", "net_store", "net_online")


def facts_of(persons: ibis.Table, opened: OpenRelease, limits: tuple[float, float]) -> ibis.Table:
    """Return the facts of some rows of the table `person`.

    Args:
        persons: Those rows.
        opened: The release.
        limits: Those of the bands, see `band_limits`.
    """
    store = opened.tables["store"]
    theta, orders = limits
    row = persons.left_join(store, persons.home_store_id == store.store_id)
    row = row.mutate(
        channel_band=band_of(row, theta=theta, orders=int(orders)),
        home_store=ibis.coalesce(row.name, row.home_store_id),
    )
    return row.select("person_id", *_WORDS, *_DAYS, *_COUNTS, *_AMOUNTS)


def band_limits(opened: OpenRelease, params: Mapping[str, float]) -> tuple[float, float]:
    """Return the share and the orders that decide on a band, as they are set for the release."""
    asked, day = Params(params), opened.release.at.date()
    return (
        asked.used("channel_class.theta", on=day).value,
        asked.used("channel_class.orders", on=day).value,
    )


def filled(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a person; whom a release does not know has bought nothing yet."""
    facts = {name: row.get(name) for name in (*_WORDS, *_DAYS)}
    facts |= {name: row.get(name) or 0 for name in _COUNTS}
    return facts | {name: float(row.get(name) or 0) for name in _AMOUNTS}


def facts_asked(opened: OpenRelease, params: Mapping[str, float], ids: Sequence[int]) -> Facts:
    """Ask the release for the facts of some persons: best for who asks once."""
    asked = opened.once(_rows, *band_limits(opened, params))
    return {row["person_id"]: filled(row) for row in opened.ask(asked, {_PERSONS: list(ids)})}


def facts_remembered(opened: OpenRelease, params: Mapping[str, float], ids: Sequence[int]) -> Facts:
    """Look the facts up among those of everybody, loaded at the first asking."""
    return released_facts(opened, params).of(ids)


def released_facts(opened: OpenRelease, params: Mapping[str, float]) -> "ReleasedFacts":
    """Return the facts of everybody, loaded once for each open release."""
    return opened.once(ReleasedFacts, *band_limits(opened, params))


def _rows(opened: OpenRelease, theta: float, orders: float) -> ibis.Table:
    person = opened.tables["person"]
    return facts_of(person.filter(_PERSONS.contains(person.person_id)), opened, (theta, orders))


class ReleasedFacts:
    """The facts of all persons of a release in memory, about 80 bytes each.

    A look-up at the till must not wait for files: one row is found in microseconds.
    """

    def __init__(self, opened: OpenRelease, theta: float, orders: float) -> None:
        rows = facts_of(opened.tables["person"], opened, (theta, orders))
        slim = rows.mutate(
            **{name: rows[name].cast("float64") for name in _AMOUNTS},
            **{name: rows[name].cast("int32") for name in _COUNTS},
        )
        found = opened.engine.run(slim.order_by(ibis.asc("person_id")))
        for name in _WORDS:
            coded = found[name].dictionary_encode().unify_dictionaries()
            found = found.set_column(found.column_names.index(name), name, coded)
        self.release: Release = opened.release
        self._ids = found["person_id"].to_numpy()
        self._columns = {
            name: found[name].combine_chunks() for name in found.column_names if name != "person_id"
        }

    def of(self, person_ids: Sequence[int]) -> Facts:
        """Return the facts of some persons; whom the release does not know is left out."""
        places = np.searchsorted(self._ids, np.array(person_ids, np.int64)).tolist()
        return {
            person: filled({name: column[at].as_py() for name, column in self._columns.items()})
            for person, at in zip(person_ids, places, strict=True)
            if at < len(self._ids) and self._ids[at] == person
        }
