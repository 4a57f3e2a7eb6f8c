"""What known buyers bought by category and month, in stores and online."""

from collections.abc import Mapping

import ibis

from tuttuno.engine.semantics import total
from tuttuno.studies.months import Months

#: What is added up of a person, category and month.
VALUES = ("lines_store", "lines_online", "net_store", "net_online")

#: Between the levels of a category, as the exchange format writes them.
_LEVEL = " > "

#: The category of an article whose category is unknown.
UNKNOWN = ""


def bought(tables: Mapping[str, ibis.Table], months: Months, among: ibis.Table) -> ibis.Table:
    """What each of some buyers bought by `part`, the first level of the category, and `month`.

    `month` is a position. Articles count as lines: once for each receipt that has them.

    Args:
        tables: Those of the release.
        months: That count.
        among: Has the `person_id` of the buyers.
    """
    sold = months.within(tables["product_channel"]).semi_join(among, "person_id")
    sold = sold.left_join(categories(tables), "product_id")
    net = sold.net.cast("float64")
    return sold.group_by(
        "person_id", part=sold.part.fill_null(UNKNOWN), month=months.position(sold.month)
    ).agg(
        lines_store=total(ibis.ifelse(sold.online, 0, sold.lines).cast("float64")),
        lines_online=total(ibis.ifelse(sold.online, sold.lines, 0).cast("float64")),
        net_store=total(ibis.ifelse(sold.online, 0.0, net)),
        net_online=total(ibis.ifelse(sold.online, net, 0.0)),
    )


def known(tables: Mapping[str, ibis.Table], months: Months) -> ibis.Table:
    """The categories, as `part`, of which known buyers bought anything in these months."""
    sold = months.within(tables["product_channel"])
    sold = sold.filter(sold.person_id.notnull()).select("product_id").distinct()
    part = categories(tables)
    return sold.inner_join(part.filter(part.part.notnull()), "product_id").select("part").distinct()


def categories(tables: Mapping[str, ibis.Table]) -> ibis.Table:
    """The first level of each article's category, as `part`; null where it is unknown."""
    product = tables["product"]
    return product.select("product_id", part=product.category.split(_LEVEL)[0].nullif(""))
