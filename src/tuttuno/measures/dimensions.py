"""By what an answer can be split and restricted: store, brand, category, province, month ..."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import Literal

import ibis
from ibis.expr.types import BooleanValue, StringValue

from tuttuno.errors import Unknown
from tuttuno.mart.traits import AGE_BANDS, GENERATIONS
from tuttuno.vocab import Channel, Gender, Handover

#: The table whose rows have the property: a purchase, its buyer, its store, its articles.
Of = Literal["purchase", "person", "store", "product"]


@dataclass(frozen=True, slots=True)
class Dimension:
    """A property by which sales can be told apart; its values are texts, null is unknown.

    Attributes:
        label: The heading of its column.
        of: Whose property it is.
        value: Expression over the table of `of`; over a purchase, `online` follows the view.
        also: Other spellings that are understood.
        words: The closed list of its values; empty where the data decide.
        branch: True where a value stands for everything below it in a tree (`a` for `a > b`).
    """

    name: str
    label: str
    of: Of
    value: Callable[[ibis.Table], StringValue]
    also: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    branch: bool = False

    @property
    def column(self) -> str:
        """Name of the column that carries it through the queries, never that of a fact."""
        return f"by_{self.name}"


@dataclass(frozen=True, slots=True)
class Filter:
    """One dimension and the values it may have; the empty text stands for unknown."""

    dimension: Dimension
    values: tuple[str, ...]

    def keeps(self, value: StringValue) -> BooleanValue:
        """Return whether a value passes; null, which no row passes, when it is unknown."""
        known = [one for one in self.values if one]
        tests = [value.isin(known)] if known else []
        if self.dimension.branch:
            tests += [value.startswith(f"{one} > ") for one in known]
        if "" in self.values:
            tests.append(value.isnull())
        return reduce(or_, tests)


def _text(column: str) -> Callable[[ibis.Table], StringValue]:
    return lambda table: table[column]


def _quarter(purchase: ibis.Table) -> StringValue:
    quarter = purchase.sold_on.quarter().cast("string")
    return purchase.month.substr(0, 4).concat("-Q", quarter)


def _yes(flag: str) -> Callable[[ibis.Table], StringValue]:
    return lambda table: ibis.ifelse(table[flag], "yes", "no")


def _words(closed: type[StrEnum]) -> tuple[str, ...]:
    return tuple(one.value for one in closed)


#: Every declared dimension, in the order of the documentation.
DIMENSIONS: tuple[Dimension, ...] = (
    Dimension("month", "Month", "purchase", _text("month")),
    Dimension("quarter", "Quarter", "purchase", _quarter),
    Dimension("year", "Year", "purchase", lambda table: table.month.substr(0, 4)),
    Dimension("channel", "Channel", "purchase", _text("channel"), words=_words(Channel)),
    Dimension(
        "side",
        "Side",
        "purchase",
        lambda table: ibis.ifelse(table.online, "online", "store"),
        words=("online", "store"),
    ),
    Dimension("handover", "Handover", "purchase", _text("handover"), words=_words(Handover)),
    Dimension("currency", "Currency", "purchase", _text("currency")),
    Dimension("source", "Source", "purchase", _text("source")),
    Dimension("store", "Store", "purchase", _text("store_id"), also=("store_id",)),
    Dimension("banner", "Banner", "store", _text("brand"), also=("store_brand",)),
    Dimension("store_province", "Store's province", "store", _text("province")),
    Dimension("store_country", "Store's country", "store", _text("country")),
    Dimension("province", "Province", "person", _text("province")),
    Dimension("country", "Country", "person", _text("country")),
    Dimension(
        "age_band",
        "Age band",
        "person",
        _text("age_band"),
        also=("age",),
        words=tuple(AGE_BANDS),
    ),
    Dimension("generation", "Generation", "person", _text("generation"), words=tuple(GENERATIONS)),
    Dimension("gender", "Gender", "person", _text("gender"), words=_words(Gender)),
    Dimension("language", "Language", "person", _text("language")),
    Dimension("loyalty_tier", "Loyalty tier", "person", _text("tier"), also=("tier",)),
    Dimension("member", "Loyalty member", "person", _yes("member"), words=("no", "yes")),
    Dimension("home_store", "Home store", "person", _text("home_store_id")),
    Dimension("brand", "Brand", "product", _text("brand")),
    Dimension("category", "Category", "product", _text("category"), branch=True),
    Dimension(
        "department",
        "Department",
        "product",
        lambda table: table.category.split(" > ")[0],
    ),
    Dimension("product", "Product", "product", _text("product_id"), also=("product_id",)),
)


def dimension(name: str) -> Dimension:
    """Return the dimension of this name; `age-band`, `Age band` and `age_band` are one.

    Raises:
        Unknown: When there is none; the nearest name is offered.
    """
    asked = name.strip().lower().replace("-", "_").replace(" ", "_")
    for one in DIMENSIONS:
        if asked == one.name or asked in one.also:
            return one
    raise Unknown("dimension", name, (one.name for one in DIMENSIONS))


def filters(where: Iterable[tuple[str, str]]) -> tuple[Filter, ...]:
    """Gather pairs of dimension and value into one filter per dimension."""
    values: dict[Dimension, list[str]] = {}
    for name, value in where:
        values.setdefault(dimension(name), []).append(value)
    return tuple(Filter(one, tuple(kept)) for one, kept in values.items())
