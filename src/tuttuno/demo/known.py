"""Which source knows which customer, and since when."""

from dataclasses import dataclass

import numpy as np

from tuttuno.demo.agreement import Agreement
from tuttuno.demo.arrays import DAY, NONE, Flags, Ints
from tuttuno.demo.habits import Habits
from tuttuno.demo.loyalty import Cards
from tuttuno.demo.trips import MARKETPLACE, PHONE_CALL, STORE, Trips
from tuttuno.demo.world import World


@dataclass(frozen=True, slots=True)
class Known:
    """One entry per person unless said otherwise.

    `since` is the second her online records begin. `alias` has one entry per basket:
    orders placed under a `+alias`, each of which leaves a record of its own.
    `agrees` is what she answers wherever she is asked about marketing.
    """

    till: Flags
    account: Flags
    guest: Flags
    market: Flags
    newsletter: Flags
    app: Flags
    crm: Flags
    since: Ints
    till_since: Ints
    market_since: Ints
    alias: Flags
    agrees: Flags

    @property
    def shop(self) -> Flags:
        """Who has an account or guest record in the shop."""
        return self.account | self.guest


def make(
    world: World,
    block: int,
    shoppers: tuple[Habits, Agreement, Cards],
    trips: Trips,
) -> Known:
    """Find out who leaves a record where."""
    habits, agreement, cards = shoppers
    rng = world.rng(block, "known")
    settings, count = world.settings, len(habits.kind)
    market = _anyone(trips, trips.channel == MARKETPLACE, count)
    ordered = (trips.channel != STORE) & (trips.channel != MARKETPLACE)
    orders = _anyone(trips, ordered, count)
    old = habits.regular & (habits.online_from < 0) & (habits.starts <= 0)
    orders = orders | (old & habits.account)  # accounts outlive their last order
    account = orders & habits.account
    guest = orders & ~habits.account
    in_store = trips.channel == STORE
    till = habits.leaves_mail & habits.regular & ~cards.member & _anyone(trips, in_store, count)
    agrees = np.where(orders, agreement.online, agreement.card)
    reads = np.where(
        orders, settings("records.newsletter_online"), settings("records.newsletter_store")
    )
    newsletter = agrees & (orders | habits.regular) & (rng.random(count) < reads)
    app = account & (rng.random(count) < settings("records.app"))
    anywhere = orders | cards.member | till
    early = world.calendar.start * DAY - rng.integers(1, 900 * DAY, count)
    first = _first(trips, ordered, count) - rng.integers(60, 900, count)
    since = np.where(old | ~orders, early, first)
    guest_orders = ordered & guest[trips.person] & (trips.channel != PHONE_CALL)
    alias = guest_orders & (rng.random(trips.count) < settings("identification.alias_guest"))
    return Known(
        till=till,
        account=account,
        guest=guest,
        market=market,
        newsletter=newsletter,
        app=app,
        crm=anywhere & (rng.random(count) < settings("records.crm")),
        since=since,
        till_since=_first(trips, in_store, count) - 30,
        market_since=_first(trips, trips.channel == MARKETPLACE, count) - 45,
        alias=alias,
        agrees=agrees,
    )


def _anyone(trips: Trips, where: Flags, count: int) -> Flags:
    """Say which persons have a basket of this kind."""
    found: Flags = np.bincount(trips.person[where], minlength=count) > 0
    return found


def _first(trips: Trips, where: Flags, count: int) -> Ints:
    """Return the moment of each person's first such basket; `NONE` without any."""
    first = np.full(count, NONE)
    person = trips.person[where][::-1]  # sorted by time, so the last write is the first basket
    first[person] = trips.at[where][::-1]
    return first
