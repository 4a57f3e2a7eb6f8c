"""How far the products of the two sides overlap, and whether that is more than chance."""

import ibis
from ibis.expr.types import BooleanValue, Column, IntegerValue, StringValue

from tuttuno.engine.semantics import count_where, ratio, total
from tuttuno.measures.answer import AnswerColumn
from tuttuno.measures.articles import articles
from tuttuno.measures.measure import Measure, Question, Steps
from tuttuno.measures.overlapping import LEVELS, rows
from tuttuno.measures.split import with_own

_SUMS = ("online", "store", "net_online", "net_store", "fair_online", "fair_store")

#: What is told of a person's brands and categories; of millions of rows, so nothing else.
_OWN = ("net", "fair_online", "fair_store")

#: Net of one person and thing, kept narrow for the same reason.
_NET = "decimal(18, 2)"


def product_overlap(question: Question) -> Steps:
    """What sells on both sides, and what a buyer on both sides buys on both.

    By product, brand and category as the retailer spells it. `in_both`, `online_only` and
    `store_only` count what was sold in the window, anonymous sales included; `jaccard`
    divides the first by all three, `overlap` by the smaller side's; `jaccard_weighted`
    compares shares of revenue. The other figures are of known buyers. `bought_in_both`
    counts, over the buyers with lines on both sides, what one of them bought on both;
    `expected` is that number if each of their lines kept its product and the number of
    lines on each side, but sides were dealt at random. `ratio_to_chance` is one divided by
    the other, with the range in which chance alone would leave it: above 1 buyers repeat
    across channels, below 1 they keep things apart. What is not listed on a side cannot be
    bought there, so it is left out of the comparison with chance where listing dates are
    known. `after_store` is the share of things bought online that the same buyer had bought
    in a store before, within the window; `after_online` the reverse. Unknown brands and
    categories are left out. Null where there is nothing to compare.
    """
    item = _items(question)
    item_name, items = question.shared("item", item)
    sold_name, sold = question.shared("sold", _sold(question, items))
    kept = {item_name: item, sold_name: _sold(question, items)}
    asked: dict[str, ibis.Table] = {}
    for level in LEVELS:
        things = items
        if level != "product":
            rolled = _things(question, items, level)
            name, things = question.shared(level, rolled)
            kept[name] = rolled
        known = things.filter(things.person_id.notnull())
        buyers = _persons(question, known)
        name, person = question.shared(f"{level}_person", buyers)
        kept[name] = buyers
        counted = _cells(question, known, person)
        name, cells = question.shared(f"{level}_cells", counted)
        kept[name] = counted
        asked |= {
            f"{level}_sold": _assortment(question, sold, level),
            f"{level}_bought": _bought(question, known),
            f"{level}_persons": _similar(question, person),
            f"{level}_single": _single(question, cells),
            f"{level}_pairs": _pairs(question, cells),
        }
    return Steps(kept=kept, asked=asked)


def _items(question: Question) -> ibis.Table:
    """One row for each person (null: anonymous) and product: lines, net and first days."""
    sold = articles(question)
    bought = sold.lines > 0
    item = sold.group_by(*question.keys, "person_id", "product_id").agg(
        online=total(sold.lines, where=sold.online),
        store=total(sold.lines, where=~sold.online),
        net_online=total(sold.net, where=sold.online).cast(_NET),
        net_store=total(sold.net, where=~sold.online).cast(_NET),
        first_online=sold.first_on.min(where=bought & sold.online),
        first_store=sold.first_on.min(where=bought & ~sold.online),
    )
    facts = _facts(question)
    told = item.filter(item.online + item.store > 0)
    # A product that sales know and the catalogue does not is still a product.
    told = told.left_join(facts, told.product_id == facts.own_id).drop("own_id")
    listed = told.listed.fill_null(True)
    return told.mutate(
        net=(told.net_online + told.net_store).cast(_NET),
        fair_online=ibis.ifelse(listed, told.online, 0),
        fair_store=ibis.ifelse(listed, told.store, 0),
    ).drop("listed")


def _facts(question: Question) -> ibis.Table:
    """What a product belongs to, as numbers, which are quicker to gather by than words."""
    product = question.tables["product"]

    def number(words: StringValue) -> IntegerValue:
        place = ibis.dense_rank().over(order_by=words)
        return ibis.ifelse(words.isnull(), ibis.null("int64"), place)

    return product.select(
        own_id="product_id",
        brand=number(product.brand),
        category=number(product.category),
        listed=_listed(question, product),
    )


def _things(question: Question, item: ibis.Table, level: str) -> ibis.Table:
    """One row for each person and brand or category."""
    told = item.filter(item[level].notnull())
    sums = {name: told[name].sum() for name in _OWN}
    return told.group_by(*question.keys, "person_id", level).agg(
        **sums | {"net": sums["net"].cast(_NET)},
        first_online=told.first_online.min(),
        first_store=told.first_store.min(),
    )


def _listed(question: Question, product: ibis.Table) -> BooleanValue:
    """True where a product could be bought on both sides in the window, as far as is known."""

    def on_sale(since: Column) -> BooleanValue:
        return (since < ibis.literal(question.until)).fill_null(True)

    return on_sale(product.listed_online_since) & on_sale(product.listed_in_store_since)


def _sold(question: Question, item: ibis.Table) -> ibis.Table:
    """One row for each product sold, with what it belongs to."""
    return item.group_by(*question.keys, "product_id").agg(
        brand=item.brand.min(),
        category=item.category.min(),
        **{name: item[name].sum() for name in _SUMS},
    )


def _assortment(question: Question, sold: ibis.Table, level: str) -> ibis.Table:
    """Count what was sold on which side, and compare the sides' shares of revenue."""
    thing = sold
    if level != "product":
        known = sold.filter(sold[level].notnull())
        thing = known.group_by(*question.keys, level).agg(
            **{name: known[name].sum() for name in _SUMS}
        )
    whole = ibis.window(group_by=[thing[key] for key in question.keys] or None)
    # What costs more in returns than it earned counts as nothing.
    online = thing.net_online.cast("float64").clip(lower=0)
    store = thing.net_store.cast("float64").clip(lower=0)
    thing = thing.mutate(
        p=ratio(online, online.sum().over(whole)), q=ratio(store, store.sum().over(whole))
    )
    here, there = thing.online > 0, thing.store > 0
    fair = thing.fair_online + thing.fair_store > 0
    sums = {
        "things": thing.count(),
        "in_both": count_where(here & there),
        "online_only": count_where(here & ~there),
        "store_only": count_where(there & ~here),
        "fair": count_where(fair),
        "fair_both": count_where(here & there & fair),
        "earned_online": thing.p.sum(),
        "earned_store": thing.q.sum(),
        "alike": ibis.least(thing.p, thing.q).sum(),
        "either": ibis.greatest(thing.p, thing.q).sum(),
    }
    return thing.group_by(*question.keys).agg(**sums) if question.keys else thing.agg(**sums)


def _bought(question: Question, own: ibis.Table) -> ibis.Table:
    """Count what known buyers bought on a side, and had bought on the other before."""
    counts = {
        "things_online": count_where(own.first_online.notnull()),
        "things_store": count_where(own.first_store.notnull()),
        "after_store": count_where(own.first_store < own.first_online),
        "after_online": count_where(own.first_online < own.first_store),
    }
    return own.group_by(*question.keys).agg(**counts) if question.keys else own.agg(**counts)


def _persons(question: Question, own: ibis.Table) -> ibis.Table:
    """The buyers with comparable lines on both sides."""
    fair = own.fair_online + own.fair_store
    person = own.group_by(*question.keys, "person_id").agg(
        n=fair.sum(),
        nw=own.fair_online.sum(),
        owned=count_where(fair > 0),
        shared=count_where((own.fair_online > 0) & (own.fair_store > 0)),
        net=own.net.sum(),
    )
    return person.filter(person.nw > 0, person.nw < person.n)


def _similar(question: Question, person: ibis.Table) -> ibis.Table:
    jaccard = ratio(person.shared, person.owned)
    spent = person.net.cast("float64").clip(lower=0)
    sums = {
        "persons": person.count(),
        "shared": total(person.shared),
        "jaccard": jaccard.sum(),
        "spent": spent.sum(),
        "jaccard_spent": (jaccard * spent).sum(),
    }
    return person.group_by(*question.keys).agg(**sums) if question.keys else person.agg(**sums)


def _cells(question: Question, thing: ibis.Table, person: ibis.Table) -> ibis.Table:
    """Count the things of each buyer by their lines; a single line is never on both sides."""
    size = thing.fair_online + thing.fair_store
    often = thing.mutate(m=size).filter(size > 1)
    sizes = person.select(*question.keys, "person_id", "n", "nw")
    told = with_own(often, sizes, keys=question.keys)
    return told.group_by(*question.keys, "person_id", "n", "nw", "m").agg(things=told.count())


def _single(question: Question, cells: ibis.Table) -> ibis.Table:
    return cells.group_by(*question.keys, "n", "nw", "m").agg(
        things=cells.things.sum(), ordered_pairs=(cells.things * (cells.things - 1)).sum()
    )


def _pairs(question: Question, cells: ibis.Table) -> ibis.Table:
    """Count pairs of things of one buyer with different numbers of lines, the smaller first."""
    other = cells.select(*question.keys, "person_id", other_m="m", other_things="things")
    pair = with_own(cells, other, keys=question.keys)
    pair = pair.filter(pair.m < pair.other_m)
    return pair.group_by(*question.keys, "n", "nw", "m", "other_m").agg(
        pairs=(pair.things * pair.other_things).sum()
    )


def _share(name: str, label: str) -> AnswerColumn:
    return AnswerColumn(name, label, "1", "share")


PRODUCT_OVERLAP = Measure(
    label="Product overlap of the channels",
    unit="1",
    denominator="things sold in the window; known buyers with lines on both sides",
    source="null model: random relabelling of a buyer's own lines (hypergeometric), own closed "
    "form; Jaccard (1912), Szymkiewicz and Simpson for the overlap of what is sold",
    columns=(
        AnswerColumn("level", "Level"),
        AnswerColumn("in_both", "Sold on both sides", "thing", "count"),
        AnswerColumn("online_only", "Sold online only", "thing", "count"),
        AnswerColumn("store_only", "Sold in stores only", "thing", "count"),
        _share("jaccard", "In both of all"),
        _share("jaccard_listed", "In both of all, where listed on both"),
        _share("overlap", "In both of the smaller side"),
        _share("jaccard_weighted", "Likeness of revenue shares"),
        AnswerColumn("persons", "Buyers with lines on both sides", "person", "count"),
        _share("jaccard_customer", "A buyer's things in both, mean"),
        _share("jaccard_customer_weighted", "The same, weighted by spend"),
        AnswerColumn("bought_in_both", "Things bought on both sides", "thing", "count"),
        AnswerColumn("expected", "Expected by chance", "thing", "number"),
        AnswerColumn("ratio_to_chance", "Ratio to chance", "1", "number"),
        AnswerColumn("low", "Ratio to chance, low", "1", "number"),
        AnswerColumn("high", "Ratio to chance, high", "1", "number"),
        AnswerColumn("z", "Standard deviations from chance", "1", "number"),
        _share("after_store", "Bought online after the store"),
        _share("after_online", "Bought in the store after online"),
    ),
    define=product_overlap,
    finish=rows,
    without=("side", "channel", "handover"),
)
