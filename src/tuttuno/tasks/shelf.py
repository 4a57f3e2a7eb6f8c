"""The products of a release: what goes with what, and after how long each is bought again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from threading import Lock

import numpy as np
import pyarrow as pa

from tuttuno.measures.next_product import TASTE_SHRUNK
from tuttuno.measures.params import Params
from tuttuno.measures.spans import months_before
from tuttuno.measures.suggesting import personal
from tuttuno.measures.suggesting.again import Had
from tuttuno.measures.suggesting.neighbours import Taste
from tuttuno.tasks.open_release import OpenRelease

#: Months of purchases that are learnt from, as in the usual window of `next_product`.
MONTHS = 12

#: People whose purchases are learnt from: fewer than there may be, the same each time.
LEARNED = 100_000

#: Neighbours of a thing that count.
_NEIGHBOURS = 20


@dataclass(frozen=True, slots=True)
class Thing:
    """A product as it may be offered.

    Attributes:
        online, in_store: True when it is listed there, which says nothing of stock; None where
            no list says.
    """

    product_id: str
    name: str
    online: bool | None
    in_store: bool | None


@dataclass(frozen=True, slots=True)
class Assortment:
    """What is known of things, with their keys by place."""

    of: personal.Learned
    things: Sequence[str]
    place: Mapping[str, int]
    since: date


@dataclass(slots=True)
class Shelf:
    """The products of a release, and what is learnt of them at the first asking."""

    opened: OpenRelease
    last_sale: date | None = field(init=False)
    _learning: Lock = field(default_factory=Lock, init=False)
    _learned: list[Assortment] = field(default_factory=list, init=False)
    _products: dict[str, Thing] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        purchase, product = self.opened.tables["purchase"], self.opened.tables["product"]
        (row,) = self.opened.engine.run(purchase.agg(last=purchase.sold_on.max())).to_pylist()
        self.last_sale = row["last"]
        named = product.select("product_id", "name", "listed_online_since", "listed_in_store_since")
        for each in self.opened.engine.run(named).to_pylist():
            self._products[each["product_id"]] = Thing(
                each["product_id"],
                each["name"] or each["product_id"],
                *self._listed(each["listed_online_since"], each["listed_in_store_since"]),
            )

    def _listed(
        self, online: date | None, in_store: date | None
    ) -> tuple[bool | None, bool | None]:
        """A product of which neither is known may be anywhere; else it is listed where it says."""
        today = self.last_sale
        if today is None or (online is None and in_store is None):
            return None, None
        return online is not None and online <= today, in_store is not None and in_store <= today

    def thing(self, product_id: str) -> Thing:
        """Return a product by its key; one without a record goes by its key."""
        return self._products.get(product_id) or Thing(product_id, product_id, None, None)

    def learned(self, params: Mapping[str, float]) -> Assortment | None:
        """Return what is learnt of the release; None where nothing is bought by enough."""
        with self._learning:
            if not self._learned:
                self._learned.append(_learn(self.opened, self.last_sale or date.min, params))
        found = self._learned[0]
        return found if found.things else None


def _learn(opened: OpenRelease, last_sale: date, params: Mapping[str, float]) -> Assortment:
    """Learn from the last twelve months of as many people as are needed."""
    since = months_before(last_sale + timedelta(days=1), MONTHS)
    bought, person = opened.tables["product_channel"], opened.tables["person"]
    (row,) = opened.engine.run(person.agg(persons=person.count())).to_pylist()
    every = -(-int(row["persons"]) // LEARNED) or 1
    bought = bought.filter(
        bought.person_id.notnull(), bought.lines > 0, bought.month >= since.isoformat()[:7]
    )
    if every > 1:
        bought = bought.filter(bought.person_id % every == 0)
    rows = opened.engine.run(
        bought.group_by("person_id", "product_id").agg(
            times=bought.lines.sum().cast("int64"),
            first=bought.first_on.min(),
            last=bought.last_on.max(),
        )
    )
    least = int(Params(params).used("next_product.persons", on=last_sale).value)
    return _compact(rows, since, (last_sale - since).days + 1, least)


def _compact(rows: pa.Table, since: date, until: int, least: int) -> Assortment:
    """Keep the things of enough buyers, as numbers in place of keys and days."""
    coded = rows["product_id"].combine_chunks().dictionary_encode()
    keys = coded.dictionary.to_pylist()
    code = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    buyers = np.bincount(code, minlength=len(keys))
    chosen = sorted(keys[at] for at in np.flatnonzero(buyers >= least))
    place = {key: at for at, key in enumerate(chosen)}
    thing = np.array([place.get(key, -1) for key in keys], np.int64)[code]
    kept = np.flatnonzero(thing >= 0)
    people, person = np.unique(rows["person_id"].to_numpy()[kept], return_inverse=True)
    start = np.datetime64(since, "D")
    first, last = (
        (rows[name].to_numpy().astype("datetime64[D]")[kept] - start).astype(np.int64)
        for name in ("first", "last")
    )
    had = Had(person.ravel(), thing[kept], rows["times"].to_numpy()[kept], first, last)
    taste = Taste(shrunk=TASTE_SHRUNK, least=max(2, least // 4), most=_NEIGHBOURS)
    learned = personal.learn(had, shape=(len(people), len(chosen)), taste=taste, until=until)
    return Assortment(learned, chosen, place, since)
