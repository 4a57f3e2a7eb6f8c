"""How buyers pass between store and screen, and what of their orders comes back to a store."""

from collections.abc import Mapping
from typing import Any

import ibis
from ibis.expr.types import BooleanValue

from tuttuno.engine.port import Engine
from tuttuno.engine.semantics import count_where, days_between, total
from tuttuno.studies.months import Months
from tuttuno.vocab import Channel

#: An order counts as following a receipt of the same person within so many days.
DAYS = 7


def found(engine: Engine, tables: Mapping[str, ibis.Table], months: Months) -> dict[str, Any]:
    """Count passages and returns in the months of a study: accounting, not an effect.

    A passage needs a known buyer and a purchase on both sides. Looking without buying, which is
    most of showrooming and webrooming, is not seen in a receipt.
    """
    bought = months.within(tables["purchase"])
    moves = engine.run(_passages(bought)).to_pylist()[0]
    back = engine.run(_returns(bought)).to_pylist()[0]
    return {
        "days": DAYS,
        "online_after_store": _share(moves["online_after_store"], moves["online"]),
        "store_after_online": _share(moves["store_after_online"], moves["store"]),
        "returned_in_store": _share(back["in_store"], back["returns"]),
        "returned_in_store_euros": None if back["euros"] is None else float(-back["euros"]),
    }


def _passages(bought: ibis.Table) -> ibis.Table:
    """Ask how often a known buyer's order follows one of hers in the other channel."""
    order = bought.filter(bought.orders > 0, bought.person_id.notnull())
    order = order.select("person_id", "online", "sold_on", "source", "sale_id")
    window = ibis.window(
        group_by="person_id", order_by=["sold_on", "source", "sale_id"], preceding=(None, 1)
    )
    last = order.mutate(
        store_on=ibis.ifelse(order.online, None, order.sold_on).max().over(window),
        online_on=ibis.ifelse(order.online, order.sold_on, None).max().over(window),
    )
    after_store = _soon(last, "store_on") & last.online
    after_online = _soon(last, "online_on") & ~last.online
    return last.agg(
        online=count_where(last.online),
        store=count_where(~last.online),
        online_after_store=count_where(after_store),
        store_after_online=count_where(after_online),
    )


def _soon(order: ibis.Table, before: str) -> BooleanValue:
    soon: BooleanValue = days_between(order[before], order.sold_on) <= DAYS
    return soon.fill_null(False)


def _returns(bought: ibis.Table) -> ibis.Table:
    """Ask how many returns of online orders were handed over in a store, and their value."""
    back = bought.filter(bought.online, bought.orders == 0, bought.returned < 0)
    store = back.document_channel == Channel.STORE.value
    return back.agg(
        returns=back.count(),
        in_store=count_where(store),
        euros=total(ibis.ifelse(store, back.returned.cast("float64"), 0.0)),
    )


def _share(part: int | None, whole: int | None) -> dict[str, Any]:
    return {"n": whole or 0, "share": (part or 0) / whole if whole else None}
