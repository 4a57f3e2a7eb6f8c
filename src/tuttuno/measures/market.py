"""How the market grew beside the retailer, from a series of months that a project supplies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tuttuno.measures.rows import Row
from tuttuno.measures.spans import months_before

#: First day and the first day after.
Span = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Market:
    """What the series says: a value by month, channel and category; `""` is all categories."""

    values: Mapping[tuple[str, str, str], float]
    source: str

    @classmethod
    def of(cls, rows: Sequence[Row]) -> "Market | None":
        """Read the rows of the table; None where the project supplies none."""
        if not rows:
            return None
        values = {(row["month"], row["channel"], row["category"]): row["value"] for row in rows}
        return cls(values, str(rows[0]["source"]))

    def growth(self, now: Span, then: Span, *, channel: str, category: str) -> float | None:
        """Return the change from one span to another; 0.1 is 10 % more.

        Unknown (None) unless both are whole months, as many in each, of which the series tells
        every one. Of an index the mean counts, which changes as the sum does.
        """
        sums = [self._sum(span, channel, category) for span in (now, then)]
        if sums[0] is None or sums[1] is None or sums[0][1] != sums[1][1]:
            return None
        return sums[0][0] / sums[1][0] - 1

    def _sum(self, span: Span, channel: str, category: str) -> tuple[float, int] | None:
        months = _months(span)
        values = [self.values.get((month, channel, category)) for month in months]
        known = [value for value in values if value is not None]
        return (sum(known), len(known)) if known and len(known) == len(values) else None


def _months(span: Span) -> list[str]:
    """Return the months of a span of whole months; none of any other."""
    since, until = span
    if since.day != 1 or until.day != 1:
        return []
    found = []
    while since < until:
        found.append(since.isoformat()[:7])
        since = months_before(since, -1)
    return found


def share_change(own: float | None, market: float | None) -> float | None:
    """Return by what part the share of the market changed; None where either is unknown.

    >>> round(share_change(0.10, 0.21), 4)
    -0.0909
    """
    if own is None or market is None or market <= -1:
        return None
    return (1 + own) / (1 + market) - 1
