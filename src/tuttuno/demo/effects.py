"""The known effects: sums over blocks of what happened and of what would have happened."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from tuttuno.demo import baskets, overlap
from tuttuno.demo.arrays import Floats, Ints
from tuttuno.demo.baskets import Lines
from tuttuno.demo.campaigns import Contacts
from tuttuno.demo.habits import ADOPTER, Habits
from tuttuno.demo.people import People
from tuttuno.demo.products import Products
from tuttuno.demo.sales import Sold
from tuttuno.demo.trips import ATTACHED, CAMPAIGN, COLLECT, DIVERTED, LOYAL, STORE, Trips
from tuttuno.demo.world import World


@dataclass(slots=True)
class Tally:
    """Sums that grow block by block; `stores` has a grid of stores x months per name."""

    sums: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    stores: dict[str, Floats] = field(default_factory=dict)

    def add(self, name: str, amount: float) -> None:
        """Add to a sum."""
        self.sums[name] += float(amount)

    def spread(
        self, name: str, place: tuple[Ints, Ints], weight: Floats, shape: tuple[int, int]
    ) -> None:
        """Add weights to the grid of stores x months."""
        flat = np.bincount(
            place[0] * shape[1] + place[1], weights=weight, minlength=shape[0] * shape[1]
        )
        grid = self.stores.setdefault(name, np.zeros(shape))
        grid += flat.reshape(shape)


def count(
    tally: Tally,
    world: World,
    block: int,
    crowd: tuple[People, Habits],
    sold: Sold,
    contacts: Contacts,
) -> None:
    """Add one block of people to every sum."""
    people, habits = crowd
    value = basket_value(sold.trips, sold.lines)
    worth = {"revenue": value, "net": value - _brought_back(sold)}
    instead = basket_value(sold.trips, in_store(world, block, sold.trips))
    _adoption(tally, world, habits, sold, {**worth, "instead": instead})
    _loyalty(tally, world, habits, sold.trips, worth)
    _stores(tally, world, people, sold.trips, value)
    _campaign(tally, sold.trips, contacts)
    _overlap(tally, world.products, sold)
    _coverage(tally, sold, value)


def basket_value(trips: Trips, lines: Lines) -> Floats:
    """Return net EUR of each basket before returns."""
    cents = np.bincount(lines.trip, weights=lines.net, minlength=trips.count)
    value: Floats = cents / 100
    return value


def in_store(world: World, block: int, trips: Trips) -> Lines:
    """Fill the baskets as if those that were diverted had been bought in the store.

    The same tastes, but from the shelves and at the prices of the stores: what only the online
    shop sells was never theirs to lose.
    """
    channel = np.where(trips.reason == DIVERTED, STORE, trips.channel)
    return baskets.make(world, block, replace(trips, channel=channel))


def _brought_back(sold: Sold) -> Floats:
    """Return net EUR of what came back of each basket inside the window."""
    back, lines = sold.returns, sold.lines
    trip = back.trip[back.slip]
    cents = np.bincount(trip, weights=lines.net[back.line], minlength=sold.trips.count)
    value: Floats = cents / 100
    return value


def _adoption(
    tally: Tally, world: World, habits: Habits, sold: Sold, worth: Mapping[str, Floats]
) -> None:
    """Compare adopters' baskets with those they would have had without the online channel.

    Without it a diverted basket is a store basket, worth what it would have been there
    (`instead`), of which the stores keep the share they keep of all theirs; new orders, and
    what was bought while collecting them, are not there. Members are those who enrolled before
    the window and ever bought offline under their name.
    """
    trips = sold.trips
    store = trips.channel == STORE
    kept = worth["net"][store].sum() / max(worth["revenue"][store].sum(), 1.0)
    lost = {"revenue": worth["instead"], "net": worth["instead"] * kept}
    who = trips.person
    after = (habits.kind[who] == ADOPTER) & (trips.month >= habits.online_from[who])
    adopters = habits.kind == ADOPTER
    months = (world.calendar.months - habits.online_from)[adopters]
    tally.add("adopters", int(adopters.sum()))
    tally.add("adopter_months", int(months.sum()))
    seen = np.zeros(len(habits.enrols), dtype=np.bool_)
    seen[who[sold.keys.identified & ~trips.online]] = True
    member = ((habits.enrols < 0) & seen)[who]
    for name, where in {
        "online": after & trips.online,
        "diverted": after & trips.online & (trips.reason == DIVERTED),
        "attached": after & (trips.reason == ATTACHED),
    }.items():
        for group, part in {"adopter": where, "member_adopter": where & member}.items():
            tally.add(f"{group}_{name}_orders", int(part.sum()))
            for kind in ("revenue", "net"):
                value = (lost if name == "diverted" else worth)[kind]
                tally.add(f"{group}_{name}_{kind}", value[part].sum())


def _loyalty(
    tally: Tally, world: World, habits: Habits, trips: Trips, worth: Mapping[str, Floats]
) -> None:
    """Sum what enrolment caused, and what the naive comparison would credit it with."""
    months = world.calendar.months
    inside = (habits.enrols >= 0) & (habits.enrols < months)
    was_online = habits.regular & (habits.online_from < 0) & (habits.starts == 0)
    caused = trips.reason == LOYAL
    for name, treated in {"online": inside & was_online, "all": inside}.items():
        tally.add(f"enrolled_{name}", int(treated.sum()))
        tally.add(f"enrolled_{name}_months", int((months - habits.enrols)[treated].sum()))
        where = caused & treated[trips.person]
        tally.add(f"loyal_{name}_orders", int(where.sum()))
        for kind, value in worth.items():
            tally.add(f"loyal_{name}_{kind}", value[where].sum())
    last_year = trips.online & (trips.month >= months - min(12, months // 2))
    for name, group in {
        "member": was_online & inside & (habits.enrols < months - min(12, months // 2)),
        "stranger": was_online & (habits.enrols >= months),
    }.items():
        tally.add(f"naive_{name}_people", int(group.sum()))
        tally.add(f"naive_{name}_orders", int((last_year & group[trips.person]).sum()))


def _stores(tally: Tally, world: World, people: People, trips: Trips, value: Floats) -> None:
    """Fill the grids: store sales where they were paid, online sales by the buyer's home store."""
    shape = (world.stores.count, world.calendar.months)
    home = people.store[trips.person]
    for name, where, place in (
        ("store", trips.channel == STORE, trips.store),
        ("store_caused", trips.reason == ATTACHED, trips.store),
        ("online", trips.online, home),
        ("online_caused", trips.reason == COLLECT, home),
    ):
        at = (place[where], trips.month[where])
        tally.spread(f"{name}_orders", at, np.ones(int(where.sum())), shape)
        tally.spread(f"{name}_revenue", at, value[where], shape)


def _campaign(tally: Tally, trips: Trips, contacts: Contacts) -> None:
    tally.add("contacts_treated", int(contacts.treated.sum()))
    tally.add("contacts_control", int((~contacts.treated).sum()))
    tally.add("campaign_orders", int((trips.reason == CAMPAIGN).sum()))


def _overlap(tally: Tally, products: Products, sold: Sold) -> None:
    trips, lines = sold.trips, sold.lines
    counted = (trips.channel == STORE) | trips.online
    for scope, use in {"all": counted, "identified": counted & sold.keys.identified}.items():
        line = use[lines.trip]
        person, product = trips.person[lines.trip[line]], lines.product[line]
        online = trips.online[lines.trip[line]]
        for level, item in {
            "product": product,
            "brand": products.brand[product],
            "category": products.category[product],
        }.items():
            found = overlap.measure(person, item, online)
            for name in ("in_both", "online_only", "store_only", "expected"):
                tally.add(f"overlap_{scope}_{level}_{name}", getattr(found, name))


def _coverage(tally: Tally, sold: Sold, value: Floats) -> None:
    """Count sales and revenue with and without a key of a person."""
    trips, keys = sold.trips, sold.keys
    store = trips.channel == STORE
    token_only = ~keys.identified & (keys.token >= 0)
    for name, where in {
        "all": np.ones(trips.count, dtype=np.bool_),
        "store": store,
        "identified": keys.identified,
        "store_identified": store & keys.identified,
        "store_token_only": store & token_only,
        "online": trips.online,
        "phone": ~store & ~trips.online,
    }.items():
        tally.add(f"sales_{name}", int(where.sum()))
        tally.add(f"revenue_{name}", value[where].sum())
