"""Who buys exclusively online, since when, near which store; and what sells only there."""

from collections.abc import Iterable

import ibis

from tuttuno.engine.semantics import total
from tuttuno.measures.answer import AnswerColumn, Value
from tuttuno.measures.articles import articles
from tuttuno.measures.facts import spend
from tuttuno.measures.intervals import share, wilson
from tuttuno.measures.measure import Found, Measure, Question, Results, Steps
from tuttuno.measures.rows import Row, group, grouped

_SPLITS = ("since", "past", "store_near", "home_store")
_SIDES = ("online_only", "store_only", "both")


def online_exclusives(question: Question) -> Steps:
    """Known buyers whose every order in the window was online, from two orders on.

    One row for all of them, then the same divided: `since` is the year of their first online
    order ever, `past` whether they ever bought in a store before or after, `store_near`
    whether a store stands in their province, `home_store` the store they once bought in
    most or named themselves. Shares are of all known buyers of the window. `products`
    counts the products sold in the window, anonymous sales included, by where they were
    sold. A part that is not known is null.
    """
    buyer = spend(question)
    buyer = buyer.filter(buyer.orders > 0)
    name, bought = question.shared("buyer", buyer)
    least = int(question.params["online_exclusives.orders"])
    own = bought.filter(bought.orders_store == 0, bought.orders >= least)
    known = _known(question)
    told = own.left_join(known, own.person_id == known.own_id)
    sums = {"persons": bought.count(), "revenue": total(bought.net)}
    everybody = bought.group_by(*question.keys).agg(**sums) if question.keys else bought.agg(**sums)
    persons = told.group_by(*question.keys, *_SPLITS).agg(
        persons=told.count(), revenue=total(told.net), orders=total(told.orders)
    )
    return Steps(
        kept={name: buyer},
        asked={"everybody": everybody, "persons": persons, "products": _products(question)},
    )


def _known(question: Question) -> ibis.Table:
    person, store = question.tables["person"], question.tables["store_site"]
    open_store = store.filter(store.closed_on.isnull(), store.province.notnull())
    near = open_store.select(near=open_store.province).distinct()
    known = person.left_join(near, person.province == near.near)
    return known.select(
        own_id=known.person_id,
        since=known.first_online_on.year().cast("string"),
        past=ibis.ifelse(known.first_store_on.isnull(), "never_in_store", "once_in_store"),
        store_near=ibis.cases(
            (known.province.isnull(), ibis.null("string")),
            (known.near.notnull(), "in_province"),
            else_="not_in_province",
        ),
        home_store=known.home_store_id,
    )


def _products(question: Question) -> ibis.Table:
    sold = articles(question)
    product = sold.group_by(*question.keys, "product_id").agg(
        online=total(sold.lines, where=sold.online),
        store=total(sold.lines, where=~sold.online),
        revenue=total(sold.net),
    )
    product = product.filter(product.online + product.store > 0)
    side = ibis.cases(
        ((product.online > 0) & (product.store > 0), "both"),
        (product.online > 0, "online_only"),
        else_="store_only",
    )
    return product.group_by(*question.keys, part=side).agg(
        products=product.count(), revenue=total(product.revenue)
    )


def _rows(question: Question, results: Results) -> Found:
    keys = question.keys
    persons = grouped(results["persons"].to_pylist(), keys)
    products = grouped(results["products"].to_pylist(), keys)
    found: list[dict[str, Value]] = []
    for whole in results["everybody"].to_pylist():
        at = group(whole, keys)
        split: dict[str, Value] = dict(zip(keys, at, strict=True))
        found += [{**split, **row} for row in _of_persons(persons.get(at, []), whole)]
        found += [{**split, **row} for row in _of_products(products.get(at, []))]
    return Found(found)


def _of_persons(own: list[Row], whole: Row) -> Iterable[dict[str, Value]]:
    everybody, spent = whole["persons"], float(whole["revenue"])
    yield _of_part("all", "all", own, everybody, spent)
    for split in _SPLITS:
        parts = sorted({row[split] for row in own}, key=lambda part: (part is None, str(part)))
        for part in parts:
            of_part = [row for row in own if row[split] == part]
            yield _of_part(split, part, of_part, everybody, spent)


def _of_part(
    split: str, part: str | None, rows: list[Row], everybody: int, spent: float
) -> dict[str, Value]:
    persons = sum(row["persons"] for row in rows)
    revenue = float(sum(row["revenue"] for row in rows))
    sure = wilson(persons, everybody)
    return {
        "split": split,
        "part": part,
        "persons": persons,
        "persons_share": share(persons, everybody),
        "low": sure.low,
        "high": sure.high,
        "revenue": revenue,
        "revenue_share": share(revenue, spent),
        "orders": sum(row["orders"] for row in rows),
        "products": None,
        "products_share": None,
    }


def _of_products(rows: list[Row]) -> Iterable[dict[str, Value]]:
    everything = sum(row["products"] for row in rows)
    earned = float(sum(row["revenue"] for row in rows))
    for row in sorted(rows, key=lambda row: _SIDES.index(row["part"])):
        yield {
            "split": "products",
            "part": row["part"],
            "persons": None,
            "persons_share": None,
            "low": None,
            "high": None,
            "revenue": float(row["revenue"]),
            "revenue_share": share(float(row["revenue"]), earned),
            "orders": None,
            "products": row["products"],
            "products_share": share(row["products"], everything),
        }


ONLINE_EXCLUSIVES = Measure(
    label="Exclusive online buyers",
    unit="person",
    denominator="known buyers with at least one order in the window; products: those sold in it",
    source="asked by the trade: at least two orders, all of them online",
    columns=(
        AnswerColumn("split", "Divided by"),
        AnswerColumn("part", "Part"),
        AnswerColumn("persons", "Exclusive online buyers", "person", "count"),
        AnswerColumn("persons_share", "Share of known buyers", "1", "share"),
        AnswerColumn("low", "Share, low", "1", "share"),
        AnswerColumn("high", "Share, high", "1", "share"),
        AnswerColumn("revenue", "Net revenue", "EUR", "money"),
        AnswerColumn("revenue_share", "Share of revenue", "1", "share"),
        AnswerColumn("orders", "Orders", "order", "count"),
        AnswerColumn("products", "Products", "product", "count"),
        AnswerColumn("products_share", "Share of products", "1", "share"),
    ),
    define=online_exclusives,
    finish=_rows,
    params=("online_exclusives.orders",),
    without=("side", "channel", "handover", "home_store"),
    notes=(
        (
            "Exclusive as far as buyers are known: who pays in a store without a card looks "
            "like an online buyer. Read it with the coverage of the stores."
        ),
    ),
)
