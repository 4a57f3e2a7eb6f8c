"""When people shop: months of the window, seasons, weekdays, opening hours, the saldi."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from tuttuno.demo.arrays import DAY, Floats, Ints, choose
from tuttuno.demo.settings import Settings

EPOCH = date(1970, 1, 1)

#: Stores are shut on New Year, 1 May, 15 August, 25 and 26 December: month from 0, day.
_CLOSED = [1, 401, 715, 1125, 1126]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The simulated months, and how visits spread over days and hours.

    Days are counted from 1970-01-01; `first_day[m]` opens month `m`, and one more
    entry closes the last month. The `_so_far` arrays hold the summed weight of the
    days before each day of the window, with a leading zero.
    """

    first_day: Ints
    season: Floats
    store_so_far: Floats
    online_so_far: Floats
    hour_store: Floats
    hour_online: Floats
    saldi_days: int

    @property
    def months(self) -> int:
        """How many months the window has."""
        return len(self.first_day) - 1

    @property
    def start(self) -> int:
        """The first day of the window."""
        return int(self.first_day[0])

    @property
    def end(self) -> int:
        """The first day after the window."""
        return int(self.first_day[-1])

    def label(self, month: int) -> str:
        """Name a month of the window as `2024-01`."""
        return as_date(int(self.first_day[month])).strftime("%Y-%m")

    def month_of(self, day: Ints) -> Ints:
        """Return the month of the window a day falls in."""
        found = np.searchsorted(self.first_day, day, side="right") - 1
        return found.astype(np.int64)

    def moments(self, rng: np.random.Generator, month: Ints, *, online: bool) -> Ints:
        """Draw a local moment, in seconds since 1970, inside each given month."""
        so_far = self.online_so_far if online else self.store_so_far
        low, high = (so_far[self.first_day[month + step] - self.start] for step in (0, 1))
        point = low + rng.random(len(month)) * (high - low)
        day = np.searchsorted(so_far, point, side="right") - 1 + self.start
        # rounding may push the point onto the edge of the next month
        day = np.minimum(day, self.first_day[month + 1] - 1)
        return day * DAY + self.seconds(rng, len(month), online=online)

    def seconds(self, rng: np.random.Generator, size: int, *, online: bool) -> Ints:
        """Draw seconds after midnight inside opening hours."""
        weights = self.hour_online if online else self.hour_store
        hour = choose(rng, weights, size)
        return hour * 3600 + rng.integers(0, 3600, size)

    def in_saldi(self, day: Ints) -> Ints:
        """Say whether a day lies in the winter (1) or summer (2) sales, or in none (0)."""
        found = np.zeros(len(day), dtype=np.int64)
        for year in range(as_date(self.start).year, as_date(self.end).year + 1):
            for code, (month, first) in ((1, (1, 3)), (2, (7, 5))):
                opens = (date(year, month, first) - EPOCH).days
                found[(day >= opens) & (day < opens + self.saldi_days)] = code
        return found


def make(settings: Settings, months: int) -> Calendar:
    """Lay out the last `months` months before the window's end."""
    last = settings.day("window.ends_before")
    firsts = [_month_before(last, back) for back in range(months, -1, -1)]
    first_day = np.array([(first - EPOCH).days for first in firsts], dtype=np.int64)
    year = np.array(settings.row("trips.season"))
    days = np.arange(first_day[0], first_day[-1])
    weekday = (days + 3) % 7  # 1970-01-01 was a Thursday
    dates = days.astype("datetime64[D]")
    month_day = (dates - dates.astype("datetime64[M]")).astype(np.int64) + 1
    month = dates.astype("datetime64[M]").astype(np.int64) % 12
    rush = np.where((month == 11) & (month_day <= 24), 1.0 + month_day / 24, 1.0)
    feast = np.isin(month * 100 + month_day, _CLOSED)
    store = np.array(settings.row("trips.weekday_store"))[weekday] * rush * ~feast
    online = np.array(settings.row("trips.weekday_online"))[weekday] * rush
    return Calendar(
        first_day=first_day,
        season=np.array([year[first.month - 1] for first in firsts[:-1]]) / year.mean(),
        store_so_far=np.concatenate([[0.0], np.cumsum(store)]),
        online_so_far=np.concatenate([[0.0], np.cumsum(online)]),
        hour_store=_on_the_clock(settings.row("trips.hour_store"), opens=9),
        hour_online=_on_the_clock(settings.row("trips.hour_online"), opens=0),
        saldi_days=int(settings("offers.saldi_days")),
    )


def as_date(day: int) -> date:
    """Turn days since 1970 into a date."""
    return EPOCH + timedelta(days=day)


def _month_before(last: date, back: int) -> date:
    year, month = divmod(last.year * 12 + last.month - 1 - back, 12)
    return date(year, month + 1, 1)


def _on_the_clock(weights: list[float], *, opens: int) -> Floats:
    clock = np.zeros(24)
    clock[opens : opens + len(weights)] = weights
    return clock
