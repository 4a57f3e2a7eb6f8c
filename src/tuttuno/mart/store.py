"""One store with what passed through it."""

import ibis

from tuttuno.mart.model import model
from tuttuno.schema.lake import STORE_SITE
from tuttuno.schema.mart import PURCHASE, STORE
from tuttuno.vocab import Handover

_SUMS = ("orders", "orders_identified", "collected", "net", "net_identified", "net_collected")


@model(table=STORE, reads=(STORE_SITE, PURCHASE))
def store(store_site: ibis.Table, purchase: ibis.Table) -> ibis.Table:
    """Add up what was paid in a store and what was collected there.

    A store that only sales know has a row without a name; one without sales has zeros.
    An online order returned in the store is not taken from the store's net: it belongs to
    the channel that sold it.
    """
    sold = _sold(purchase)
    both = store_site.outer_join(sold, store_site.store_id == sold.sold_in)
    return both.mutate(
        store_id=ibis.coalesce(both.store_id, both.sold_in),
        **{name: both[name].fill_null(0) for name in _SUMS},
    ).select(*STORE.columns)


def _sold(purchase: ibis.Table) -> ibis.Table:
    at = purchase.filter(purchase.store_id.notnull())
    paid, known = ~at.online, at.person_id.notnull()
    handed = at.online & (at.handover == Handover.COLLECTED.value) & (at.orders > 0)
    return at.group_by(sold_in=at.store_id).agg(
        first_on=at.sold_on.min(where=paid & (at.orders > 0)),
        last_on=at.sold_on.max(where=paid & (at.orders > 0)),
        orders=at.orders.sum(where=paid),
        orders_identified=at.orders.sum(where=paid & known),
        collected=at.orders.sum(where=handed),
        net=at.net.sum(where=paid),
        net_identified=at.net.sum(where=paid & known),
        net_collected=at.net.sum(where=handed),
    )
