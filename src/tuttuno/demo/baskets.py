"""What is in each basket: products by taste and memory, pieces, prices, discounts, VAT."""

from dataclasses import dataclass

import numpy as np

from tuttuno.demo.arrays import DAY, Flags, Floats, Ints, choose, within
from tuttuno.demo.products import CATEGORIES, ONLINE, STORE, Shelf
from tuttuno.demo.trips import Trips
from tuttuno.demo.world import World


@dataclass(frozen=True, slots=True)
class Lines:
    """One entry per sale line; money in cents.

    `gross` is the shelf price with VAT times pieces, and to the cent
    `gross - discount == net + vat`.
    """

    trip: Ints
    line_no: Ints
    product: Ints
    quantity: Ints
    gross: Ints
    discount: Ints
    net: Ints
    vat: Ints
    saldi: Ints

    @property
    def count(self) -> int:
        """How many lines there are."""
        return len(self.trip)


def make(world: World, block: int, trips: Trips) -> Lines:
    """Fill the baskets of one block of people."""
    rng = world.rng(block, "baskets")
    extra = world.settings("trips.lines_per_basket") - 1
    sizes = 1 + rng.poisson(extra, trips.count).astype(np.int64)
    trip = np.repeat(np.arange(trips.count), sizes)
    day = trips.at[trip] // DAY
    online = trips.channel[trip] != 0
    product = _by_taste(world, rng, trips.person[trip], day, online)
    product = _by_memory(world, rng, product, trips.person[trip], day, online)
    quantity = 1 + choose(rng, [0.86, 0.10, 0.03, 0.01], len(trip))
    gross = world.products.cents[product] * quantity
    saldi = world.calendar.in_saldi(day)
    discount = _discounts(world, rng, gross, saldi)
    net, vat = split_vat(gross - discount, world.products.vat[product])
    return Lines(
        trip=trip,
        line_no=within(sizes) + 1,
        product=product,
        quantity=quantity,
        gross=gross,
        discount=discount,
        net=net,
        vat=vat,
        saldi=saldi,
    )


def split_vat(paid: Ints, rate: Ints) -> tuple[Ints, Ints]:
    """Split cents paid into net and VAT of a whole per cent; the two add up exactly.

    Half a cent goes up, away from zero on a return, so a return mirrors its sale.
    """
    size = np.abs(paid)
    net = (size * 200 + (100 + rate)) // (2 * (100 + rate)) * np.sign(paid)
    return net, paid - net


def _by_taste(
    world: World, rng: np.random.Generator, person: Ints, day: Ints, online: Flags
) -> Ints:
    """Choose products: a category the person likes (or any), then by popularity in it."""
    products, size = world.products, len(person)
    people = int(person.max()) + 1 if size else 0
    likes = choose(rng, products.weights, people * 4).reshape(people, 4)
    own = likes[person, choose(rng, [0.4, 0.3, 0.2, 0.1], size)]
    any_category = choose(rng, products.weights, size)
    category = np.where(rng.random(size) < world.settings("truth.taste"), own, any_category)
    rank = rng.random(size) ** world.settings("products.popularity")
    product = _on_shelf(products.shelves, category, rank, online)
    listed = products.listed(product, day, online=online)
    steady = _on_shelf(products.steady_shelves, category, rank, online)
    return np.where(listed, product, steady)


def _on_shelf(shelves: tuple[Shelf, Shelf], category: Ints, rank: Floats, online: Flags) -> Ints:
    def take(shelf: Shelf) -> Ints:
        place = (rank * shelf.sizes[category]).astype(np.int64)
        found: Ints = shelf.members[shelf.starts[category] + place]
        return found

    return np.where(online, take(shelves[ONLINE]), take(shelves[STORE]))


def _by_memory(
    world: World, rng: np.random.Generator, product: Ints, person: Ints, day: Ints, online: Flags
) -> Ints:
    """Let some online lines repeat a product the same person bought in a store before.

    Lines are sorted by person and time, so the store lines before a line are the ones
    counted so far for her.
    """
    bought = np.flatnonzero(~online)
    so_far = np.cumsum(~online)
    new_person = np.flatnonzero(np.diff(person, prepend=-1) != 0)
    before = np.zeros(len(person), dtype=np.int64)
    before[new_person] = np.where(new_person > 0, so_far[new_person - 1], 0)
    before = np.maximum.accumulate(before)
    known = so_far - before
    lot = rng.random(len(person))
    recalls = online & (known > 0) & (lot < world.settings("truth.known_product"))
    line = np.flatnonzero(recalls)
    pick = before[line] + (rng.random(len(line)) * known[line]).astype(np.int64)
    again = product[bought[pick]]
    sold = world.products.listed(again, day[line], online=online[line])
    product = product.copy()
    product[line[sold]] = again[sold]
    return product


def _discounts(world: World, rng: np.random.Generator, gross: Ints, saldi: Ints) -> Ints:
    """Draw discounts in whole tenths of the price; deeper and more often in the saldi."""
    chance = np.where(
        saldi > 0, world.settings("offers.discounted_saldi"), world.settings("offers.discounted")
    )
    deep = np.array([20, 30, 40, 50])[choose(rng, [0.3, 0.4, 0.2, 0.1], len(gross))]
    light = np.array([5, 10, 15, 20])[choose(rng, [0.2, 0.4, 0.2, 0.2], len(gross))]
    percent = np.where(saldi > 0, deep, light) * (rng.random(len(gross)) < chance)
    cents: Ints = (gross * percent + 50) // 100
    return cents


def catalogue_paths() -> list[str]:
    """List the category paths in the order products use."""
    return [category.path for category in CATEGORIES]
