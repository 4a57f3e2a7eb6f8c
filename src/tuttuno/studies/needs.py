"""What a retailer must have told before a study can compare anything, and how to tell it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import ibis
from ibis.expr.types import BooleanValue

from tuttuno.engine.port import Engine
from tuttuno.engine.semantics import count_where


@dataclass(frozen=True, slots=True)
class Need:
    """Rows of a table of the mart without which nothing can be compared.

    Attributes:
        table: Where they are looked for.
        holds: What is true of at least one row where the need is met.
        missing: What is missing, in words of the trade.
        hint: What would make the study answerable.
    """

    table: str
    holds: Callable[[ibis.Table], BooleanValue]
    missing: str
    hint: str


def lacking(needs: Sequence[Need], engine: Engine, tables: Mapping[str, ibis.Table]) -> str | None:
    """Say what is missing first, and what to take in; None where nothing is."""
    for need in needs:
        rows = tables[need.table]
        found = engine.run(rows.agg(rows=count_where(need.holds(rows)))).to_pylist()[0]
        if not found["rows"]:
            return f"{need.missing}; {need.hint}"
    return None


SALES = Need(
    "purchase",
    lambda sold: sold.orders > 0,
    "nothing has been sold yet, as far as this release knows",
    "take in sales and build",
)
ONLINE = Need(
    "purchase",
    lambda sold: sold.online & (sold.orders > 0),
    "nothing was sold online",
    "take in the orders of the online shop, with web, app, marketplace or social as their channel",
)
STORES = Need(
    "purchase",
    lambda sold: ~sold.online & (sold.orders > 0),
    "nothing was sold in a store",
    "take in the receipts of the tills, with store as their channel",
)
CARDS = Need(
    "person",
    lambda person: person.enrolled_on.notnull(),
    "nobody is known to be enrolled in a loyalty programme",
    "take in memberships with their first day (`enrolled_at`), and the card on store receipts, "
    "which have no name otherwise",
)
KNOWN_ONLINE = Need(
    "purchase",
    lambda sold: sold.online & (sold.orders > 0) & sold.person_id.notnull(),
    "no online order says whose it is",
    "take in orders with the customer's key or e-mail",
)
KNOWN_IN_STORES = Need(
    "purchase",
    lambda sold: ~sold.online & (sold.orders > 0) & sold.person_id.notnull(),
    "no store receipt says whose it is, so nobody can be followed from one channel to the other",
    "take in the card, e-mail or phone on receipts",
)
CATEGORIES = Need(
    "product",
    lambda product: product.category.notnull(),
    "no article has a category",
    "take in products with their category",
)
LAUNCHES = Need(
    "store",
    lambda store: store.collect_since.notnull(),
    "no store is known to offer click & collect",
    "take in stores with the first day on which orders could be collected (`collect_since`)",
)
PROVINCES = Need(
    "store",
    lambda store: store.province.notnull(),
    "no store is known by its province",
    "take in stores with their province",
)
