"""Provinces as markets: all that is paid in their stores, all that is ordered online from them."""

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import numpy as np

from tuttuno.effects.numbers import Floats
from tuttuno.engine.port import Engine
from tuttuno.studies import catchments
from tuttuno.studies.catchments import BEFORE, Places
from tuttuno.studies.declaration import Declaration
from tuttuno.studies.months import Months


@dataclass(frozen=True, slots=True)
class Markets:
    """Both channels of the same provinces, in the same order.

    Attributes:
        left_out: How many provinces are not compared, by reason.
    """

    store: Places
    online: Places
    left_out: Mapping[str, int]

    @property
    def cohort(self) -> Floats:
        """Position of the month of the first launch, infinity for never."""
        return self.store.cohort


def gather(
    declared: Declaration, engine: Engine, tables: Mapping[str, ibis.Table], months: Months
) -> Markets:
    """Add up both channels by province and month, and find out since when one can collect there.

    A province in which a store opened or closed meanwhile, or where one could collect nearly from
    the beginning, has no clear before and is left out.
    """
    asked = catchments.queries(declared, tables, months)
    sites = engine.run(asked["sites"]).to_pylist()
    known = sorted({row["province"] for row in sites if row["province"]})
    launch, left = {}, {"opened": 0, "launched": 0}
    for name in known:
        here = [row for row in sites if row["province"] == name]
        starts = [row["cohort"] for row in here if row["cohort"] is not None]
        at = float(min(starts, default=np.inf))
        if at < BEFORE:
            left["launched"] += 1
        elif not all(row["whole"] for row in here):
            left["opened"] += 1
        else:
            launch[name] = at if at < months.count else np.inf
    units = list(launch.items())
    made = {
        "store": catchments.places(units, engine.run(_paid(tables, months)), months),
        "online": catchments.places(units, engine.run(asked["province"]), months),
    }
    return Markets(**made, left_out=left)


def _paid(tables: Mapping[str, ibis.Table], months: Months) -> ibis.Table:
    """What was paid in the stores of each province, by buyers known and unknown."""
    store = tables["store"].select("store_id", "province")
    paid = catchments.within(tables["purchase"], months)
    paid = paid.filter(~paid.online).inner_join(store, "store_id")
    return catchments.added(paid.filter(paid.province.notnull()), "province")
