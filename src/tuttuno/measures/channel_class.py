"""In which channels a buyer buys at all, and which of them leads."""

import ibis
from ibis.expr.types import StringValue

from tuttuno.measures.answer import AnswerColumn, Value
from tuttuno.measures.facts import spend
from tuttuno.measures.intervals import share, wilson
from tuttuno.measures.measure import Found, Measure, Question, Results
from tuttuno.measures.rows import group, totals
from tuttuno.vocab import ChannelBand, ChannelClass


def channel_class(question: Question) -> ibis.Table:
    """Known buyers in the window by class and band; a buyer has at least one order in it.

    The class is strict: `online_only` and `store_only` never bought on the other side,
    `both` did, whatever the amounts. Online is web, app, marketplace and social; a sale by
    phone is not. The band says which side leads net spend: up to a share theta in the weaker
    side the other one leads, else the buyer is balanced. With too few orders, or with a net
    spend that is not positive in both together, the band is `undetermined`: one order can
    never show two channels, and `one_order_persons` says how many such buyers there are.
    Who only gave something back in the window is no buyer in it and is in no row.
    """
    buyer = spend(question)
    buyer = buyer.filter(buyer.orders > 0)
    kind = class_of(buyer)
    told = buyer.mutate(
        kind=kind,
        band=band_of(
            buyer,
            theta=question.params["channel_class.theta"],
            orders=int(question.params["channel_class.orders"]),
        ),
    )
    rows = told.group_by(*question.keys, "kind", "band").agg(
        persons=told.count(),
        revenue=told.net.sum(),
        orders=told.orders.sum(),
        revenue_online=told.net_online.sum(),
        orders_online=told.orders_online.sum(),
        one_order_persons=told.count(where=told.orders == 1),
    )
    return rows.order_by(*question.keys, "kind", "band")


def class_of(buyer: ibis.Table) -> StringValue:
    """Return the strict class of buyers with `orders` and `orders_online`; null: no order."""
    return ibis.cases(
        (buyer.orders == 0, ibis.null("string")),
        (buyer.orders_online == 0, ChannelClass.STORE_ONLY.value),
        (buyer.orders_online == buyer.orders, ChannelClass.ONLINE_ONLY.value),
        else_=ChannelClass.BOTH.value,
    )


def band_of(buyer: ibis.Table, *, theta: float, orders: int) -> StringValue:
    """Return which side leads the spend of buyers with orders and net by side; null: none."""
    kind = class_of(buyer)
    online = buyer.net_online.cast("float64")
    store = buyer.net_store.cast("float64")
    total = buyer.net.cast("float64")
    # Both sides are compared with theta: 1 - 0.05 is not the mirror of 0.05 in binary.
    return ibis.cases(
        (buyer.orders < orders, ChannelBand.UNDETERMINED.value),
        (kind != ChannelClass.BOTH.value, kind),
        (total <= 0, ChannelBand.UNDETERMINED.value),
        (store <= theta * total, ChannelBand.ONLINE_LED.value),
        (online <= theta * total, ChannelBand.STORE_LED.value),
        else_=ChannelBand.BALANCED.value,
    )


def _shares(question: Question, results: Results) -> Found:
    rows = results["rows"].to_pylist()
    keys = question.keys
    persons, revenue = totals(rows, keys, "persons"), totals(rows, keys, "revenue")
    orders = totals(rows, keys, "orders")
    found: list[dict[str, Value]] = []
    for row in rows:
        at = group(row, keys)
        sure = wilson(row["persons"], int(persons[at]))
        found.append(
            {
                **{key: row[key] for key in keys},
                "class": row["kind"],
                "band": row["band"],
                "persons": row["persons"],
                "persons_share": share(row["persons"], persons[at]),
                "low": sure.low,
                "high": sure.high,
                "revenue": row["revenue"],
                "revenue_share": share(float(row["revenue"]), revenue[at]),
                "orders": row["orders"],
                "orders_share": share(row["orders"], orders[at]),
                "revenue_online": row["revenue_online"],
                "orders_online": row["orders_online"],
                "one_order_persons": row["one_order_persons"],
            }
        )
    return Found(found)


CHANNEL_CLASS = Measure(
    label="Channel classes",
    unit="person",
    denominator="known buyers with at least one order in the window",
    source="asked by the trade: who buys exclusively online, who in stores, who in both; "
    "bands after the 5/20/50/80 % steps usual in panels",
    columns=(
        AnswerColumn("class", "Class"),
        AnswerColumn("band", "Band"),
        AnswerColumn("persons", "Buyers", "person", "count"),
        AnswerColumn("persons_share", "Share of buyers", "1", "share"),
        AnswerColumn("low", "Share of buyers, low", "1", "share"),
        AnswerColumn("high", "Share of buyers, high", "1", "share"),
        AnswerColumn("revenue", "Net revenue", "EUR", "money"),
        AnswerColumn("revenue_share", "Share of revenue", "1", "share"),
        AnswerColumn("orders", "Orders", "order", "count"),
        AnswerColumn("orders_share", "Share of orders", "1", "share"),
        AnswerColumn("revenue_online", "Net revenue online", "EUR", "money"),
        AnswerColumn("orders_online", "Orders online", "order", "count"),
        AnswerColumn("one_order_persons", "Buyers with one order", "person", "count"),
    ),
    define=channel_class,
    finish=_shares,
    params=("channel_class.theta", "channel_class.orders"),
    without=("side", "channel", "handover"),
    notes=(
        (
            "Buyers in both channels spend more partly because they buy more often at all; "
            "the difference is no effect of the second channel; `multichannel_worth` compares "
            "like with like."
        ),
    ),
)
