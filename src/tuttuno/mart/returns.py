"""Where returned goods came from: channel, handover and buyer of the sale that a return undoes."""

import ibis

from tuttuno.mart.model import model
from tuttuno.schema.lake import PICKUP, SALE_LINE
from tuttuno.schema.mart import PERSON_OF_RECORD
from tuttuno.schema.table import Column, Personal, Table
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
        "origin_person_id": Column(
            "int64", "Who bought; null for an anonymous sale.", personal=Personal.TRAIT
        ),
    },
)


@model(table=RETURN_ORIGIN, reads=(SALE_LINE, PICKUP, PERSON_OF_RECORD))
def return_origin(
    sale_line: ibis.Table, pickup: ibis.Table, person_of_record: ibis.Table
) -> ibis.Table:
    """Find each sale that a return names, in the same source first.

    A sale number that the source itself does not have is looked for in the others and
    taken when exactly one of them has it: tills take back what the shop sold. A number
    that is nowhere, or in several, has no row, and the return stays in its own channel.
    """
    return undone(sale_line, sale_line, pickup, person_of_record)


def undone(
    asking: ibis.Table, sale_line: ibis.Table, pickup: ibis.Table, person_of_record: ibis.Table
) -> ibis.Table:
    """Find the sales that the returns among some lines name, as `return_origin` does for all."""
    sold = sale_line.filter(sale_line.quantity > 0)
    wanted = _wanted(asking)
    sold = sold.semi_join(wanted, sold.sale_id == wanted.returns_sale_id)
    sale = sold.group_by("source", "sale_id").agg(
        channel=sold.channel.min(),
        handover=told_handover(sold),
        record_key=sold.record_key.min(),
    )
    sale = with_handover(sale, pickup).left_join(person_of_record, "record_key")
    return origins(asking, sale)


def origins(sale_line: ibis.Table, sale: ibis.Table) -> ibis.Table:
    """Match the returns among some lines with sales.

    Of a sale it takes `source, sale_id, channel, handover, person_id`.
    """
    wanted = _wanted(sale_line)
    known = sale.select("sale_id", "source", "channel", "handover", "person_id")
    pair = wanted.inner_join(known, wanted.returns_sale_id == known.sale_id)
    own = pair.source == pair.asked_by
    found = pair.group_by("asked_by", "returns_sale_id").agg(
        sources=pair.count(),
        own_channel=pair.channel.min(where=own),
        own_handover=pair.handover.min(where=own),
        own_person_id=pair.person_id.min(where=own),
        any_channel=pair.channel.min(),
        any_handover=pair.handover.min(),
        any_person_id=pair.person_id.min(),
    )
    found = found.filter(found.own_channel.notnull() | (found.sources == 1))
    return found.select(
        "returns_sale_id",
        source=found.asked_by,
        origin_channel=ibis.coalesce(found.own_channel, found.any_channel),
        origin_handover=ibis.coalesce(found.own_handover, found.any_handover),
        # The own sale may be anonymous: then the buyer of another is not asked.
        origin_person_id=ibis.ifelse(
            found.own_channel.notnull(), found.own_person_id, found.any_person_id
        ),
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


def with_buyer(sale: ibis.Table, sale_line: ibis.Table, return_origin: ibis.Table) -> ibis.Table:
    """Give anonymous sales the one known person whose sales they take back.

    A receipt is one customer's, so what else it holds is hers too. A receipt that takes back
    the sales of several persons stays anonymous, and so does the return of such a receipt's
    goods: a buyer found this way is not passed on.

    Args:
        sale: Has `source`, `sale_id`, `month`, `person_id`; lines, or receipts by channel.
        sale_line: The lines of the same months.
        return_origin: As the model of this name gives it.
    """
    back = sale_line.filter(sale_line.quantity < 0, sale_line.record_key.isnull())
    known = return_origin.filter(return_origin.origin_person_id.notnull())
    pair = back.inner_join(known, ["source", "returns_sale_id"])
    found = pair.group_by("source", "sale_id", "month").agg(
        least=pair.origin_person_id.min(), most=pair.origin_person_id.max()
    )
    heir = found.filter(found.least == found.most).select(
        heir_id="least", heir_source="source", heir_sale="sale_id", heir_month="month"
    )
    # Sales with a buyer of their own have no partner, so that few are looked up.
    asked = ibis.ifelse(sale.person_id.isnull(), sale.sale_id, ibis.null("string"))
    told = sale.left_join(
        heir,
        [
            sale.source == heir.heir_source,
            asked == heir.heir_sale,
            sale.month == heir.heir_month,
        ],
    )
    return told.mutate(person_id=ibis.coalesce(told.person_id, told.heir_id)).drop(*heir.columns)


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
