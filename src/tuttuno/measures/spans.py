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


#: Months of each period that a split by time is made of.
MONTHS = {"month": 1, "quarter": 3, "year": 12}


def first_day(label: str) -> date:
    """Return the first day of a month, quarter or year, by its label.

    >>> first_day("2026-Q3")
    datetime.date(2026, 7, 1)
    """
    year, _, rest = label.partition("-")
    month = int(rest[1:]) * 3 - 2 if rest.startswith("Q") else int(rest or 1)
    return date(int(year), month, 1)


def moved(label: str, months: int) -> str:
    """Return the label of the period that begins some months later.

    >>> moved("2025-Q4", 3), moved("2026-03", -12), moved("2025", 12)
    ('2026-Q1', '2025-03', '2026')
    """
    day = months_before(first_day(label), -months)
    if "Q" in label:
        return f"{day.year}-Q{(day.month + 2) // 3}"
    return day.isoformat()[: len(label)]
