"""The months of a study: whole ones only, numbered from the first."""

from dataclasses import dataclass
from datetime import date

import ibis
import numpy as np
from ibis.expr.types import DateValue, IntegerValue, StringValue

from tuttuno.effects.numbers import Floats
from tuttuno.engine.port import Engine
from tuttuno.errors import BadInput
from tuttuno.studies.declaration import Declaration

#: A month counts as whole when something was sold in its first and last so many days.
EDGE = 3


@dataclass(frozen=True, slots=True)
class Months:
    """The first month, counted from the year 0, and how many there are."""

    first: int
    count: int

    @property
    def times(self) -> Floats:
        """Positions of the months: 0, 1, 2, ..."""
        return np.arange(self.count, dtype=np.float64)

    @property
    def start(self) -> date:
        """First day of the first month."""
        return self.day(0)

    def day(self, number: int) -> date:
        """First day of a month by its position; it may lie outside."""
        place = self.first + number
        return date(place // 12, place % 12 + 1, 1)

    def label(self, number: int) -> str:
        """Write a month as `YYYY-MM`."""
        return self.day(number).strftime("%Y-%m")

    def within(self, table: ibis.Table) -> ibis.Table:
        """Rows of a table whose `month` is one of these."""
        place = self.position(table.month)
        return table.filter((place >= 0) & (place < self.count))

    def after(self, count: int) -> "Months":
        """The same months without the first `count`."""
        return Months(self.first + count, self.count - count)

    def number(self, day: DateValue) -> IntegerValue:
        """Position of the month of a day; null of null."""
        return day.year().cast("int64") * 12 + day.month().cast("int64") - 1 - self.first

    def position(self, month: StringValue) -> IntegerValue:
        """Position of a `YYYY-MM`."""
        year, part = month.substr(0, 4).cast("int64"), month.substr(5, 2).cast("int64")
        return year * 12 + part - 1 - self.first


def months_of(declared: Declaration, engine: Engine, purchase: ibis.Table) -> Months:
    """Find the months that a study looks at.

    Raises:
        BadInput: Nothing was sold, or what was sold fills less than a year.
    """
    bounds = purchase.agg(first=purchase.sold_on.min(), last=purchase.sold_on.max())
    row = engine.run(bounds).to_pylist()[0]
    if row["first"] is None:
        raise BadInput("nothing has been sold yet, as far as this release knows")
    first, end = _whole(row["first"], row["last"])
    if declared.since:
        first = max(first, _number(declared.since))
    if declared.until:
        end = min(end, _number(declared.until))
    if end - first < declared.baseline + 6:
        raise BadInput(
            f"{_months(max(end - first, 0))} of sales: too few",
            hint=f"the study needs {declared.baseline} to choose who takes part, and 6 more; take "
            "in older sales, or ask again later",
        )
    return Months(first, end - first)


def _months(count: int) -> str:
    return "1 whole month" if count == 1 else f"{count} whole months"


def _whole(first: date, last: date) -> tuple[int, int]:
    opens = first.year * 12 + first.month - 1 + (first.day > EDGE)
    closes = last.year * 12 + last.month - 1
    after = date((closes + 1) // 12, (closes + 1) % 12 + 1, 1)
    return opens, closes + ((after - last).days <= EDGE)


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1
