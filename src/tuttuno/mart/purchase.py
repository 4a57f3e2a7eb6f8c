"""One purchase: the part of a receipt or order that belongs to one channel."""

import ibis

from tuttuno.mart.model import model
from tuttuno.mart.returns import (
    RETURN_ORIGIN,
    attributed,
    told_handover,
    with_buyer,
    with_handover,
)
from tuttuno.schema.lake import PICKUP, SALE_LINE
from tuttuno.schema.mart import PERSON_OF_RECORD, PURCHASE
from tuttuno.vocab import ONLINE

#: Sorted, so that the same expression is compiled every time.
ONLINE_CHANNELS = tuple(sorted(channel.value for channel in ONLINE))


@model(table=PURCHASE, reads=(SALE_LINE, PICKUP, RETURN_ORIGIN, PERSON_OF_RECORD))
def purchase(
    sale_line: ibis.Table,
    pickup: ibis.Table,
    return_origin: ibis.Table,
    person_of_record: ibis.Table,
) -> ibis.Table:
    """Gather the lines of one receipt by the channel that they belong to.

    A basket returned in full stays, with net 0: the visit happened even if the sale did
    not last. A return alone is a row with no order. A receipt whose lines fall into two
    months is two rows, because each month is built from its own lines. An anonymous receipt
    that takes back what one known person bought is hers.
    """
    line = attributed(sale_line, return_origin)
    bought = line.quantity > 0
    back = line.quantity < 0
    part = line.group_by("source", "sale_id", "month", channel=line.owner_channel).agg(
        record_key=line.record_key.min(),
        sold_at=line.sold_at.min(),
        sold_on=line.sold_on.min(),
        handover=told_handover(line),
        store_id=line.store_id.min(),
        document_channel=line.channel.min(),
        lines=bought.sum().fill_null(0),
        quantity=line.quantity.sum(),
        net=line.net.sum(),
        returned=line.net.sum(where=back).fill_null(0),
        discount=line.discount.sum().fill_null(0),
        currency=line.currency.min(),
    )
    part = with_handover(part, pickup)
    known = part.left_join(person_of_record, "record_key")
    known = with_buyer(known, sale_line, return_origin)
    online = known.channel.isin(ONLINE_CHANNELS)
    handed = ibis.ifelse(online & (known.lines > 0), known.pickup_store_id, ibis.null("string"))
    return known.mutate(
        online=online,
        orders=(known.lines > 0).cast("int64"),
        store_id=ibis.coalesce(handed, known.store_id),
    ).select(*PURCHASE.columns)
