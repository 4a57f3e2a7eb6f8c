"""What measures count: purchases and spend in the window, filtered, with the split attached."""

import ibis
from ibis.expr.types import BooleanValue

from tuttuno.engine.semantics import total
from tuttuno.mart.returns import attributed, origins
from tuttuno.measures.measure import Question
from tuttuno.measures.split import described, dimensions_asked, uses
from tuttuno.measures.window import in_months, in_window, whole_months
from tuttuno.vocab import Handover

#: What the `person` table knows of all time, with the names that `spend` gives.
_ALL_TIME = ("orders", "orders_online", "orders_store", "net", "net_online", "net_store")


def purchases(question: Question) -> ibis.Table:
    """Return the purchases in the window that pass the filters, anonymous ones included.

    Columns are those of the mart's `purchase`, with `online` as the view sees it, and one
    `by_...` column per dimension of the split. With a dimension of products, a row holds
    only the lines of matching products, once for each value.
    """
    sold = in_window(question, question.tables["purchase"])
    if uses(question, "product"):
        sold = _of_products(question, sold)
    if question.view == "fulfilment":
        sold = sold.mutate(online=sold.online & ~collected(sold))
    sold = described(question, sold, of="purchase", table=sold)
    if uses(question, "store"):
        sold = described(question, sold, of="store", table=question.tables["store"])
    if uses(question, "person"):
        sold = described(question, sold, of="person", table=question.tables["person"])
    return sold


def spend(question: Question) -> ibis.Table:
    """Return one row for each known person and value of the split: orders and net, by side.

    Columns: `person_id`, `orders`, `orders_online`, `orders_store`, `net`, `net_online`,
    `net_store` and the `by_...` columns. Read from the smallest table that can tell: totals
    per person for all time, months for whole months, else purchases; all give the same.
    """
    own = [one for one in dimensions_asked(question) if one.of != "person"]
    if not own and question.everything and question.view == "demand":
        person = question.tables["person"]
        buyer = person.filter(person.first_on.notnull())
        told = described(question, buyer, of="person", table=buyer)
        return told.select("person_id", *_ALL_TIME, *question.keys)
    if not own and whole_months(question):
        return _spend_of_months(question)
    sold = purchases(question)
    known = sold.filter(sold.person_id.notnull())
    summed = known.group_by(*question.keys, "person_id").agg(
        orders=known.orders.sum(),
        orders_online=total(known.orders, where=known.online),
        net=known.net.sum(),
        net_online=total(known.net, where=known.online),
    )
    return _with_store_side(summed)


def months(question: Question) -> ibis.Table:
    """Return one row for each known person, month and value of the split.

    Columns: `person_id`, `month`, `orders`, `orders_online`, `orders_store`,
    `orders_collected` (those of the online ones), `net` and the `by_...` columns; sides as the
    view sees them. A month with returns alone has no orders.
    """
    if all(one.of == "person" for one in dimensions_asked(question)) and whole_months(question):
        month = in_months(question, question.tables["person_month"])
        moved = month.orders_collected if question.view == "fulfilment" else ibis.literal(0)
        panel = month.select(
            "person_id",
            "month",
            "orders",
            "net",
            orders_online=month.orders_online - moved,
            orders_store=month.orders_store + moved,
            orders_collected=month.orders_collected - moved,
        )
        return described(question, panel, of="person", table=question.tables["person"])
    sold = purchases(question)
    known = sold.filter(sold.person_id.notnull())
    return known.group_by(*question.keys, "person_id", "month").agg(
        orders=known.orders.sum(),
        net=known.net.sum(),
        orders_online=total(known.orders, where=known.online),
        orders_store=total(known.orders, where=~known.online),
        orders_collected=total(known.orders, where=known.online & collected(known)),
    )


def collected(purchase: ibis.Table) -> BooleanValue:
    """Return whether the goods were fetched in a store."""
    return purchase.handover == Handover.COLLECTED.value


def _of_products(question: Question, sold: ibis.Table) -> ibis.Table:
    """Restrict purchases to the lines of matching products, one row for each value."""
    line = lines(question)
    keys = [one.column for one in question.by if one.of == "product"]
    part = line.group_by("source", "sale_id", "month", *keys, channel=line.owner_channel).agg(
        lines=(line.quantity > 0).sum().fill_null(0),
        quantity=line.quantity.sum(),
        net=line.net.sum(),
        returned=line.net.sum(where=line.quantity < 0).fill_null(0),
        discount=line.discount.sum().fill_null(0),
    )
    part = part.mutate(orders=(part.lines > 0).cast("int64"))
    replaced = ("lines", "quantity", "net", "returned", "discount", "orders")
    rest = sold.drop(*replaced)
    return rest.inner_join(part, ["source", "sale_id", "month", "channel"])


def lines(question: Question) -> ibis.Table:
    """Return the sale lines in the window whose product passes, with `owner_channel`."""
    line = in_window(question, question.tables["sale_line"])
    purchase = question.tables["purchase"]
    sale = purchase.filter(purchase.orders > 0)
    line = attributed(line, origins(line, sale))
    return described(question, line, of="product", table=question.tables["product"])


def _spend_of_months(question: Question) -> ibis.Table:
    month = in_months(question, question.tables["person_month"])
    moved = question.view == "fulfilment"
    orders = month.orders_collected.sum() if moved else ibis.literal(0)
    net = month.net_collected.sum() if moved else ibis.literal(0)
    summed = month.group_by("person_id").agg(
        orders=month.orders.sum(),
        orders_online=month.orders_online.sum() - orders,
        net=month.net.sum(),
        net_online=month.net_online.sum() - net,
    )
    buyer = _with_store_side(summed)
    return described(question, buyer, of="person", table=question.tables["person"])


def _with_store_side(summed: ibis.Table) -> ibis.Table:
    """Take what is online from the whole, which is quicker than to add it up once more."""
    return summed.mutate(
        orders_store=summed.orders - summed.orders_online,
        net_store=summed.net - summed.net_online,
    )
