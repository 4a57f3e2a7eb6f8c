"""The truth beside the files: who is who, why each sale happened, what each effect is."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from tuttuno.demo.arrays import DAY, NONE, Flags, Ints, plain, words
from tuttuno.demo.effects import Tally
from tuttuno.demo.forms import Sheet
from tuttuno.demo.habits import KINDS, Habits
from tuttuno.demo.people import People
from tuttuno.demo.sales import SOURCES, Sold, sale_ids
from tuttuno.demo.trips import REASONS, STORE
from tuttuno.demo.world import World

CLASSES = ("online_only", "store_only", "both")


@dataclass(frozen=True, slots=True)
class Truth:
    """What `simulate` wrote: where, how much of it, and the known effects by name.

    `lines` are all lines in the sales files; `sales` are baskets, `returns` slips.
    """

    exchange: Path
    truth: Path
    people: int
    records: int
    sales: int
    lines: int
    returns: int
    pickups: int
    effects: dict[str, float]


class Effect(NamedTuple):
    """One row of `truth_effects`."""

    name: str
    value: float
    unit: str


def summary(out: Path, people: int, tally: Tally, found: list[Effect]) -> Truth:
    """Sum up what was written below `out`."""
    return Truth(
        exchange=out / "exchange",
        truth=out / "truth",
        people=people,
        records=int(tally.sums["records"]),
        sales=int(tally.sums["sales_all"]),
        lines=int(tally.sums["lines"]),
        returns=int(tally.sums["returns"]),
        pickups=int(tally.sums["pickups"]),
        effects={effect.name: float(effect.value) for effect in found},
    )


def records(people: People, sheets: list[Sheet]) -> pa.Table:
    """Say who stands behind each record."""
    return pa.concat_tables(
        pa.table(
            {
                "source": sheet.table["source"],
                "record_id": sheet.table["record_id"],
                "true_person_id": pa.array(people.number[sheet.who]),
                "household_id": pa.array(people.household[sheet.who]),
            }
        )
        for sheet in sheets
    )


def sales(world: World, people: People, sold: Sold) -> pa.Table:
    """Say who stands behind each sale, also an anonymous one, and why it happened."""
    trips, back = sold.trips, sold.returns
    person = np.concatenate([trips.person, trips.person[back.trip]])
    source = np.concatenate([trips.channel != STORE, back.store == NONE]).astype(np.int64)
    reason = np.concatenate([trips.reason, np.full(back.count, len(REASONS))])
    return pa.table(
        {
            "source": words(SOURCES, source),
            "sale_id": sale_ids(world, sold),
            "true_person_id": pa.array(people.number[person]),
            "reason": words([*REASONS, "return"], reason),
        }
    )


def persons(world: World, people: People, habits: Habits, can_reach: Flags) -> pa.Table:
    """Describe each true person: kind of buyer, home, when she starts online and enrols."""
    label = [world.calendar.label(month) for month in range(world.calendar.months)]
    texts = [*label, None, "before"]
    return pa.table(
        {
            "true_person_id": pa.array(people.number),
            "household_id": pa.array(people.household),
            "kind": words(KINDS, habits.kind),
            "home_store_id": words(world.stores.ids, people.store),
            "online_from": plain(texts, habits.online_from % len(texts)),
            "enrolled": plain(texts, habits.enrols % len(texts)),
            "reachable": pa.array(can_reach),
        }
    )


def classes(world: World, people: People, sold: Sold, can_reach: Flags, tally: Tally) -> pa.Table:
    """Class each true person by channel, four times: all or identified sales, ever or 12 months.

    Null where she bought in neither channel. Adds the counts to the tally.
    """
    trips = sold.trips
    recent = trips.at >= _year_before_end(world)
    columns: dict[str, pa.Array] = {"true_person_id": pa.array(people.number)}
    for name, use in {
        "class_all": np.ones(trips.count, dtype=np.bool_),
        "class_identified": sold.keys.identified,
        "class_all_12m": recent,
        "class_identified_12m": recent & sold.keys.identified,
    }.items():
        online = np.bincount(trips.person[use & trips.online], minlength=people.count)
        store = np.bincount(trips.person[use & (trips.channel == STORE)], minlength=people.count)
        found = _class(online > 0, store > 0)
        columns[name] = words(CLASSES, found)
        for place, word in enumerate(CLASSES):
            tally.add(f"{name}_{word}", int((found == place).sum()))
            tally.add(f"reach_{name}_{word}", int(((found == place) & can_reach).sum()))
        if name == "class_all":
            columns["online_orders"] = pa.array(online.astype(np.int32))
            columns["store_orders"] = pa.array(store.astype(np.int32))
    return pa.table(columns)


def store_months(world: World, tally: Tally) -> pa.Table:
    """Tabulate sales per store and month, and the part that click & collect caused.

    `online_*` are orders of the people whose home store it is.
    """
    shape = (world.stores.count, world.calendar.months)
    store, month = (grid.ravel() for grid in np.indices(shape))
    labels = [world.calendar.label(which) for which in range(shape[1])]
    launched = month >= world.stores.collects[store]
    return pa.table(
        {
            "store_id": words(world.stores.ids, store),
            "month": words(labels, month),
            "collects": pa.array(launched),
            **{name: pa.array(grid.ravel()) for name, grid in sorted(tally.stores.items())},
        }
    )


def effects(world: World, tally: Tally) -> list[Effect]:
    """Turn the sums into the known effects."""
    return [
        *_diversion(tally),
        *_loyalty(tally),
        *_collect(world, tally),
        Effect(
            "campaign_effect_orders",
            _ratio(tally, "campaign_orders", "contacts_treated"),
            "orders per treated contact",
        ),
        *_overlap(tally),
        *_coverage(tally),
        *_classes(tally),
    ]


def effects_table(found: list[Effect]) -> pa.Table:
    """Write the effects as the exchange format asks of simulators."""
    return pa.table(
        {
            "name": [effect.name for effect in found],
            "value": pa.array([effect.value for effect in found], pa.float64()),
            "unit": [effect.unit for effect in found],
        }
    )


def _ratio(tally: Tally, part: str, whole: str) -> float:
    return tally.sums[part] / tally.sums[whole] if tally.sums[whole] else float("nan")


def _diversion(tally: Tally) -> Iterator[Effect]:
    """Diversion = - change in store sales / change in online sales, of in-window adopters.

    Revenue is before returns, net is what is left of it after those inside the window.
    """
    sums, months = tally.sums, tally.sums["adopter_months"]
    for kind, unit in (("orders", "orders"), ("revenue", "EUR"), ("net", "EUR")):
        online = sums[f"adopter_online_{kind}"]
        diverted = sums[f"adopter_diverted_{kind}"]
        lost = diverted - sums[f"adopter_attached_{kind}"]
        suffix = "" if kind == "orders" else f"_{kind}"
        yield Effect(f"diversion{suffix}", lost / online if online else float("nan"), "1")
        members = sums[f"member_adopter_diverted_{kind}"] - sums[f"member_adopter_attached_{kind}"]
        theirs = sums[f"member_adopter_online_{kind}"]
        yield Effect(
            f"diversion_members{suffix}", members / theirs if theirs else float("nan"), "1"
        )
        gross = diverted / online if online else float("nan")
        yield Effect(f"diversion_gross{suffix}", gross, "1")
        per = f"{unit} per adopter and month"
        yield Effect(f"adoption_effect_online_{kind}", online / months if months else 0.0, per)
        yield Effect(f"adoption_effect_store_{kind}", -lost / months if months else 0.0, per)
    yield Effect("adopters", sums["adopters"], "persons")


def _loyalty(tally: Tally) -> Iterator[Effect]:
    """The effect on those enrolled inside the window who already bought online before it."""
    for scope, suffix in (("online", ""), ("all", "_all_enrolled")):
        for kind, unit in (("orders", "orders"), ("revenue", "EUR"), ("net", "EUR")):
            value = _ratio(tally, f"loyal_{scope}_{kind}", f"enrolled_{scope}_months")
            yield Effect(f"loyalty_effect_{kind}{suffix}", value, f"{unit} per person and month")
    members = _ratio(tally, "naive_member_orders", "naive_member_people")
    others = _ratio(tally, "naive_stranger_orders", "naive_stranger_people")
    yield Effect("loyalty_naive_orders", (members - others) / 12, "orders per person and month")
    yield Effect("loyalty_enrolled", tally.sums["enrolled_online"], "persons")


def _collect(world: World, tally: Tally) -> Iterator[Effect]:
    """What launching click & collect changed, per month of a store that has it."""
    after = np.arange(world.calendar.months) >= world.stores.collects[:, None]
    for side in ("online", "store"):
        for kind, unit in (("orders", "orders"), ("revenue", "EUR")):
            total = tally.stores[f"{side}_{kind}"][after].sum()
            caused = tally.stores[f"{side}_caused_{kind}"][after].sum()
            name = f"click_and_collect_effect_{side}_{kind}"
            yield Effect(name, caused / max(1, int(after.sum())), f"{unit} per store and month")
            yield Effect(f"{name}_share", caused / (total - caused), "1 of sales without it")


def _overlap(tally: Tally) -> Iterator[Effect]:
    for scope in ("all", "identified"):
        for level in ("product", "brand", "category"):
            stem = f"overlap_{scope}_{level}"
            both = tally.sums[f"{stem}_in_both"]
            union = both + tally.sums[f"{stem}_online_only"] + tally.sums[f"{stem}_store_only"]
            yield Effect(
                f"{stem}_ratio_to_chance", _ratio(tally, f"{stem}_in_both", f"{stem}_expected"), "1"
            )
            yield Effect(f"{stem}_in_both", both, "pairs of person and item")
            yield Effect(f"{stem}_jaccard", both / union if union else float("nan"), "1")


def _coverage(tally: Tally) -> Iterator[Effect]:
    """Sales are baskets, returns apart; revenue is net before returns."""
    for what in ("sales", "revenue"):
        yield Effect(f"coverage_{what}", _ratio(tally, f"{what}_identified", f"{what}_all"), "1")
        for part in ("identified", "token_only"):
            value = _ratio(tally, f"{what}_store_{part}", f"{what}_store")
            yield Effect(f"coverage_store_{what}_{part}", value, "1")
        unit = "sales" if what == "sales" else "EUR"
        for part in ("all", "identified", "store", "store_identified", "online", "phone"):
            yield Effect(f"{what}_{part}", tally.sums[f"{what}_{part}"], unit)


def _classes(tally: Tally) -> Iterator[Effect]:
    """Counts by class, and the share of each class that can be written to."""
    for name in ("class_all", "class_identified", "class_all_12m", "class_identified_12m"):
        for word in CLASSES:
            yield Effect(f"{name}_{word}", tally.sums[f"{name}_{word}"], "persons")
            reach = _ratio(tally, f"reach_{name}_{word}", f"{name}_{word}")
            yield Effect(f"reachability_{name}_{word}", reach, "1")
        for channel, alone in (("online", "online_only"), ("store", "store_only")):
            part = tally.sums[f"reach_{name}_{alone}"] + tally.sums[f"reach_{name}_both"]
            whole = tally.sums[f"{name}_{alone}"] + tally.sums[f"{name}_both"]
            value = part / whole if whole else float("nan")
            yield Effect(f"reachability_{name}_{channel}_buyers", value, "1")


def _class(online: Flags, store: Flags) -> Ints:
    found = np.where(online & store, 2, np.where(store, 1, np.where(online, 0, NONE)))
    return found.astype(np.int64)


def _year_before_end(world: World) -> int:
    """Return the second that opens the last twelve months."""
    first = world.calendar.first_day[max(0, world.calendar.months - 12)]
    return int(first) * DAY
