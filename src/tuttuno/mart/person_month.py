"""What one person bought in one month, by side: the panel under most measures."""

import ibis

from tuttuno.mart.model import model
from tuttuno.schema.mart import PERSON_MONTH, PURCHASE
from tuttuno.vocab import Handover


@model(table=PERSON_MONTH, reads=(PURCHASE,))
def person_month(purchase: ibis.Table) -> ibis.Table:
    """Add up the purchases of a person in a month.

    A month with returns alone is a row with no orders and no days, and with a net that is
    not positive. Anonymous purchases have no row.
    """
    known = purchase.filter(purchase.person_id.notnull())
    bought = known.orders > 0
    online, store = known.online, ~known.online
    collected = online & (known.handover == Handover.COLLECTED.value)
    return known.group_by("person_id", "month").agg(
        first_on=known.sold_on.min(where=bought),
        last_on=known.sold_on.max(where=bought),
        orders=known.orders.sum(),
        orders_online=known.orders.sum(where=online).fill_null(0),
        orders_store=known.orders.sum(where=store).fill_null(0),
        orders_collected=known.orders.sum(where=collected).fill_null(0),
        first_online_on=known.sold_on.min(where=bought & online),
        last_online_on=known.sold_on.max(where=bought & online),
        first_store_on=known.sold_on.min(where=bought & store),
        last_store_on=known.sold_on.max(where=bought & store),
        quantity=known.quantity.sum(),
        net=known.net.sum(),
        net_online=known.net.sum(where=online).fill_null(0),
        net_store=known.net.sum(where=store).fill_null(0),
        net_collected=known.net.sum(where=collected).fill_null(0),
    )
