"""The loyalty programme: cards, tiers, who uses whose card, points."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tuttuno.demo.arrays import DAY, NONE, Flags, Ints, digits, join, keep, moments, plain, words
from tuttuno.demo.habits import Habits
from tuttuno.demo.mess import shuffled
from tuttuno.demo.people import People
from tuttuno.demo.world import World

PROGRAMME = "Mirabello Club"
TIERS = ("base", "argento", "oro")


@dataclass(frozen=True, slots=True)
class Cards:
    """One entry per person; `since` is the second of enrolment, far away for non-members.

    `uses` is the person (position) whose card she shows: herself, her partner, or `NONE`.
    `second` marks members with two cards of their own.
    """

    member: Flags
    since: Ints
    uses: Ints
    second: Flags
    tier: Ints
    left: Ints


def make(world: World, block: int, people: People, habits: Habits) -> Cards:
    """Enrol the members of one block."""
    rng = world.rng(block, "loyalty")
    settings, calendar, count = world.settings, world.calendar, people.count
    member = habits.enrols < calendar.months
    early = habits.enrols < 0
    day = calendar.first_day[np.clip(habits.enrols, 0, calendar.months - 1)]
    before = calendar.start - 1 - rng.integers(0, 1_500, count)
    day = np.where(early, before, day)
    since = day * DAY + calendar.seconds(rng, count, online=False)
    never = (calendar.end + 1) * DAY
    partner = ~member & (np.arange(count) == people.head + 1) & member[people.head]
    borrows = partner & (rng.random(count) < settings("loyalty.partner_card") * 6)
    uses = np.where(member, np.arange(count), np.where(borrows, people.head, NONE))
    since = np.where(member, since, never)
    spend = habits.seasonal + habits.steady
    leaves = member & (rng.random(count) < settings("loyalty.left"))
    last_week = (calendar.end - 1 - rng.integers(0, 7, count)) * DAY + 19 * 3600
    return Cards(
        member=member,
        since=np.where(borrows, since[people.head], since),
        uses=uses,
        second=member & (rng.random(count) < settings("loyalty.two_cards")),
        tier=(spend > 1.2).astype(np.int64) + (spend > 2.5),
        left=np.where(leaves, last_week, never),
    )


def numbers(people: People, who: Ints, second: Flags) -> pa.Array:
    """Print the card numbers of people (positions): 13 digits that start 29; -1 is null."""
    owner = np.maximum(who, 0)
    body = shuffled(people.number[owner] * 2 + second, 314_159_269, 11)
    text = join(pa.scalar("29"), digits(body, 11))
    return keep(text, who >= 0)


def memberships(world: World, people: People, cards: Cards) -> pa.Table:
    """Write the memberships; a second card is another row, enrolled half a year later."""
    who = np.concatenate([np.flatnonzero(cards.member), np.flatnonzero(cards.second)])
    second = np.arange(len(who)) >= int(cards.member.sum())
    order = np.argsort(cards.since[who], kind="stable")
    who, second = who[order], second[order]
    enrolled = cards.since[who] + second * 180 * DAY
    inside = enrolled < world.calendar.end * DAY
    who, second, enrolled = who[inside], second[inside], enrolled[inside]
    zero = np.zeros(len(who), dtype=np.int64)
    at_till = people.number[who] % 5 > 0
    gone = cards.left[who] < world.calendar.end * DAY
    return pa.table(
        {
            "source": words(["card"], zero),
            "programme": words([PROGRAMME], zero),
            "card": numbers(people, who, second),
            "record_id": record_ids(people, who, second),
            "enrolled_at": moments(enrolled),
            "enrolled_channel": words(["store", "web"], np.where(at_till, 0, 1)),
            "store_id": words(world.stores.ids, np.where(at_till, people.store[who], NONE)),
            "tier": words(TIERS, cards.tier[who]),
            "left_at": moments(cards.left[who], known=gone),
        }
    )


def record_ids(people: People, who: Ints, second: Flags) -> pa.Array:
    """Name the card system's records; a second card is a record of its own."""
    body = shuffled(people.number[who] * 2 + second, 271_828_183, 9)
    return join(pa.scalar("C"), digits(body, 9))


def points(world: World, block: int, sale: tuple[pa.Array, pa.Array, Ints, Ints]) -> pa.Table:
    """Write what members earn, and now and then redeem, with a sale.

    Args:
        world: The shared world.
        block: Which block of people.
        sale: Card, sale id, moment (seconds) and net cents of each sale with a card.
    """
    rng = world.rng(block, "points")
    card, sale_id, at, net = sale
    earned = (net * world.settings("points.per_euro")).astype(np.int64) // 100
    redeems = np.flatnonzero(
        (rng.random(len(at)) < world.settings("points.redeem")) & (net > 5_000)
    )
    row = np.concatenate([np.arange(len(at)), redeems])
    kind = (np.arange(len(row)) >= len(at)).astype(np.int64)
    amount = np.where(kind == 1, -rng.integers(1, 5, len(row)) * 100, earned[row])
    row, kind, amount = (column[amount != 0] for column in (row, kind, amount))
    sales = sale_id.take(pa.array(row))
    return pa.table(
        {
            "source": words(["card"], np.zeros_like(row)),
            "movement_id": join(plain(["E", "R"], kind), sales),
            "programme": words([PROGRAMME], np.zeros_like(row)),
            "card": card.take(pa.array(row)),
            "at": moments(at[row]),
            "kind": words(["earn", "redeem"], kind),
            "points": pa.array(amount),
            "sale_id": sales,
        }
    )
