"""The sale lines as tills and shop write them, month by month, returns included."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from tuttuno.demo.arrays import NONE, Ints, digits, join, moments, money, plain, rank, words
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
PROMOTIONS = ("promo", "saldi-invernali", "saldi-estivi")


@dataclass(frozen=True, slots=True)
class Sold:
    """Everything one block of people bought and brought back."""

    trips: Trips
    lines: Lines
    returns: Returns
    keys: Keys


def sale_ids(world: World, sold: Sold) -> pa.Array:
    """Name the baskets, then the return slips: receipts R, orders W, returns Z."""
    width = len(str(world.sale_span * world.blocks))
    number = np.concatenate([sold.trips.number, sold.returns.number])
    kind = np.where(sold.trips.channel == STORE, 0, 1)
    kind = np.concatenate([kind, np.full(sold.returns.count, 2)])
    return join(plain(["R", "W", "Z"], kind), digits(number, width))


def by_month(world: World, block: int, sold: Sold) -> list[tuple[int, pa.Table]]:
    """Write all lines of one block of people in order of time, a table per month."""
    slips = sold.returns
    at = rank(np.concatenate([sold.trips.at, slips.at]))
    sale = np.concatenate([sold.lines.trip, sold.trips.count + slips.slip])
    order = np.argsort(at[sale], kind="stable")
    table = _table(world, block, sold, order)
    month = np.concatenate([sold.trips.month, slips.month])[sale[order]]
    edges = np.searchsorted(month, np.arange(world.calendar.months + 1))
    return [
        (which, table.slice(int(edges[which]), int(edges[which + 1] - edges[which])))
        for which in range(world.calendar.months)
        if edges[which] < edges[which + 1]
    ]


def _return_keys(world: World, block: int, sold: Sold) -> Keys:
    """Choose the keys on each slip: those of the sale, or what the counter asks for.

    Who brings an online order to a store shows the card, or at times the order's e-mail.
    """
    rng = world.rng(block, "return keys")
    slips, keys = sold.returns, sold.keys
    mail = rng.random(slips.count) < 0.5
    known = np.where(mail, sold.trips.person[slips.trip], NONE)
    return replace(
        keys,
        record=np.where(slips.across, NONE, keys.record[slips.trip]),
        card=keys.card[slips.trip],
        email=np.where(slips.across, known, keys.email[slips.trip]),
        phone=np.where(slips.across, NONE, keys.phone[slips.trip]),
        token=np.where(slips.across, NONE, keys.token[slips.trip]),
    )


def _table(world: World, block: int, sold: Sold, order: Ints) -> pa.Table:
    """Write lines and returned lines in the given order."""
    trips, lines, slips = sold.trips, sold.lines, sold.returns
    sale = np.concatenate([lines.trip, trips.count + slips.slip])[order]
    line = np.concatenate([np.arange(lines.count), slips.line])[order]
    sign = np.where(sale < trips.count, 1, -1)
    in_store = slips.store != NONE

    def of_sale(basket: Ints, slip: Ints) -> Ints:
        value: Ints = np.concatenate([basket, slip])[sale]
        return value

    nothing = np.full(slips.count, NONE)
    channel = of_sale(trips.channel, np.where(in_store, STORE, trips.channel[slips.trip]))
    ids = sale_ids(world, sold)
    undone = of_sale(np.full(trips.count, NONE), slips.trip)
    promotion = np.where(sign * lines.discount[line] > 0, lines.saldi[line], NONE)
    columns = {
        "source": words(SOURCES, np.where(channel == STORE, 0, 1)),
        "sale_id": plain(ids, sale),
        "line_no": pa.array(np.concatenate([lines.line_no, slips.line_no])[order], pa.int32()),
        "sold_at": moments(of_sale(trips.at, slips.at)),
        "channel": words(CHANNELS, channel),
        "handover": words(HANDOVERS, of_sale(trips.handover, nothing)),
        "store_id": words(world.stores.ids, of_sale(trips.store, slips.store)),
        **_keys(sold.keys, _return_keys(world, block, sold), sale),
        "product_id": words(world.products.ids, lines.product[line]),
        "quantity": pa.array(sign * lines.quantity[line], pa.int32()),
        "gross": money(sign * lines.gross[line]),
        "discount": money(sign * lines.discount[line]),
        "net": money(sign * lines.net[line]),
        "vat": money(sign * lines.vat[line]),
        "currency": words([CURRENCY], np.zeros_like(order)),
        "returns_sale_id": plain(ids, undone),
        "associate_id": words(_associates(world), of_sale(_served(world, block, trips), nothing)),
        "promotion_id": words(PROMOTIONS, promotion),
    }
    return pa.table(columns)


def _keys(on_sale: Keys, on_slip: Keys, sale: Ints) -> dict[str, pa.Array]:
    """Write the columns that may tie a sale to a person."""
    found = {
        "record_id": (on_sale.records, on_sale.record, on_slip.record),
        "loyalty_card": (on_sale.cards, on_sale.card, on_slip.card),
        "email": (on_sale.emails, on_sale.email, on_slip.email),
        "phone": (on_sale.phones, on_sale.phone, on_slip.phone),
        "payment_token": (on_sale.tokens, on_sale.token, on_slip.token),
    }
    return {
        name: plain(texts, np.concatenate([basket, slip])[sale])
        for name, (texts, basket, slip) in found.items()
    }


def _served(world: World, block: int, trips: Trips) -> Ints:
    """Name the assistant on about two thirds of store receipts."""
    rng = world.rng(block, "associates")
    who = trips.store * ASSOCIATES + rng.integers(0, ASSOCIATES, trips.count)
    named = (trips.channel == STORE) & (rng.random(trips.count) < 0.66)
    return np.where(named, who, NONE)


def _associates(world: World) -> list[str]:
    stores = world.stores.ids.to_pylist()
    return [f"{store}-{place + 1}" for store in stores for place in range(ASSOCIATES)]
