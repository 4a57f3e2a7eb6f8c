"""Where stores opened or closed, and what was ordered online around them, month by month."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np

from tuttuno.effects.numbers import Floats
from tuttuno.engine.port import Engine
from tuttuno.studies.catchments import BEFORE, Places, ordered, places
from tuttuno.studies.declaration import Declaration
from tuttuno.studies.members import chosen
from tuttuno.studies.months import Months

#: A catchment whose stores stand nearer than this to one that opened is near; the second edge
#: is the 50 miles of Gallino & Moreno (2014), beyond which nobody is thought to be reached.
NEAR, FAR = 40.0, 80.0

_EARTH = 6371.0


@dataclass(frozen=True, slots=True)
class Site:
    """One store: where it is; when it opened, closed, offered to collect, as months' positions."""

    store_id: str
    province: str | None
    latitude: float | None
    longitude: float | None
    opened: float
    closed: float
    launched: float


@dataclass(frozen=True, slots=True)
class Around:
    """Catchments by how far they are from a store that opened (or closed).

    Attributes:
        own: Provinces with such a store, and those farther than `FAR` from all of them.
        near: Provinces up to `NEAR` from one, with the same ones to compare with.
        further: Provinces between `NEAR` and `FAR`, likewise.
        stores: Stores that opened (or closed) in the months compared.
        left_out: How many provinces are not compared, by reason.
    """

    own: Places
    near: Places
    further: Places
    stores: int
    left_out: Mapping[str, int]


def gather(
    declared: Declaration, engine: Engine, tables: Mapping[str, ibis.Table], months: Months
) -> Around:
    """Add up online orders by province and month, and find out where stores came and went.

    A province is treated from the month of its first opening on; by a closing, from the month
    after the last day of trading. One where something opened or closed within the first months,
    or where both happened, has no clear before and is left out; so is one where click & collect
    was launched meanwhile, which changes online orders too.
    """
    sites = [_site(row) for row in engine.run(_sites(declared, tables, months)).to_pylist()]
    table = engine.run(ordered(tables, months))
    known = sorted({row["name"] for row in table.to_pylist()})
    closing = declared.treatment == "closing"
    moved = {name: _moves(sites, name, months) for name in known}
    treated = {name: (shut if closing else came) for name, (came, shut) in moved.items()}
    other = {name: (came if closing else shut) for name, (came, shut) in moved.items()}
    launched = {one.province for one in sites if 0 < one.launched < months.count} & set(known)
    unclear = {name for name in known if treated[name] < BEFORE or np.isfinite(other[name])}
    cohort = {name: treated[name] for name in known if name not in unclear | launched}
    events = {name: at for name, at in cohort.items() if np.isfinite(at)}
    far = {name: _nearest(sites, name, events) for name in cohort if name not in events}
    control = [(name, np.inf) for name, (away, _) in far.items() if away > FAR]
    rings = {
        "near": [(name, at) for name, (away, at) in far.items() if away <= NEAR],
        "further": [(name, at) for name, (away, at) in far.items() if NEAR < away <= FAR],
    }
    made = {
        name: places([*units, *control], table, months)
        for name, units in {"own": list(events.items()), **rings}.items()
    }
    when = [one.closed if closing else one.opened for one in sites if one.province in events]
    return Around(
        **made,
        stores=sum(0 <= at < months.count for at in when),
        left_out={
            "unclear": len(unclear - launched),
            "launched_meanwhile": len(launched),
            "near": len(rings["near"] + rings["further"]),
        },
    )


def _sites(declared: Declaration, tables: Mapping[str, ibis.Table], months: Months) -> ibis.Table:
    store = chosen(tables["store"], declared)
    return store.select(
        "store_id",
        "province",
        "latitude",
        "longitude",
        opened=months.number(store.opened_on),
        closed=months.number(store.closed_on),
        launched=months.number(store.collect_since),
    ).order_by("store_id")


def _site(row: Mapping[str, Any]) -> Site:
    opened, closed, launched = (row[key] for key in ("opened", "closed", "launched"))
    return Site(
        store_id=row["store_id"],
        province=row["province"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        opened=-np.inf if opened is None else float(opened),
        closed=np.inf if closed is None else float(closed + 1),
        launched=np.inf if launched is None else float(launched),
    )


def _moves(sites: Sequence[Site], province: str, months: Months) -> tuple[float, float]:
    """First opening and first closing in a province within the months; infinity for none."""
    here = [one for one in sites if one.province == province]
    came = [one.opened for one in here if 0 <= one.opened < months.count]
    shut = [one.closed for one in here if 0 <= one.closed < months.count]
    return min(came, default=np.inf), min(shut, default=np.inf)


def _nearest(
    sites: Sequence[Site], province: str, events: Mapping[str, float]
) -> tuple[float, float]:
    """Kilometres to the nearest province with an event, and its month; unknown is far."""
    here = _centre(sites, province)
    found = [(np.inf, np.inf)]
    for name, at in events.items():
        there = _centre(sites, name)
        if here is not None and there is not None:
            found.append((kilometres(here, there), at))
    return min(found)


def _centre(sites: Sequence[Site], province: str) -> Floats | None:
    """Where a province is, as far as its stores tell: their mean latitude and longitude."""
    known = [
        (one.latitude, one.longitude)
        for one in sites
        if one.province == province and one.latitude is not None and one.longitude is not None
    ]
    return np.mean(known, axis=0) if known else None


def kilometres(here: Floats, there: Floats) -> float:
    """Great-circle distance of two points in degrees."""
    (north, east), (other_north, other_east) = np.radians(here), np.radians(there)
    half = np.sin((other_north - north) / 2) ** 2
    half += np.cos(north) * np.cos(other_north) * np.sin((other_east - east) / 2) ** 2
    return float(2 * _EARTH * np.arcsin(min(np.sqrt(half), 1.0)))
