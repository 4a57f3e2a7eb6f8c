"""Goods that come back: which line of which sale, when, and over which counter."""

from dataclasses import dataclass

import numpy as np

from tuttuno.demo.arrays import DAY, Flags, Ints
from tuttuno.demo.baskets import Lines
from tuttuno.demo.trips import STORE, Trips
from tuttuno.demo.world import World


@dataclass(frozen=True, slots=True)
class Returns:
    """One entry per return: the line it undoes in full, the moment, the store (or -1).

    `across` marks an online order brought back to a store.
    """

    line: Ints
    at: Ints
    month: Ints
    store: Ints
    across: Flags
    number: Ints


def make(world: World, block: int, trips: Trips, lines: Lines, home: Ints) -> Returns:
    """Draw what one block of people brings back inside the window."""
    rng = world.rng(block, "returns")
    settings, calendar = world.settings, world.calendar
    remote = trips.channel != STORE
    chance = np.where(remote, settings("returns.online"), settings("returns.store"))
    trip = np.flatnonzero(rng.random(trips.count) < chance)
    first = np.searchsorted(lines.trip, trip)
    sizes = np.searchsorted(lines.trip, trip, side="right") - first
    line = first + (rng.random(len(trip)) * sizes).astype(np.int64)
    across = remote[trip] & (rng.random(len(trip)) < settings("returns.online_in_store"))
    # goods sent to an address need some days before they can come back
    wait = 1 + 4 * remote[trip] + rng.exponential(settings("returns.days"), len(trip))
    day = trips.at[trip] // DAY + wait.astype(np.int64)
    in_store = across | ~remote[trip]
    day = _when_open(calendar.store_so_far, day - calendar.start, in_store) + calendar.start
    at = day * DAY + calendar.seconds(rng, len(trip), online=False)
    store = np.where(across, home[trips.person[trip]], trips.store[trip])
    closed = world.stores.opened_on[np.maximum(store, 0)] > day
    store = np.where(in_store, np.where(closed, 0, store), -1)
    keep = day < calendar.end
    return Returns(
        line=line[keep],
        at=at[keep],
        month=calendar.month_of(day[keep]),
        store=store[keep],
        across=across[keep],
        number=block * world.sale_span + trips.count + np.arange(int(keep.sum())),
    )


def _when_open(so_far: np.ndarray, day: Ints, in_store: Flags) -> Ints:
    """Move a day on which the stores are shut to the next open one."""
    shut = np.diff(so_far) == 0
    for _ in range(2):
        inside = np.clip(day, 0, len(shut) - 1)
        day = day + (shut[inside] & in_store & (day < len(shut)))
    return day
