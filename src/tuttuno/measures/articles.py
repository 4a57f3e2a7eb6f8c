"""What was bought of each product, on which side, and when."""

from dataclasses import replace

import ibis

from tuttuno.measures.facts import lines, purchases
from tuttuno.measures.measure import Question
from tuttuno.measures.split import described, dimensions_asked
from tuttuno.measures.window import in_months, in_window, whole_months


def articles(question: Question) -> ibis.Table:
    """Return what was bought of each product, by person (null: anonymous), channel and days.

    Columns: `person_id`, `product_id`, `online`, `first_on`, `last_on`, `lines` (bought),
    `net` and the `by_...` columns; a row with returns alone has no lines and no days. Read
    from the mart's months of products for whole months, else from the sale lines.
    """
    told = {one.name for one in dimensions_asked(question) if one.of in {"purchase", "store"}}
    by_month = whole_months(question) and question.view == "demand"
    if not by_month or not told <= {"month", "year"}:
        return bought_and_returned(question)
    sold = in_months(question, question.tables["product_channel"])
    sold = described(question, sold, of="purchase", table=sold)
    sold = described(question, sold, of="product", table=question.tables["product"])
    return described(question, sold, of="person", table=question.tables["person"])


def bought_lines(question: Question) -> ibis.Table:
    """Return the lines bought in the window that pass the filters, anonymous ones included.

    Columns: at least `source`, `sale_id`, `product_id` and the `by_...` columns.
    """
    if not dimensions_asked(question):
        line = in_window(question, question.tables["sale_line"])
        return line.filter(line.quantity > 0)
    line = bought_and_returned(question)
    return line.filter(line.lines > 0)


def bought_and_returned(question: Question) -> ibis.Table:
    """Return `articles` line by line, with the receipt of each."""
    rest = replace(
        question,
        by=tuple(one for one in question.by if one.of != "product"),
        where=tuple(one for one in question.where if one.dimension.of != "product"),
    )
    sold = purchases(rest).select(
        "source", "sale_id", "month", "channel", "person_id", "online", *rest.keys
    )
    line = lines(question)
    keys = [one.column for one in question.by if one.of == "product"]
    bought = line.quantity > 0
    day = ibis.ifelse(bought, line.sold_on, ibis.null("date"))
    line = line.select(
        "source",
        "sale_id",
        "month",
        "product_id",
        "net",
        *keys,
        channel=line.owner_channel,
        first_on=day,
        last_on=day,
        lines=bought.cast("int64"),
    )
    return line.inner_join(sold, ["source", "sale_id", "month", "channel"])
