"""The customers themselves: households, names, birth dates, homes, phones, addresses."""

from dataclasses import dataclass

import numpy as np

from tuttuno.demo.arrays import NONE, Flags, Ints, choose
from tuttuno.demo.calendar import EPOCH, as_date
from tuttuno.demo.names import FAMILY, FEMALE, MALE, STREETS
from tuttuno.demo.world import BLOCK, World

#: Given names of both lists, women first; a person's `given` is a position here.
GIVEN = (*FEMALE, *MALE)

#: Mobile prefixes in use; with seven digits each they number more people than we make.
PREFIXES = (
    "320", "327", "328", "329", "333", "334", "335", "338", "339", "340", "347", "348", "349",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class People:
    """One entry per person of a block; positions inside the block unless said otherwise.

    `number` is the true person id, from 1 over all blocks. `married` is a second family
    name or `NONE`. `mailbox` and `mobile` name the person whose e-mail and phone are used
    (a household may share one), `old_mobile` an older number that somebody else has now.
    """

    number: Ints
    household: Ints
    head: Ints
    female: Flags
    given: Ints
    family: Ints
    married: Ints
    born: Ints
    store: Ints
    cap: Ints
    street: Ints
    house: Ints
    old_street: Ints
    old_house: Ints
    mailbox: Ints
    mobile: Ints
    old_mobile: Ints

    @property
    def count(self) -> int:
        """How many people the block has."""
        return len(self.number)


def make(world: World, block: int) -> People:
    """Draw the people of one block, household by household."""
    rng = world.rng(block, "people")
    count = world.size(block)
    head, place = _households(world, rng, count)
    female = rng.random(count) < 0.53
    # couples are mostly a woman and a man
    mixed = (place == 1) & (rng.random(count) < 0.94)
    female = np.where(mixed, ~female[head], female)
    given = _given(rng, female)
    family, married = _families(world, rng, head, place, female)
    born = _births(world, rng, head, place)
    given, female, born = _traps(world, rng, (given, female, born), (head, place))
    store = choose(rng, world.stores.draw, count)[head]
    street, house = rng.integers(0, len(STREETS), count)[head], _house(rng, count)[head]
    moved = rng.random(count) < world.settings("people.moved")
    me = np.arange(count)
    shares = rng.random((2, count))[:, head]
    with_head = place <= 1
    mailbox = np.where(with_head & (shares[0] < world.settings("mess.shared_email")), head, me)
    mobile = np.where(with_head & (shares[1] < world.settings("mess.shared_phone")), head, me)
    recycled = rng.random(count) < world.settings("mess.recycled_phone")
    return People(
        number=me + block * BLOCK + 1,
        household=head + block * BLOCK + 1,
        head=head,
        female=female,
        given=given,
        family=family,
        married=married,
        born=born,
        store=store,
        cap=(world.stores.cap[store] + _spread(world, rng, store, count)[head]),
        street=street,
        house=house,
        old_street=np.where(moved, rng.integers(0, len(STREETS), count), street),
        old_house=np.where(moved, _house(rng, count), house),
        mailbox=mailbox,
        mobile=mobile,
        old_mobile=np.where(recycled, rng.integers(0, count, count), NONE),
    )


def mobile_digits(number: Ints) -> Ints:
    """Give every person number its own ten-digit Italian mobile number.

    Multiplying by a number without a factor in common with the range is a
    one-to-one shuffle of it.
    """
    span = len(PREFIXES) * 10**7
    mixed = number * 48_271_949 % span
    prefix = np.array([int(text) for text in PREFIXES])[mixed // 10**7]
    return (prefix * 10**7 + mixed % 10**7).astype(np.int64)


def _households(world: World, rng: np.random.Generator, count: int) -> tuple[Ints, Ints]:
    """Give each person the position of her household's head and her own place in it."""
    single = world.settings("people.household_of_one")
    sizes = 1 + choose(
        rng, [single, (1 - single) * 0.5, (1 - single) * 0.3, (1 - single) * 0.2], count
    )
    starts = np.cumsum(sizes) - sizes
    head = np.repeat(starts, sizes)[:count]
    return head.astype(np.int64), (np.arange(count) - head).astype(np.int64)


def _given(rng: np.random.Generator, female: Flags) -> Ints:
    """Draw given names; the first of each list are the most common."""
    rank = rng.random(len(female)) ** 1.5
    girls = (rank * len(FEMALE)).astype(np.int64)
    boys = len(FEMALE) + (rank * len(MALE)).astype(np.int64)
    return np.where(female, girls, boys)


def _families(
    world: World, rng: np.random.Generator, head: Ints, place: Ints, female: Flags
) -> tuple[Ints, Ints]:
    """Draw family names: partners keep their own, children take the head's."""
    count = len(head)
    own = (rng.random(count) ** 1.6 * len(FAMILY)).astype(np.int64)
    family = np.where(place == 1, own, own[head])
    weds = female & (place == 1) & (rng.random(count) < world.settings("people.married_name") * 3)
    return family, np.where(weds, own[head], NONE)


def _births(world: World, rng: np.random.Generator, head: Ints, place: Ints) -> Ints:
    """Draw birth days: heads and partners 24 to 85, children 18 and up."""
    count = len(head)
    year = as_date(world.calendar.start).year
    age = np.clip(rng.normal(49, 15, count), 24, 85)
    age = np.where(place == 1, np.clip(age[head] + rng.normal(-1, 4, count), 22, 88), age)
    child = np.clip(age[head] - rng.normal(29, 4, count), 18, 45)
    age = np.where(place >= 2, child, age)
    day = (np.datetime64(f"{year}-01-01") - np.datetime64(EPOCH)).astype(np.int64)
    return (day - age * 365.2425).astype(np.int64) - rng.integers(0, 365, count)


def _traps(
    world: World,
    rng: np.random.Generator,
    traits: tuple[Ints, Flags, Ints],
    where: tuple[Ints, Ints],
) -> tuple[Ints, Flags, Ints]:
    """Plant father and son of one name, and twins."""
    given, female, born = traits[0].copy(), traits[1].copy(), traits[2].copy()
    head, place = where
    lot = rng.random(len(head))[head]
    son = (place == 2) & (lot < world.settings("mess.same_name_son")) & ~female[head]
    given[son], female[son] = given[head[son]], False
    twin = (place == 3) & (lot > 1 - world.settings("mess.twins"))
    born[twin] = born[np.flatnonzero(twin) - 1]
    return given, female, born


def _house(rng: np.random.Generator, count: int) -> Ints:
    number: Ints = 1 + (rng.random(count) ** 1.7 * 140).astype(np.int64)
    return number


def _spread(world: World, rng: np.random.Generator, store: Ints, count: int) -> Ints:
    caps = np.array([city.caps for city in world.stores.cities])
    step: Ints = (rng.random(count) * caps[store]).astype(np.int64)
    return step
