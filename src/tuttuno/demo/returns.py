"""Goods that come back: which lines of which sale, when, and over which counter."""

from dataclasses import dataclass

import numpy as np

from tuttuno.demo.arrays import DAY, NONE, Flags, Floats, Ints, rank, within
from tuttuno.demo.baskets import Lines
from tuttuno.demo.pickups import COLLECTED, Pickups
from tuttuno.demo.trips import STORE, Trips
from tuttuno.demo.world import World


@dataclass(frozen=True, slots=True)
class Returns:
    """Return slips, and the lines on them.

    One entry per slip: the basket it undoes, the moment, its month, the store (-1 when
    sent back or never collected), whether an online order came back to a store, the sale
    number. One entry per returned line, by slip: the slip, the line undone in full.
    """

    trip: Ints
    at: Ints
    month: Ints
    store: Ints
    across: Flags
    number: Ints
    slip: Ints
    line: Ints

    @property
    def count(self) -> int:
        """How many slips there are."""
        return len(self.trip)

    @property
    def line_no(self) -> Ints:
        """Positions on the slips, from 1."""
        return within(np.bincount(self.slip, minlength=self.count).astype(np.int64)) + 1


def make(
    world: World, block: int, bought: tuple[Trips, Lines], pickups: Pickups, home: Ints
) -> Returns:
    """Draw what one block of people brings back inside the window.

    An order that was cancelled or never collected is undone in full, at that moment.
    """
    rng = world.rng(block, "returns")
    trips, lines = bought
    handed = trips.at.copy()
    handed[pickups.order] = np.where(pickups.collected, pickups.ends, NONE)
    undone = pickups.is_over & (pickups.outcome != COLLECTED)
    chosen = _brought_back(world, rng, trips, handed)
    trip = np.concatenate([chosen, pickups.order[undone]])
    regular = np.arange(len(trip)) < len(chosen)
    across, store, at = _counters(world, rng, trips, handed, chosen, home)
    missing = len(trip) - len(chosen)
    at = np.concatenate([at, pickups.ends[undone]])
    store = np.concatenate([store, np.full(missing, NONE)])
    across = np.concatenate([across, np.zeros(missing, dtype=np.bool_)])
    keep = at < world.calendar.end * DAY
    trip, at = trip[keep], at[keep]
    slip, line = _lines(world, rng, lines, trip, ~regular[keep])
    return Returns(
        trip=trip,
        at=at,
        month=world.calendar.month_of(at // DAY),
        store=store[keep],
        across=across[keep],
        number=block * world.sale_span + trips.count + rank(at),
        slip=slip,
        line=line,
    )


def _brought_back(world: World, rng: np.random.Generator, trips: Trips, handed: Ints) -> Ints:
    """Choose the sales that come back at all, among those handed over."""
    remote = trips.channel != STORE
    store, online = world.settings("returns.store"), world.settings("returns.online")
    chance = np.where(remote, online, store)
    return np.flatnonzero((rng.random(trips.count) < chance) & (handed != NONE))


def _counters(
    world: World, rng: np.random.Generator, trips: Trips, handed: Ints, trip: Ints, home: Ints
) -> tuple[Flags, Ints, Ints]:
    """Choose for each sale whether it crosses channels, the store or none, the moment."""
    calendar = world.calendar
    remote = trips.channel[trip] != STORE
    lot = rng.random(len(trip))
    across = remote & (lot < world.settings("returns.online_in_store"))
    # goods sent to an address need some days before they can come back
    wait = 1 + 4 * remote + rng.exponential(world.settings("returns.days"), len(trip))
    day = handed[trip] // DAY + wait.astype(np.int64)
    in_store = across | ~remote
    day = _when_open(calendar.store_so_far, day - calendar.start, in_store) + calendar.start
    store = np.where(across, home[trips.person[trip]], trips.store[trip])
    closed = world.stores.opened_on[np.maximum(store, 0)] > day
    store = np.where(in_store, np.where(closed, 0, store), NONE)
    return across, store, day * DAY + calendar.seconds(rng, len(trip), online=False)


def _lines(
    world: World, rng: np.random.Generator, lines: Lines, trip: Ints, undone: Flags
) -> tuple[Ints, Ints]:
    """Choose one line of each sale, or all of them."""
    first = np.searchsorted(lines.trip, trip)
    sizes = np.searchsorted(lines.trip, trip, side="right") - first
    whole = undone | (rng.random(len(trip)) < world.settings("returns.whole"))
    one = first + (rng.random(len(trip)) * sizes).astype(np.int64)
    many = np.where(whole, sizes, 1).astype(np.int64)
    start = np.where(whole, first, one)
    slip = np.repeat(np.arange(len(trip)), many)
    return slip, start[slip] + within(many)


def _when_open(so_far: Floats, day: Ints, in_store: Flags) -> Ints:
    """Move a day on which the stores are shut to the next open one."""
    shut = np.diff(so_far) == 0
    for _ in range(2):
        inside = np.clip(day, 0, len(shut) - 1)
        day = day + (shut[inside] & in_store & (day < len(shut)))
    return day
