"""How buyers pass between store and screen, beside chance, and what comes back to a store."""

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

    A passage needs a known buyer and a purchase on both sides. `chance` is the share that would
    follow as soon if each order fell on any day of the months: whoever buys often in a store
    orders online soon after a receipt without any sequence.

    `looked_before` are articles that known buyers bought in a store and had looked at online, put
    in a cart or wished for within as many days before: webrooming, as far as they were signed in.
    Looking in a store before buying online leaves no receipt and, in a release, no touch of a
    known person: of showrooming, only orders after a receipt are seen.
    """
    bought = months.within(tables["purchase"])
    span = (months.day(months.count) - months.start).days
    moves = engine.run(_passages(bought)).to_pylist()[0]
    back = engine.run(_returns(bought)).to_pylist()[0]
    chances = {online: engine.run(_chance(bought, span, online=online)).to_pylist()[0]["share"]
               for online in (True, False)}  # fmt: skip
    return {
        "days": DAYS,
        "online_after_store": {**_share(moves["online_after_store"], moves["online"]),
                               "chance": chances[True]},
        "store_after_online": {**_share(moves["store_after_online"], moves["store"]),
                               "chance": chances[False]},
        "looked_before": _looked(engine, tables, months),
        "returned_in_store": _share(back["in_store"], back["returns"]),
        "returned_in_store_euros": None if back["euros"] is None else float(-back["euros"]),
    }  # fmt: skip


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


def _chance(bought: ibis.Table, span: int, *, online: bool) -> ibis.Table:
    """Ask which share of orders on one side would by chance follow one on the other so soon.

    The days that lie up to `DAYS` after an order on the other side, over all days; of the day of
    that order itself one half, because which of two orders of a day came first is not known.
    """
    order = bought.filter(bought.orders > 0, bought.person_id.notnull())
    here = order.filter(order.online if online else ~order.online)
    there = order.filter(~order.online if online else order.online)
    days = there.select("person_id", day=there.sold_on).distinct()
    covered = _covered(days, ("person_id",), DAYS + 0.5)
    both = here.left_join(covered, "person_id")
    return both.agg(share=(both.covered.fill_null(0.0) / span).mean())


def _covered(days: ibis.Table, keys: tuple[str, ...], reach: float) -> ibis.Table:
    """Days that lie within `reach` after one of the days, by keys; none is counted twice."""
    window = ibis.window(group_by=keys, order_by="day")
    after = days.mutate(then=days.day.lead(default=None).over(window))
    gap = days_between(after.day, after.then).cast("float64").fill_null(reach)
    added = after.mutate(gap=ibis.least(gap, ibis.literal(reach)))
    return added.group_by(*keys).agg(covered=total(added.gap))


def _looked(engine: Engine, tables: Mapping[str, ibis.Table], months: Months) -> dict[str, Any]:
    """Count articles bought in a store after the same person looked at them online."""
    if "interest" not in tables:
        return {"n": 0, "share": None, "chance": None, "looks": 0}
    start, end = months.start, months.day(months.count)
    seen = tables["interest"]
    seen = seen.filter(
        seen.person_id.notnull(), seen.product_id.notnull(), seen.day >= start, seen.day < end
    )
    looks = seen.select("person_id", "product_id", "day").distinct()
    sold = months.within(tables["product_channel"])
    sold = sold.filter(sold.person_id.notnull(), ~sold.online, sold.lines > 0)
    sold = sold.select("person_id", "product_id", "first_on")
    keys = ["person_id", "product_id"]
    near = sold.inner_join(looks, keys)
    away = days_between(near.day, near.first_on)
    soon = near.filter((away >= 0) & (away <= DAYS)).select(*keys, "first_on").distinct()
    covered = _covered(looks, ("person_id", "product_id"), DAYS + 1.0)
    known = sold.inner_join(covered, keys)
    counted = {
        "n": sold.count(), "after": soon.count(), "looks": looks.count(),
        "days": total(known.covered),
    }  # fmt: skip
    found = {name: engine.run(one.as_table()).to_pylist()[0] for name, one in counted.items()}
    n, after, count, days = (next(iter(row.values())) or 0 for row in found.values())
    chance = days / (end - start).days / n if n else None
    return {**_share(after, n), "chance": chance, "looks": count}


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
