"""What part of the sales has a known customer at all."""

import ibis

from tuttuno.measures.answer import AnswerColumn
from tuttuno.measures.facts import purchases
from tuttuno.measures.intervals import share
from tuttuno.measures.measure import Found, Measure, Question, Results


def coverage(question: Question) -> ibis.Table:
    """Receipts and orders with a known buyer, divided by all; and the same for net revenue.

    A sale counts once, when something was bought; a return alone counts in revenue only.
    Unknown (null) where nothing was sold. A share of revenue can leave 0 to 1 where returns
    outweigh sales. Without this number no other can be compared: a store that knows every
    tenth buyer shows the habits of that tenth.
    """
    return covered(question, purchases(question))


def covered(question: Question, sold: ibis.Table) -> ibis.Table:
    """Count sales and revenue, all and with a known buyer, per value of the split."""
    known = sold.person_id.notnull()
    counts = {
        "sales": sold.orders.sum().fill_null(0),
        "known_sales": sold.orders.sum(where=known).fill_null(0),
        "revenue": sold.net.sum().fill_null(0),
        "known_revenue": sold.net.sum(where=known).fill_null(0),
        "one_currency": sold.currency.min(),
        "other_currency": sold.currency.max(),
    }
    if not question.keys:
        return sold.agg(**counts)
    return sold.group_by(*question.keys).agg(**counts).order_by(*question.keys)


def _shares(question: Question, results: Results) -> Found:
    rows = [
        {
            **{key: row[key] for key in question.keys},
            "identified_sales": share(row["known_sales"], row["sales"]),
            "identified_revenue": share(float(row["known_revenue"]), float(row["revenue"])),
            "sales": row["sales"],
            "revenue": row["revenue"],
        }
        for row in results["rows"].to_pylist()
    ]
    return Found(rows)


COVERAGE = Measure(
    label="Coverage",
    unit="1",
    denominator="all receipts and orders in the window, anonymous ones included",
    source="house definition; the trade sets itself targets of 60 % of trips and 80 % of sales",
    columns=(
        AnswerColumn("identified_sales", "Sales with a known buyer", "1", "share"),
        AnswerColumn("identified_revenue", "Revenue with a known buyer", "1", "share"),
        AnswerColumn("sales", "Sales", "order", "count"),
        AnswerColumn("revenue", "Net revenue", "EUR", "money"),
    ),
    define=coverage,
    finish=_shares,
)
