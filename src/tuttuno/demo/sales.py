"""The sale lines as tills and shop write them, month by month, returns included."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tuttuno.demo.arrays import NONE, Ints, digits, join, moments, money, plain, words
from tuttuno.demo.baskets import Lines
from tuttuno.demo.identification import Keys
from tuttuno.demo.returns import Returns
from tuttuno.demo.trips import STORE, Trips
from tuttuno.demo.world import World
from tuttuno.vocab import Channel, Handover

SOURCES = ("pos", "shop")
CURRENCY = "EUR"
#: Each store has this many shop assistants.
ASSOCIATES = 9

CHANNELS = tuple(channel.value for channel in Channel)
HANDOVERS = tuple(handover.value for handover in Handover)


@dataclass(frozen=True, slots=True)
class Sold:
    """Everything one block of people bought and brought back."""

    trips: Trips
    lines: Lines
    returns: Returns
    keys: Keys


def sale_ids(world: World, sold: Sold) -> pa.Array:
    """Name the baskets, then the returns: receipts R, orders W, returns Z."""
    width = len(str(world.sale_span * world.blocks))
    number = np.concatenate([sold.trips.number, sold.returns.number])
    kind = np.where(sold.trips.channel == STORE, 0, 1)
    kind = np.concatenate([kind, np.full(len(sold.returns.line), 2)])
    return join(plain(["R", "W", "Z"], kind), digits(number, width))


def by_month(world: World, block: int, sold: Sold) -> list[tuple[int, pa.Table]]:
    """Write all lines of one block of people, one table per month that has any."""
    lines, back = sold.lines, sold.returns
    month = np.concatenate([sold.trips.month[lines.trip], back.month])
    order = np.argsort(month.astype(np.int16), kind="stable")
    table = _table(world, block, sold, order)
    edges = np.searchsorted(month[order], np.arange(world.calendar.months + 1))
    return [
        (which, table.slice(int(edges[which]), int(edges[which + 1] - edges[which])))
        for which in range(world.calendar.months)
        if edges[which] < edges[which + 1]
    ]


def return_keys(world: World, block: int, sold: Sold) -> Keys:
    """Choose the keys on each return: those of the sale, or what the counter asks for.

    Who brings an online order to a store shows the card, or at times the order's e-mail.
    """
    rng = world.rng(block, "return keys")
    back, keys = sold.returns, sold.keys
    trip = sold.lines.trip[back.line]
    mail = rng.random(len(trip)) < 0.5
    known = np.where(mail, sold.trips.person[trip], NONE)
    return Keys(
        record=np.where(back.across, NONE, keys.record[trip]),
        card=keys.card[trip],
        email=np.where(back.across, known, keys.email[trip]),
        token=np.where(back.across, NONE, keys.token[trip]),
        records=keys.records,
        cards=keys.cards,
        emails=keys.emails,
        tokens=keys.tokens,
    )


def _table(world: World, block: int, sold: Sold, order: Ints) -> pa.Table:
    trips, lines, back, keys = sold.trips, sold.lines, sold.returns, sold.keys
    undone = return_keys(world, block, sold)
    trip, origin = lines.trip, lines.trip[back.line]
    in_store = back.store != NONE
    ids = sale_ids(world, sold)

    def both(sale: Ints, returned: Ints) -> Ints:
        return np.concatenate([sale, returned])[order]

    def turned(column: Ints) -> Ints:
        return both(column, -column[back.line])

    sale = both(trip, trips.count + np.arange(len(back.line)))
    channel = both(trips.channel[trip], np.where(in_store, STORE, trips.channel[origin]))
    store = both(trips.store[trip], back.store)
    nothing = np.full(len(back.line), NONE)
    text = {
        "record_id": (keys.records, keys.record, undone.record),
        "loyalty_card": (keys.cards, keys.card, undone.card),
        "email": (keys.emails, keys.email, undone.email),
        "payment_token": (keys.tokens, keys.token, undone.token),
    }
    keyed = {name: plain(pool, both(at[trip], again)) for name, (pool, at, again) in text.items()}
    promotion, names = _promotions(world, lines)
    columns = {
        "source": words(SOURCES, np.where(channel == STORE, 0, 1)),
        "sale_id": ids.take(pa.array(sale)),
        "line_no": pa.array(both(lines.line_no, np.ones_like(nothing)).astype(np.int32)),
        "sold_at": moments(both(trips.at[trip], back.at)),
        "channel": words(CHANNELS, channel),
        "handover": words(HANDOVERS, both(trips.handover[trip], nothing)),
        "store_id": words(world.stores.ids, store),
        **keyed,
        "phone": pa.nulls(len(order), pa.string()),
        "product_id": words(world.products.ids, both(lines.product, lines.product[back.line])),
        "quantity": pa.array(turned(lines.quantity).astype(np.int32)),
        "gross": money(turned(lines.gross)),
        "discount": money(turned(lines.discount)),
        "net": money(turned(lines.net)),
        "vat": money(turned(lines.vat)),
        "currency": words([CURRENCY], np.zeros_like(order)),
        "returns_sale_id": plain(ids, both(np.full(lines.count, NONE), origin)),
        "associate_id": words(
            _associates(world), both(_served(world, block, trips)[trip], nothing)
        ),
        "promotion_id": words(names, both(promotion, nothing)),
    }
    return pa.table(columns)


def _served(world: World, block: int, trips: Trips) -> Ints:
    """Name the assistant on about two thirds of store receipts."""
    rng = world.rng(block, "associates")
    who = trips.store * ASSOCIATES + rng.integers(0, ASSOCIATES, trips.count)
    named = (trips.channel == STORE) & (rng.random(trips.count) < 0.66)
    return np.where(named, who, NONE)


def _associates(world: World) -> list[str]:
    return [
        f"{store}-{place + 1}"
        for store in world.stores.ids.to_pylist()
        for place in range(ASSOCIATES)
    ]


def _promotions(world: World, lines: Lines) -> tuple[Ints, list[str]]:
    """Name the promotion of each discounted line: winter or summer saldi, or any other."""
    which = np.where(lines.discount > 0, lines.saldi, NONE)
    return which, ["promo", "saldi-invernali", "saldi-estivi"]
