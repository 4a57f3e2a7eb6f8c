"""From the clock on the wall to UTC, and to the local day, zone by zone."""

from collections.abc import Iterable
from dataclasses import dataclass

import ibis
from ibis.expr.types import Value

from tuttuno.engine.port import Engine
from tuttuno.intake.times import offset_on, zone_days

_DAY = " day"


@dataclass(frozen=True, slots=True)
class Clocks:
    """The offsets of all zones in use, ready to be joined.

    Attributes:
        local: By local day.
        utc: By UTC day.
    """

    local: ibis.Table
    utc: ibis.Table


def clocks(engine: Engine, zones: Iterable[str]) -> Clocks:
    """Make the offsets of some zones readable."""
    local, utc = zone_days(zones)
    return Clocks(engine.bind("intake_local_days", local), engine.bind("intake_utc_days", utc))


def to_utc(rows: ibis.Table, name: str, clocks: Clocks) -> ibis.Table:
    """Turn a local moment into UTC, by its own offset or else by the row's `zone`.

    A moment on a day that the clocks do not know becomes null.
    """
    joined = _beside(rows, name, clocks.local)
    offset = ibis.coalesce(joined[f"{name} offset"], offset_on(joined[name], joined))
    return _with(rows, joined, name, joined[name] - offset.cast("int64").as_interval("s"))


def with_day(rows: ibis.Table, name: str, clocks: Clocks) -> ibis.Table:
    """Add `local_day`, the day of a UTC moment on the clock of the row's `zone`."""
    joined = _beside(rows, name, clocks.utc)
    local = joined[name] + offset_on(joined[name], joined).cast("int64").as_interval("s")
    return _with(rows, joined, "local_day", local.date())


def _beside(rows: ibis.Table, name: str, clock: ibis.Table) -> ibis.Table:
    """Each row with the offsets of its zone on the day of a moment."""
    # ibis joins a join only by columns that are there already.
    dated = rows.mutate(**{_DAY: rows[name].date()})
    days = clock.view()
    return dated.left_join(days, [dated.zone == days.tz, dated[_DAY] == days.day])


def _with(rows: ibis.Table, joined: ibis.Table, name: str, value: Value) -> ibis.Table:
    kept = {each: joined[each] for each in rows.columns if each != name}
    return joined.select(**kept, **{name: value})
