"""What was bought of each product, on which side, and when."""

from dataclasses import replace

import ibis

from tuttuno.engine.semantics import loose
from tuttuno.measures.facts import lines, purchases
from tuttuno.measures.measure import Question
from tuttuno.measures.spans import months_before
from tuttuno.measures.split import described, dimensions_asked
from tuttuno.measures.window import in_months, in_window, whole_months


def articles(question: Question) -> ibis.Table:
    """Return what was bought of each product, by person (null: anonymous), channel and days.

    Columns: `person_id`, `product_id`, `online`, `first_on`, `last_on`, `lines` (bought),
    `net` and the `by_...` columns; a row with returns alone has no lines and no days. The
    mart's months of products tell of whole months, the sale lines of the months that the
    window cuts.
    """
    told = {one.name for one in dimensions_asked(question) if one.of in {"purchase", "store"}}
    if question.view != "demand" or not told <= {"month", "year"}:
        return bought_and_returned(question)
    if whole_months(question):
        return _of_months(question)
    whole, cut = _apart(question)
    parts = [*map(_of_months, whole), *map(bought_and_returned, cut)]
    return ibis.union(*(loose(each.select(*_COLUMNS, *question.keys)) for each in parts))


_COLUMNS = ("person_id", "product_id", "online", "first_on", "last_on", "lines", "net")


def _apart(question: Question) -> tuple[list[Question], list[Question]]:
    """Return the whole months of a window, and the parts of the months at its ends."""
    begins, ends = question.since, question.until
    if begins > question.first_sale and begins.day > 1:
        begins = months_before(begins.replace(day=1), -1)
    if ends <= question.last_sale:
        ends = ends.replace(day=1)
    if begins >= ends:
        return [], [question]
    cut = [(question.since, begins), (ends, question.until)]
    return [replace(question, since=begins, until=ends)], [
        replace(question, since=since, until=until) for since, until in cut if since < until
    ]


def _of_months(question: Question) -> ibis.Table:
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
