"""How each person shops: kind of buyer, enthusiasm, when she starts online, when she enrols."""

from dataclasses import dataclass

import numpy as np

from tuttuno.demo.arrays import NONE, Flags, Floats, Ints
from tuttuno.demo.people import People
from tuttuno.demo.world import World

#: Kinds of buyer: a passer-by comes for a short while; natives never visit a store.
STORE_REGULAR, ADOPTER, BOTH_BEFORE, NATIVE, PASSER_STORE, PASSER_ONLINE = range(6)
KINDS = ("store_regular", "adopter", "both_before", "native", "passer_store", "passer_online")


@dataclass(frozen=True, slots=True)
class Habits:
    """One entry per person; months count from the window's start.

    A month equal to the window's length means never, `NONE` (-1) means before the
    window. `seasonal` visits follow the season, `steady` ones (enthusiasm) do not: the
    season moves everybody by the same number of visits, so trends of enthusiasts and
    others are parallel in levels. `starts` and `stops` bound a passer-by's visits.
    """

    kind: Ints
    seasonal: Floats
    steady: Floats
    online_from: Ints
    enrols: Ints
    starts: Ints
    stops: Ints
    account: Flags
    shows_card: Flags
    leaves_mail: Flags

    @property
    def native(self) -> Flags:
        """Who never visits a store."""
        found: Flags = (self.kind == NATIVE) | (self.kind == PASSER_ONLINE)
        return found

    @property
    def regular(self) -> Flags:
        """Who comes for the whole window (a late native: from her arrival on)."""
        return self.kind < PASSER_STORE


def make(world: World, block: int, people: People) -> Habits:
    """Draw the habits of one block of people."""
    rng = world.rng(block, "habits")
    count, months = people.count, world.calendar.months
    calm = world.settings("trips.enthusiasm")
    seasonal = _gamma(rng, world.settings("trips.visit_spread"), count) * (1 - calm)
    zeal = _gamma(rng, world.settings("trips.enthusiasm_spread"), count)
    kind = _kinds(world, rng, zeal)
    late = (kind == NATIVE) & (rng.random(count) < world.settings("people.late_native"))
    passer = kind >= PASSER_STORE
    # passers-by online come after a quarter of a year's look at who buys online
    first = np.where(kind == PASSER_ONLINE, min(6, months // 4), -3)
    starts = np.where(passer, first + (rng.random(count) * (months - first)), 0)
    starts = np.where(late, min(6, months // 4) + rng.random(count) * months * 0.6, starts)
    starts = starts.astype(np.int64)
    stops = np.where(passer, starts + rng.integers(1, 9, count), months)
    online = (kind == BOTH_BEFORE) | (kind == NATIVE) | (kind == PASSER_ONLINE)
    starts_online = _inside(rng, months, count)
    online_from = np.where(online, NONE, np.where(kind == ADOPTER, starts_online, months))
    enrols = _enrolment(world, rng, zeal, passer)
    native = (kind == NATIVE) | (kind == PASSER_ONLINE)
    scale = np.where(native, world.settings("trips.native_rate"), 1.0)
    return Habits(
        kind=kind,
        seasonal=seasonal * scale,
        steady=zeal * calm * scale,
        online_from=online_from,
        # nobody enrols before she arrives
        enrols=np.where(late, np.maximum(enrols, starts), enrols),
        starts=starts,
        stops=stops,
        account=rng.random(count) >= world.settings("channels.guest"),
        shows_card=rng.random(count) < 0.97,
        leaves_mail=rng.random(count) < world.settings("identification.receipt_by_mail"),
    )


def online_ready(habits: Habits, months: int) -> Flags:
    """Say for each person and month whether she buys online at all by then."""
    month = np.arange(months)
    begun: Flags = habits.online_from[:, None] <= month
    return begun


def present(habits: Habits, months: int) -> Flags:
    """Say for each person and month whether she shops with us at all."""
    month = np.arange(months)
    here: Flags = (habits.starts[:, None] <= month) & (month < habits.stops[:, None])
    return here


def _gamma(rng: np.random.Generator, shape: float, count: int) -> Floats:
    """Draw positive numbers of mean one; the smaller the shape, the heavier the tail."""
    return rng.gamma(shape, 1 / shape, count)


def _kinds(world: World, rng: np.random.Generator, zeal: Floats) -> Ints:
    """Draw kinds; the enthusiastic are likelier to buy in both channels."""
    settings = world.settings
    lot = rng.random(len(zeal))
    pull = (0.5 + 0.5 * np.minimum(zeal, 3.0)) * 1.03
    both = settings("people.both_before") * pull
    adopts = settings("people.adopter") * pull
    native = settings("people.online_native")
    kind = np.where(lot < native, NATIVE, STORE_REGULAR)
    kind = np.where((lot >= native) & (lot < native + both), BOTH_BEFORE, kind)
    begins = (lot >= native + both) & (lot < native + both + adopts)
    kind = np.where(begins, ADOPTER, kind)
    passes = rng.random(len(zeal)) < settings("people.passer_by")
    online = rng.random(len(zeal)) < settings("people.passer_by_online")
    return np.where(passes, np.where(online, PASSER_ONLINE, PASSER_STORE), kind).astype(np.int64)


def _enrolment(world: World, rng: np.random.Generator, zeal: Floats, passer: Flags) -> Ints:
    """Draw the month of enrolment; enthusiasm, which nobody sees, pulls people in."""
    settings, months = world.settings, world.calendar.months
    before, inside = settings("loyalty.enrolled_before"), settings("loyalty.enrolled_inside")
    joins = before + inside
    odds = np.log(joins / (1 - joins)) + settings("loyalty.enthusiasm_pull") * (zeal - 1)
    member = (rng.random(len(zeal)) < 1 / (1 + np.exp(-odds))) & ~passer
    early = rng.random(len(zeal)) < before / joins
    month = _inside(rng, months, len(zeal))
    enrols: Ints = np.where(member, np.where(early, NONE, month), months)
    return enrols


def _inside(rng: np.random.Generator, months: int, count: int) -> Ints:
    """Draw a month well inside the window, so that there is a before and an after."""
    return rng.integers(min(6, months // 4), max(months - 3, months // 4 + 1), count)
