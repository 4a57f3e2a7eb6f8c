"""Which keys of a person stand on a receipt or an order; often, in a store, none."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tuttuno.demo import keys, loyalty, mess
from tuttuno.demo.arrays import DAY, NONE, Flags, Ints, digits, join
from tuttuno.demo.known import Known
from tuttuno.demo.loyalty import Cards
from tuttuno.demo.people import People
from tuttuno.demo.trips import MARKETPLACE, PHONE_CALL, STORE, Trips
from tuttuno.demo.world import World

#: Prepaid cards change hands: their tokens stand for nobody.
GIFT_CARDS = 12


@dataclass(frozen=True, slots=True)
class Keys:
    """One entry per basket: positions in the texts of the same name, or `NONE`."""

    record: Ints
    card: Ints
    email: Ints
    phone: Ints
    token: Ints
    records: pa.Array
    cards: pa.Array
    emails: pa.Array
    phones: pa.Array
    tokens: pa.Array

    @property
    def identified(self) -> Flags:
        """Which baskets carry a key of a person; a payment token alone is none."""
        found: Flags = (self.record != NONE) | (self.card != NONE) | (self.email != NONE)
        return found


def make(world: World, block: int, crowd: tuple[People, Known, Cards], trips: Trips) -> Keys:
    """Write the keys on every basket of one block of people."""
    people, known, cards = crowd
    rng = world.rng(block, "identification")
    card = _cards(world, rng, cards, known, trips)
    record = _records(world, rng, known, trips, people.count)
    email = _emails(world, rng, people, known, trips)
    keyed = (record != NONE) | (card != NONE) | (email != NONE)
    every = np.arange(people.count)
    once, again = np.zeros(people.count, dtype=np.bool_), np.ones(people.count, dtype=np.bool_)
    return Keys(
        record=record,
        card=card,
        email=email,
        phone=np.where(trips.channel == PHONE_CALL, trips.person, NONE),
        token=_tokens(world, rng, trips, keyed, people.count),
        records=_record_texts(world, people, known, trips),
        cards=pa.concat_arrays(
            [loyalty.numbers(people, every, second) for second in (once, again)]
        ),
        emails=_email_texts(world, people, known, trips),
        phones=mess.phones(people.number[people.mobile], every % 3),
        tokens=_token_texts(people.number),
    )


def _cards(
    world: World, rng: np.random.Generator, cards: Cards, known: Known, trips: Trips
) -> Ints:
    """Show the card at the till, and in the shop where it was linked to the account."""
    settings, count = world.settings, len(cards.member)
    who = trips.person
    in_force = (cards.uses[who] != NONE) & (trips.at >= cards.since[who])
    shows = rng.random(trips.count) < settings("loyalty.card_shown")
    linked = (rng.random(count) < settings("loyalty.linked"))[who]
    own = cards.member[who] & known.account[who] & (trips.channel != MARKETPLACE)
    where = in_force & np.where(trips.channel == STORE, shows, linked & own)
    owner = np.where(where, cards.uses[who], 0)
    later = trips.at >= cards.since[owner] + 180 * DAY
    second = cards.second[owner] & later & (rng.random(trips.count) < 0.4)
    return np.where(where, owner + count * second, NONE)


def _records(
    world: World, rng: np.random.Generator, known: Known, trips: Trips, count: int
) -> Ints:
    """Name the shop's customer on every order, the till's on digital receipts."""
    who = trips.person
    shop = np.where(known.account[who], who, who + count)
    shop = np.where(trips.channel == MARKETPLACE, who + 2 * count, shop)
    shop[known.alias] = 4 * count + np.arange(int(known.alias.sum()))
    asks = rng.random(trips.count) < world.settings("identification.till_asked")
    till = np.where(known.till[who] & asks, who + 3 * count, NONE)
    return np.where(trips.channel == STORE, till, shop)


def _emails(
    world: World, rng: np.random.Generator, people: People, known: Known, trips: Trips
) -> Ints:
    """Write the guest's e-mail on an order; on some account orders that of a relative."""
    who = trips.person
    shop = (trips.channel != STORE) & (trips.channel != MARKETPLACE)
    email = np.where(shop & ~known.account[who], who, NONE)
    orders = np.flatnonzero(known.alias)
    email[orders] = people.count + np.arange(len(orders))
    share = world.settings("identification.order_for_other")
    other = shop & known.account[who] & (rng.random(trips.count) < share)
    head = people.head[who]
    return np.where(other & (head != who), head, email)


def _tokens(world: World, rng: np.random.Generator, trips: Trips, keyed: Flags, count: int) -> Ints:
    """Keep the token of the payment card, where the till or the shop does."""
    settings, lot = world.settings, rng.random(trips.count)
    beside = settings("identification.token_beside_key")
    chance = np.where(keyed, beside, settings("identification.token_known"))
    keeps = (trips.channel != STORE) | world.stores.keeps_tokens[np.maximum(trips.store, 0)]
    gift = rng.random(trips.count) < settings("mess.gift_card")
    owner = np.where(gift, count + rng.integers(0, GIFT_CARDS, trips.count), trips.person)
    return np.where(keeps & (lot < chance), owner, NONE)


def _record_texts(world: World, people: People, known: Known, trips: Trips) -> pa.Array:
    """List all record keys a sale may name, in the order `_records` counts them."""
    kinds = (keys.ACCOUNT, keys.GUEST, keys.MARKET, keys.TILL)
    alias = keys.alias_key(world, trips.number[known.alias])
    return pa.concat_arrays([*(keys.key(kind, people.number) for kind in kinds), alias])


def _email_texts(world: World, people: People, known: Known, trips: Trips) -> pa.Array:
    """List everybody's e-mail, then the `+alias` addresses of single orders."""
    mails = mess.emails(world, people, np.arange(people.count))
    own = mails.take(pa.array(trips.person[known.alias]))
    aliased = mess.with_alias(own, keys.alias_text(trips.number[known.alias]))
    return pa.concat_arrays([mails, aliased])


def _token_texts(number: Ints) -> pa.Array:
    own = join(pa.scalar("tk"), digits(mess.shuffled(number, 236_887_691, 12), 12))
    gift = [f"tkgift{place:08d}" for place in range(GIFT_CARDS)]
    return pa.concat_arrays([own, pa.array(gift)])
