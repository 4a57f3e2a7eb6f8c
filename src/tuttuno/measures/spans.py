"""Days and months of windows: steps back from the end, the same days a year before."""

import calendar
from datetime import date


def months_before(day: date, months: int) -> date:
    """Return the same day of an earlier month, or that month's last; negative goes forward.

    >>> months_before(date(2026, 5, 31), 3)
    datetime.date(2026, 2, 28)
    """
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def edges(until: date, *, months: int, count: int) -> tuple[date, ...]:
    """Return the edges of steps of some months that end at `until`, oldest first.

    >>> [str(day) for day in edges(date(2026, 1, 1), months=3, count=2)]
    ['2025-07-01', '2025-10-01', '2026-01-01']
    """
    return tuple(months_before(until, months * back) for back in range(count, -1, -1))


def whole_months_between(since: date, until: date) -> int:
    """Count the months that fit between two days, counted back from the later one.

    >>> whole_months_between(date(2025, 1, 2), date(2026, 1, 1))
    11
    """
    months = (until.year - since.year) * 12 + until.month - since.month
    return months if months_before(until, months) >= since else months - 1
