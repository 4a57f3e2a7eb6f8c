"""Which keys of a person stand on a receipt or an order; often, in a store, none."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tuttuno.demo import loyalty, mess, records
from tuttuno.demo.arrays import DAY, NONE, Flags, Ints, digits, join
from tuttuno.demo.known import Known
from tuttuno.demo.loyalty import Cards
from tuttuno.demo.people import People
from tuttuno.demo.trips import MARKETPLACE, STORE, Trips
from tuttuno.demo.world import World

#: Prepaid cards change hands: their tokens stand for nobody.
GIFT_CARDS = 12


@dataclass(frozen=True, slots=True)
class Keys:
    """One entry per basket: positions in the texts of the same name, or `NONE`."""

    record: Ints
    card: Ints
    email: Ints
    token: Ints
    records: pa.Array
    cards: pa.Array
    emails: pa.Array
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
    count = people.count
    guest = ~known.account[trips.person]
    remote = trips.channel != STORE
    card = _cards(world, rng, cards, known, trips)
    record = _records(world, rng, known, trips, count)
    own_mail = remote & guest & (trips.channel != MARKETPLACE)
    email = np.where(own_mail, trips.person, NONE)
    orders = np.flatnonzero(known.alias)
    email[orders] = count + np.arange(len(orders))
    keyed = (record != NONE) | (card != NONE) | (email != NONE)
    token = _tokens(world, rng, trips, keyed, count)
    every = np.arange(count)
    mails = mess.emails(world, people, every)
    alias = records.alias_text(trips.number[orders])
    aliased = mess.with_alias(mails.take(pa.array(trips.person[orders])), alias)
    both = (np.zeros(count, dtype=np.bool_), np.ones(count, dtype=np.bool_))
    number = people.number
    kinds = (records.ACCOUNT, records.GUEST, records.MARKET, records.TILL)
    return Keys(
        record=record,
        card=card,
        email=email,
        token=token,
        records=pa.concat_arrays(
            [
                *(records.key(kind, number) for kind in kinds),
                records.alias_key(world, trips.number[orders]),
            ]
        ),
        cards=pa.concat_arrays([loyalty.numbers(people, every, second) for second in both]),
        emails=pa.concat_arrays([mails, aliased]),
        tokens=_token_texts(number),
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


def _tokens(world: World, rng: np.random.Generator, trips: Trips, keyed: Flags, count: int) -> Ints:
    """Keep the token of the payment card, where the till or the shop does."""
    settings, lot = world.settings, rng.random(trips.count)
    beside = settings("identification.token_beside_key")
    chance = np.where(keyed, beside, settings("identification.token_known"))
    keeps = (trips.channel != STORE) | world.stores.keeps_tokens[np.maximum(trips.store, 0)]
    gift = rng.random(trips.count) < settings("mess.gift_card")
    owner = np.where(gift, count + rng.integers(0, GIFT_CARDS, trips.count), trips.person)
    return np.where(keeps & (lot < chance), owner, NONE)


def _token_texts(number: Ints) -> pa.Array:
    own = join(pa.scalar("tk"), digits(mess.shuffled(number, 236_887_691, 12), 12))
    gift = [f"tkgift{place:08d}" for place in range(GIFT_CARDS)]
    return pa.concat_arrays([own, pa.array(gift)])
