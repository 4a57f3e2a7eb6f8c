"""The world of one run: numbers, calendar, stores, products, and how people come in blocks."""

from dataclasses import dataclass

import numpy as np

from tuttuno.demo import calendar as calendars
from tuttuno.demo import products as shelves
from tuttuno.demo import settings as numbers
from tuttuno.demo import stores as shops
from tuttuno.demo.arrays import stream
from tuttuno.demo.plan import Plan

#: People are simulated in blocks of this size, each from its own random streams.
BLOCK = 20_000


@dataclass(frozen=True, slots=True)
class World:
    """What every block of people shares."""

    settings: numbers.Settings
    calendar: calendars.Calendar
    stores: shops.Stores
    products: shelves.Products
    people: int
    seed: int
    rate: float
    pace: float
    sale_span: int

    @property
    def blocks(self) -> int:
        """How many blocks the people fill."""
        return -(-self.people // BLOCK)

    def size(self, block: int) -> int:
        """How many people a block has; only the last may be short."""
        return min(BLOCK, self.people - block * BLOCK)

    def rng(self, block: int, part: str) -> np.random.Generator:
        """Return the random numbers of one part of one block."""
        return stream(self.seed, block + 1, part)


#: Baskets per person and month when a store customer's visit rate is one, in the mean over
#: all kinds of people; measured once, so that `lines_per_person` comes out right.
BASKETS_PER_VISIT = 0.946


def make(plan: Plan) -> World:
    """Build the shared world.

    `rate` is the visits per month of a regular store customer, `pace` the lines per month
    relative to 24 in 36 months, `sale_span` the sale numbers set aside for each block.
    """
    settings = numbers.load()
    calendar = calendars.make(settings, plan.months)
    baskets = plan.lines_per_person / settings("trips.lines_per_basket")
    return World(
        settings=settings,
        calendar=calendar,
        stores=shops.make(settings, calendar, plan.people, plan.seed),
        products=shelves.make(settings, calendar, plan.seed),
        people=plan.people,
        seed=plan.seed,
        rate=baskets / plan.months / BASKETS_PER_VISIT,
        pace=(plan.lines_per_person / plan.months) / (24 / 36),
        sale_span=int(BLOCK * (baskets * 3 + 20)),
    )
