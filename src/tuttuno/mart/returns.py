"""Where returned goods came from: the channel and handover of the sale that a return undoes."""

import ibis

from tuttuno.mart.model import model
from tuttuno.schema.lake import PICKUP, SALE_LINE
from tuttuno.schema.table import Column, Table
from tuttuno.vocab import Channel, Handover

RETURN_ORIGIN = Table(
    name="return_origin",
    doc="How a sale that some return refers to was made; kept for one build only.",
    grain=("source", "returns_sale_id"),
    columns={
        "source": Column("!string", "The system that tells us of the return."),
        "returns_sale_id": Column("!string", "The sale that the return undoes."),
        "origin_channel": Column("!string", "Where that sale was paid.", words=Channel),
        "origin_handover": Column("!string", "How its goods were handed over.", words=Handover),
    },
)


@model(table=RETURN_ORIGIN, reads=(SALE_LINE, PICKUP))
def return_origin(sale_line: ibis.Table, pickup: ibis.Table) -> ibis.Table:
    """Find each sale that a return names, in the same source first.

    A sale number that the source itself does not have is looked for in the others and
    taken when exactly one of them has it: tills take back what the shop sold. A number
    that is nowhere, or in several, has no row, and the return stays in its own channel.
    """
    sold = sale_line.filter(sale_line.quantity > 0)
    wanted = _wanted(sale_line)
    sold = sold.semi_join(wanted, sold.sale_id == wanted.returns_sale_id)
    sale = sold.group_by("source", "sale_id").agg(
        channel=sold.channel.min(), handover=told_handover(sold)
    )
    return origins(sale_line, with_handover(sale, pickup))


def origins(sale_line: ibis.Table, sale: ibis.Table) -> ibis.Table:
    """Match the returns among some lines with sales (`source, sale_id, channel, handover`)."""
    wanted = _wanted(sale_line)
    known = sale.select("sale_id", "source", "channel", "handover")
    pair = wanted.inner_join(known, wanted.returns_sale_id == known.sale_id)
    own = pair.source == pair.asked_by
    found = pair.group_by("asked_by", "returns_sale_id").agg(
        sources=pair.count(),
        own_channel=pair.channel.min(where=own),
        own_handover=pair.handover.min(where=own),
        any_channel=pair.channel.min(),
        any_handover=pair.handover.min(),
    )
    found = found.filter(found.own_channel.notnull() | (found.sources == 1))
    return found.select(
        "returns_sale_id",
        source=found.asked_by,
        origin_channel=ibis.coalesce(found.own_channel, found.any_channel),
        origin_handover=ibis.coalesce(found.own_handover, found.any_handover),
    )


def _wanted(sale_line: ibis.Table) -> ibis.Table:
    back = sale_line.filter(sale_line.quantity < 0, sale_line.returns_sale_id.notnull())
    return back.select("returns_sale_id", asked_by=back.source).distinct()


def attributed(sale_line: ibis.Table, return_origin: ibis.Table) -> ibis.Table:
    """Give each line the channel it belongs to, as `owner_channel`.

    A return takes channel and handover from the sale that it undoes, where that is known;
    its `channel` stays that of the receipt: where it was made.
    """
    back = sale_line.quantity < 0
    known = return_origin.rename(origin_source="source", origin_sale_id="returns_sale_id")
    line = sale_line.left_join(
        known,
        [
            sale_line.source == known.origin_source,
            ibis.ifelse(back, sale_line.returns_sale_id, ibis.null("string"))
            == known.origin_sale_id,
        ],
    )
    return line.mutate(
        owner_channel=ibis.coalesce(line.origin_channel, line.channel),
        handover=ibis.coalesce(line.origin_handover, line.handover),
    )


def told_handover(lines: ibis.Table) -> ibis.Value:
    """Return the one handover of many lines: collected when any is, else the first by name."""
    collected = lines.handover == Handover.COLLECTED.value
    return ibis.coalesce(lines.handover.min(where=collected), lines.handover.min())


def with_handover(sale: ibis.Table, pickup: ibis.Table) -> ibis.Table:
    """Fill in the handover of a sale, and add the store where its pick-up waits.

    Where the source is silent, a sale with a pick-up is collected, one paid in a store is
    carried, and any other is delivered. `channel` must be that of the sale.
    """
    waits = pickup.select(
        pickup_source=pickup.source, pickup_sale_id=pickup.sale_id, pickup_store_id=pickup.store_id
    )
    told = sale.left_join(
        waits, [sale.source == waits.pickup_source, sale.sale_id == waits.pickup_sale_id]
    )
    usual = ibis.cases(
        (told.pickup_store_id.notnull(), Handover.COLLECTED.value),
        (told.channel == Channel.STORE.value, Handover.CARRIED.value),
        else_=Handover.DELIVERED.value,
    )
    return told.mutate(handover=ibis.coalesce(told.handover, usual))
