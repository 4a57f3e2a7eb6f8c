"""Click & collect: what happens to an order between the click and the counter."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tuttuno.demo.arrays import DAY, NONE, Flags, Ints, choose, moments, words
from tuttuno.demo.calendar import Calendar
from tuttuno.demo.world import World

COLLECTED, BY_CUSTOMER, BY_RETAILER, EXPIRED = range(4)
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Pickups:
    """One entry per click & collect order, in seconds of the store's clock.

    Each moment has a flag: what would come after the window has not happened yet.
    """

    order: Ints
    promised: Ints
    ready: Ints
    is_ready: Flags
    ends: Ints
    outcome: Ints
    is_over: Flags

    @property
    def collected(self) -> Flags:
        """Which orders were handed over inside the window."""
        done: Flags = self.is_over & (self.outcome == COLLECTED)
        return done


def make(world: World, rng: np.random.Generator, order: Ints, placed: Ints) -> Pickups:
    """Follow orders placed at the given seconds to their end."""
    settings, calendar, count = world.settings, world.calendar, len(order)
    fails = [
        settings(f"pickups.{name}")
        for name in ("cancelled_customer", "cancelled_retailer", "expired")
    ]
    outcome = choose(rng, [1 - sum(fails), *fails], count)
    promised = placed + int(settings("pickups.promised_hours") * HOUR)
    waits = np.exp(rng.normal(np.log(settings("pickups.ready_hours")), 0.55, count)) * HOUR
    ready = _in_hours(calendar, rng, placed + waits.astype(np.int64))
    dwell = np.exp(rng.normal(np.log(settings("pickups.dwell_hours")), 0.9, count)) * HOUR
    shelf = int(settings("pickups.shelf_days")) * DAY
    dwell = np.minimum(dwell, shelf - 2 * DAY).astype(np.int64)
    collected = _in_hours(calendar, rng, ready + np.maximum(dwell, HOUR))
    undone = placed + (rng.random(count) * (ready - placed)).astype(np.int64)
    expired = (ready + shelf) // DAY * DAY + 21 * HOUR
    early = (outcome == BY_RETAILER) | ((outcome == BY_CUSTOMER) & (rng.random(count) < 0.6))
    undone = np.where(early, undone, ready + dwell // 2)
    undone = undone + HOUR * (undone % DAY // HOUR == 2)  # never in the hour of the clock change
    ends = np.select([outcome == COLLECTED, outcome == EXPIRED], [collected, expired], undone)
    close = calendar.end * DAY
    return Pickups(
        order=order,
        promised=promised,
        ready=ready,
        is_ready=(ready < close) & ~((ends < ready) & (outcome != COLLECTED)),
        ends=ends,
        outcome=outcome,
        is_over=ends < close,
    )


def renumbered(pickups: Pickups, order: Ints) -> Pickups:
    """Point at the orders' new positions."""
    return replace(pickups, order=order)


def _in_hours(calendar: Calendar, rng: np.random.Generator, moment: Ints) -> Ints:
    """Move moments to the next time a store is open: the same day, or another one."""
    day, second = moment // DAY, moment % DAY
    opens, shuts = 9 * HOUR, 20 * HOUR
    inside = (second >= opens) & (second < shuts)
    day = day + (second >= shuts)
    shut: npt.NDArray[np.bool_] = np.diff(calendar.store_so_far) == 0
    for _ in range(2):  # Christmas and Saint Stephen follow each other
        place = np.clip(day - calendar.start, 0, len(shut) - 1)
        closed = shut[place] & (day < calendar.end)
        day, inside = day + closed, inside & ~closed
    later = opens + rng.integers(0, 2 * HOUR, len(moment))
    return day * DAY + np.where(inside & (day == moment // DAY), second, later)


def table(pickups: Pickups, sale_id: pa.Array, placed: Ints, store: pa.Array) -> pa.Table:
    """Write the pick-ups; a moment that has not come yet is empty.

    Args:
        pickups: What happened.
        sale_id: The order of each pick-up.
        placed: When it was placed, in seconds.
        store: Where it is collected.
    """
    over, outcome = pickups.is_over, pickups.outcome
    cancelled = over & ((outcome == BY_CUSTOMER) | (outcome == BY_RETAILER))
    return pa.table(
        {
            "source": words(["shop"], np.zeros_like(placed)),
            "sale_id": sale_id,
            "store_id": store,
            "placed_at": moments(placed),
            "promised_at": moments(pickups.promised),
            "ready_at": moments(pickups.ready, known=pickups.is_ready),
            "collected_at": moments(pickups.ends, known=pickups.collected),
            "cancelled_at": moments(pickups.ends, known=cancelled),
            "cancelled_by": words(
                ["customer", "retailer"], np.where(cancelled, outcome - BY_CUSTOMER, NONE)
            ),
            "expired_at": moments(pickups.ends, known=over & (outcome == EXPIRED)),
        }
    )
