"""The stores: where they stand, when they opened, since when they offer click & collect."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tuttuno.demo.arrays import NONE, Flags, Floats, Ints, days, digits, join, stream, words
from tuttuno.demo.calendar import Calendar
from tuttuno.demo.cities import CITIES, City
from tuttuno.demo.settings import Settings

BRAND = "Magazzini Mirabello"


@dataclass(frozen=True, slots=True)
class Stores:
    """One entry per store; months count from the window's start.

    `opens` is below zero for a store older than the window; `collects` is the first
    month of click & collect, or the number of months when it never comes.
    """

    cities: tuple[City, ...]
    cap: Ints
    opened_on: Ints
    opens: Ints
    collects: Ints
    collect_since: Ints
    draw: Floats
    keeps_tokens: Flags

    @property
    def count(self) -> int:
        """How many stores there are."""
        return len(self.cities)

    @property
    def ids(self) -> pa.Array:
        """The store keys as the sources write them."""
        return _ids(self.count)


def make(settings: Settings, calendar: Calendar, people: int, seed: int) -> Stores:
    """Open the stores; more people have a few more of them."""
    rng = stream(seed, 0, "stores")
    grown = settings("stores.at_20k_people") * (people / 20_000) ** settings("stores.growth")
    count = int(np.clip(round(grown), settings("stores.fewest"), len(CITIES)))
    late = min(int(settings("stores.opening_in_window")), count - 6)
    opens = np.full(count, NONE)
    # the last cities of the list open inside the window, well apart
    opens[count - late :] = [calendar.months * (k + 1) // (late + 2) for k in range(late)]
    opened_on = calendar.start - rng.integers(900, 12_000, count)
    opened_on[opens >= 0] = calendar.first_day[opens[opens >= 0]]
    collects = _launches(settings, calendar, opens)
    launch_day = calendar.first_day[np.minimum(collects, calendar.months)]
    keeps = np.zeros(count, dtype=np.bool_)
    keeps[rng.permutation(count)[: round(count * settings("stores.captures_tokens"))]] = True
    cities = CITIES[:count]
    return Stores(
        cities=cities,
        cap=np.array([city.cap for city in cities]),
        opened_on=opened_on,
        opens=opens,
        collects=collects,
        collect_since=np.where(collects < calendar.months, launch_day, NONE),
        draw=np.array([city.size for city in cities]) * rng.uniform(0.85, 1.15, count),
        keeps_tokens=keeps,
    )


def _launches(settings: Settings, calendar: Calendar, opens: Ints) -> Ints:
    """Stage click & collect: big stores first, every third never, none in a new store."""
    count, months = len(opens), calendar.months
    collects = np.full(count, months)
    every = max(2, round(1 / settings("stores.never_collect")))
    staged = [k for k in range(count) if opens[k] < 0 and k % every != every - 1]
    first, last = months // 4, months * 3 // 4
    for place, store in enumerate(staged):
        wave = place * 4 // max(1, len(staged))  # four waves
        collects[store] = first + wave * (last - first) // 4
    return collects


def table(stores: Stores) -> pa.Table:
    """Write the stores as the exchange format asks."""
    every = np.arange(stores.count)
    cities = stores.cities
    offered = stores.collect_since != NONE
    return pa.table(
        {
            "store_id": stores.ids,
            "name": [f"{BRAND} {city.name}" for city in cities],
            "brand": words([BRAND], np.zeros_like(every)),
            "postal_code": digits(stores.cap, 5),
            "city": [city.name for city in cities],
            "province": [city.province for city in cities],
            "country": words(["IT"], np.zeros_like(every)),
            "latitude": np.array([city.latitude for city in cities]),
            "longitude": np.array([city.longitude for city in cities]),
            "opened_on": days(stores.opened_on),
            "closed_on": pa.nulls(stores.count, pa.date32()),
            "collect_since": days(np.maximum(stores.collect_since, 0), known=offered),
            "timezone": words(["Europe/Rome"], np.zeros_like(every)),
        }
    )


def _ids(count: int) -> pa.Array:
    return join(pa.array(["N"] * count), digits(np.arange(1, count + 1), 2))
