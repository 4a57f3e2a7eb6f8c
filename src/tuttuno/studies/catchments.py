"""Stores and their catchments by month: what was paid in a store, what was ordered around it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis
import numpy as np
import pyarrow as pa

from tuttuno.effects.numbers import Floats
from tuttuno.engine.port import Engine
from tuttuno.studies.declaration import Declaration
from tuttuno.studies.members import chosen
from tuttuno.studies.months import Months

#: Months that must lie before a launch.
BEFORE = 3

OUTCOMES = ("orders", "net")


@dataclass(frozen=True, slots=True)
class Places:
    """Units of one kind, stores or provinces.

    Attributes:
        names: Of the units.
        cohort: Shape (units,): position of the month of launch, infinity for never.
        values: By outcome, shape (units, months).
    """

    names: tuple[str, ...]
    cohort: Floats
    values: Mapping[str, Floats]

    @property
    def first(self) -> int:
        """Months before the first launch anywhere; all where there is none."""
        launched = self.cohort[np.isfinite(self.cohort)]
        whole = next(iter(self.values.values())).shape[1]
        return int(launched.min()) if launched.size else whole


@dataclass(frozen=True, slots=True)
class Found:
    """What a study of launches compares."""

    stores: Places
    provinces: Places
    left_out: Mapping[str, int]


def gather(
    declared: Declaration, engine: Engine, tables: Mapping[str, ibis.Table], months: Months
) -> Found:
    """Add up stores and provinces by month, and find out since when they offer to collect.

    A store that opened or closed within the months, or offered it nearly from their beginning,
    has no before and is left out. A province is served from the first launch in it on.
    """
    asked = queries(declared, tables, months)
    found = {name: engine.run(query) for name, query in asked.items()}
    sites = found["sites"].to_pylist()
    used, left = [], {"opened": 0, "launched": 0}
    early: set[str] = set()
    launch: dict[str, float] = {}
    for row in sites:
        at = np.inf if row["cohort"] is None else float(row["cohort"])
        at = at if at < months.count else np.inf
        province = row["province"]
        if at < BEFORE:
            left["launched"] += 1
            early.add(province)
        elif row["whole"]:
            used.append((row["store_id"], at, province))
        else:
            left["opened"] += 1
        launch[province] = min(launch.get(province, np.inf), at)
    around = sorted({province for _, _, province in used if province} - early)
    return Found(
        stores=places([(name, at) for name, at, _ in used], found["store"], months),
        provinces=places([(name, launch[name]) for name in around], found["province"], months),
        left_out=left,
    )


def naive(places: Places) -> dict[str, float]:
    """Orders after and before the own launch, without anything to compare with."""
    orders = places.values["orders"]
    after = np.arange(orders.shape[1]) >= places.cohort[:, None]
    before = ~after & np.isfinite(places.cohort)[:, None]
    late, soon = float(orders[after].mean()), float(orders[before].mean())
    return {"treated": late, "control": soon, "times": late / soon if soon else float("nan")}


def queries(
    declared: Declaration, tables: Mapping[str, ibis.Table], months: Months
) -> Mapping[str, ibis.Table]:
    """Ask for stores, for what was paid in them, and for online orders by province."""
    store = chosen(tables["store"], declared)
    edge = months.day(1)
    whole = (
        (store.opened_on.isnull() | (store.opened_on < months.start))
        & store.closed_on.isnull()
        & (store.first_on < edge)
    )
    bought = within(tables["purchase"], months)
    paid = bought.filter(~bought.online, bought.store_id.notnull())
    return {
        "sites": store.select(
            "store_id",
            "province",
            cohort=months.number(store.collect_since),
            whole=whole.fill_null(False),
        ).order_by("store_id"),
        "store": added(paid, "store_id"),
        "province": ordered(tables, months),
    }


def ordered(tables: Mapping[str, ibis.Table], months: Months) -> ibis.Table:
    """Ask for online orders and their net by month and province of the buyer, where known."""
    bought = within(tables["purchase"], months)
    person = tables["person"].select("person_id", "province")
    online = bought.filter(bought.online).inner_join(person, "person_id")
    return added(online.filter(online.province.notnull()), "province")


def within(purchase: ibis.Table, months: Months) -> ibis.Table:
    """What was bought in the months, with the position of the month as `place`."""
    bought = months.within(purchase)
    return bought.mutate(place=months.position(bought.month))


def added(bought: ibis.Table, by: str) -> ibis.Table:
    """Orders and their net by a column, as `name`, and month."""
    return bought.group_by(name=bought[by], month=bought.place).agg(
        orders=bought.orders.sum().cast("float64"), net=bought.net.cast("float64").sum()
    )


def places(units: Sequence[tuple[str, float]], table: pa.Table, months: Months) -> Places:
    """Arrange what was added up: units with their month of treatment, in the order given."""
    place = {name: number for number, (name, _) in enumerate(units)}
    values = {of: np.zeros((len(units), months.count)) for of in OUTCOMES}
    for row in table.to_pylist():
        if row["name"] in place:
            for of in OUTCOMES:
                values[of][place[row["name"]], row["month"]] = row[of]
    return Places(tuple(place), np.array([at for _, at in units]), values)
