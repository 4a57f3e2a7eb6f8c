"""Every visit that ends in a purchase, and why it happened: the known causes of the demo."""

from dataclasses import dataclass

import numpy as np

from tuttuno.demo import pickups as counters
from tuttuno.demo.arrays import DAY, Flags, Floats, Ints, choose, rank
from tuttuno.demo.campaigns import Contacts
from tuttuno.demo.habits import ADOPTER, Habits, online_ready, present
from tuttuno.demo.people import People
from tuttuno.demo.world import World

#: Why a basket exists. `DIVERTED` would have been a store basket had its buyer not taken up
#: the online channel; `NEW` would not exist at all. `LOYAL`, `COLLECT`, `CAMPAIGN` and
#: `ATTACHED` (a store basket at pick-up) would not exist without the card, the launch of
#: click & collect, the contact.
HABIT, DIVERTED, NEW, NATIVE, LOYAL, COLLECT, CAMPAIGN, PHONE, ATTACHED = range(9)
REASONS = (
    "habit", "diverted", "new", "native", "loyal", "collect", "campaign", "phone", "attached",
)  # fmt: skip
_ONLINE = (DIVERTED, NEW, NATIVE, LOYAL, COLLECT, CAMPAIGN)

#: Positions of `vocab.Channel` and `vocab.Handover`, in the order they are written there.
STORE, WEB, APP, MARKETPLACE, SOCIAL, PHONE_CALL = range(6)
CARRIED, DELIVERED, COLLECTED, SHIPPED_FROM_STORE = range(4)


@dataclass(frozen=True, slots=True)
class Trips:
    """One entry per basket, sorted by person and time; `at` in seconds of the local clock.

    `store` is where the basket was paid or is collected, -1 for other online orders.
    `number` is the sale's number over all blocks, in
    order of time inside a block.
    """

    person: Ints
    month: Ints
    at: Ints
    reason: Ints
    channel: Ints
    handover: Ints
    store: Ints
    number: Ints

    @property
    def count(self) -> int:
        """How many baskets there are."""
        return len(self.person)

    @property
    def online(self) -> Flags:
        """Which baskets were decided on a screen; a phone call is none."""
        return (self.channel >= WEB) & (self.channel <= SOCIAL)


def make(
    world: World, block: int, people: People, habits: Habits, contacts: Contacts
) -> tuple[Trips, counters.Pickups]:
    """Draw all baskets of one block of people, and follow those to be collected."""
    rng = world.rng(block, "trips")
    person, month, reason = _expand(_counts(world, rng, people, habits, contacts))
    online = np.isin(reason, _ONLINE)
    at = np.empty(len(person), dtype=np.int64)
    from_home = online | (reason == PHONE)
    at[from_home] = world.calendar.moments(rng, month[from_home], online=True)
    at[~from_home] = world.calendar.moments(rng, month[~from_home], online=False)
    channel = np.where(reason == PHONE, PHONE_CALL, STORE)
    channel[online] = _channels(world, rng, int(online.sum()))
    home = people.store[person]
    offered = (world.stores.collects[home] <= month) & np.isin(channel, (WEB, APP))
    collects = offered & (rng.random(len(at)) < world.settings("truth.collect_share"))
    ships = rng.random(len(at)) < world.settings("channels.shipped_from_store")
    handover = np.where(ships, SHIPPED_FROM_STORE, DELIVERED)
    handover = np.where(collects, COLLECTED, np.where(channel == STORE, CARRIED, handover))
    store = np.where(channel == STORE, _stores(world, rng, home, month), -1)
    store = np.where(collects | (handover == SHIPPED_FROM_STORE), home, store)
    drawn = Trips(person, month, at, reason, channel, handover, store, person)
    return _with_attached(world, block, rng, drawn)


def _counts(
    world: World, rng: np.random.Generator, people: People, habits: Habits, contacts: Contacts
) -> dict[int, Ints]:
    """Draw how many baskets each person has each month, for each reason."""
    settings, calendar = world.settings, world.calendar
    here = present(habits, calendar.months)
    ready = online_ready(habits, calendar.months) & here
    visits = _visits(world, habits) * here
    native = habits.native[:, None]
    divert, share = settings("truth.divert"), settings("truth.diversion")
    shifted = visits * divert * (ready & ~native)
    fresh = shifted * (1 - share) / share
    natives = visits * (native & ready)
    enrolled = habits.enrols[:, None] <= np.arange(calendar.months)
    offers = world.stores.collects[people.store][:, None] <= np.arange(calendar.months)
    lift = settings("truth.collect_new") * (shifted + fresh + natives) * offers
    loyal = np.where(enrolled & ready, settings("truth.loyalty") * world.pace, 0.0)
    mailed: Floats = np.zeros(visits.shape)
    sent = contacts.treated
    mailed[contacts.person[sent], contacts.month[sent]] = settings("truth.campaign")
    mailed = mailed * world.pace * ready
    rates: dict[int, Floats] = {
        HABIT: (visits - shifted) * ~native, DIVERTED: shifted, NEW: fresh, NATIVE: natives,
        LOYAL: loyal, COLLECT: lift, CAMPAIGN: mailed,
        PHONE: visits * settings("trips.phone_rate"),
    }  # fmt: skip
    counts = {reason: _poisson(rng, rate) for reason, rate in rates.items()}
    _open_with_an_order(counts, habits)
    return counts


def _visits(world: World, habits: Habits) -> Floats:
    """Return expected visits per person and month: seasonal ones and steady ones."""
    seasonal = habits.seasonal[:, None] * world.calendar.season
    rates: Floats = (seasonal + habits.steady[:, None]) * world.rate
    return rates


def _poisson(rng: np.random.Generator, rate: Floats) -> Ints:
    """Draw counts, skipping the many cells that cannot have any."""
    counts = np.zeros(rate.shape, dtype=np.int64)
    some = rate > 0
    counts[some] = rng.poisson(rate[some])
    return counts


def _open_with_an_order(counts: dict[int, Ints], habits: Habits) -> None:
    """Give each adopter an order in her first online month, so that it can be seen."""
    who = np.flatnonzero(habits.kind == ADOPTER)
    month = habits.online_from[who]
    ordered = sum(counts[reason][who, month] for reason in _ONLINE)
    counts[NEW][who, month] += ordered == 0


def _expand(counts: dict[int, Ints]) -> tuple[Ints, Ints, Ints]:
    """Turn counts into one entry per basket: person, month, reason."""
    found: list[tuple[Ints, Ints, Ints]] = []
    for reason, count in counts.items():
        person, month = np.nonzero(count)
        times = count[person, month]
        again = np.repeat(person, times), np.repeat(month, times)
        found.append((*again, np.full(int(times.sum()), reason)))
    person, month, why = (np.concatenate(column) for column in zip(*found, strict=True))
    return person, month, why


def _channels(world: World, rng: np.random.Generator, size: int) -> Ints:
    """Draw web, app, marketplace or social for online orders."""
    others = [world.settings(f"channels.{name}") for name in ("app", "marketplace", "social")]
    return WEB + choose(rng, [1 - sum(others), *others], size)


def _stores(world: World, rng: np.random.Generator, home: Ints, month: Ints) -> Ints:
    """Choose where a store basket is bought: mostly at home, never before the opening."""
    stores = world.stores
    away = rng.random(len(home)) < world.settings("stores.away")
    old = np.flatnonzero(stores.opens < 0)
    other = old[choose(rng, stores.draw[old], len(home))]
    return np.where(away | (stores.opens[home] > month), other, home)


def _with_attached(
    world: World, block: int, rng: np.random.Generator, drawn: Trips
) -> tuple[Trips, counters.Pickups]:
    """Add the store baskets that people buy because they came to collect; sort and number."""
    orders = np.flatnonzero(drawn.handover == COLLECTED)
    pickups = counters.make(world, rng, orders, drawn.at[orders])
    buys = pickups.collected & (rng.random(len(orders)) < world.settings("truth.collect_attach"))
    at = pickups.ends[buys] + rng.integers(180, 2_400, int(buys.sum()))
    base = orders[buys]
    inside = at < world.calendar.end * DAY
    at, base = at[inside], base[inside]
    size = len(base)
    person = np.concatenate([drawn.person, drawn.person[base]])
    at = np.concatenate([drawn.at, at])
    order = np.lexsort((at, person))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))

    def add(column: Ints, value: int) -> Ints:
        return np.concatenate([column, np.full(size, value)])[order]

    trips = Trips(
        person=person[order],
        month=world.calendar.month_of(at[order] // DAY),
        at=at[order],
        reason=add(drawn.reason, ATTACHED),
        channel=add(drawn.channel, STORE),
        handover=add(drawn.handover, CARRIED),
        store=np.concatenate([drawn.store, drawn.store[base]])[order],
        number=block * world.sale_span + rank(at[order]),
    )
    return trips, counters.renumbered(pickups, place[orders])
