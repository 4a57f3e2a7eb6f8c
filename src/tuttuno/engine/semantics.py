"""One meaning on every engine: the sums, shares, days and picks that engines disagree about.

Expressions in, expressions out; each is held to the same rows on DuckDB and on Spark.
"""

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.datatypes as dt
from ibis.expr.types import (
    BooleanValue,
    DateValue,
    FloatingValue,
    IntegerValue,
    NumericValue,
    StringValue,
    TimestampValue,
    Value,
)

_MOMENT = dt.Timestamp(scale=6)


def _from_utc_timestamp(at: Any, timezone: Any) -> Any:
    """Spark's own function; the DuckDB adapter defines one of the same name."""


_shown_by_clock = ibis.udf.scalar.builtin(
    _from_utc_timestamp, name="from_utc_timestamp", signature=((_MOMENT, dt.string), _MOMENT)
)


def _bit_or(flags: Any) -> Any:
    """The function of both engines; the compiler has its own word for it on one of them only."""


_joined_bits = ibis.udf.agg.builtin(_bit_or, name="bit_or", signature=((dt.int64,), dt.int64))


def loose(rows: ibis.Table) -> ibis.Table:
    """Return rows with every column nullable, as a join leaves it and a union of parts needs it."""
    return rows.cast({name: dtype.copy(nullable=True) for name, dtype in rows.schema().items()})


def total(values: NumericValue, *, where: BooleanValue | None = None) -> NumericValue:
    """Sum; the total of nothing is zero, never null."""
    return values.sum(where=where).fill_null(0)


def count_where(condition: BooleanValue) -> IntegerValue:
    """Count the rows for which it is true; of nothing, zero. Unknown is not true."""
    return condition.cast("int64").sum().fill_null(0)


def all_bits(flags: IntegerValue) -> IntegerValue:
    """Return the bits that any row has set; null of nothing."""
    return _joined_bits(flags.cast("int64"))


def ratio(part: NumericValue, whole: NumericValue) -> FloatingValue:
    """Divide in double precision; null, never an error, when `whole` is zero.

    Decimals are not divided as such: some engines keep the scale and make a third 0.33.
    """
    return part.cast("float64") / whole.cast("float64").nullif(0)


def quantile(
    values: NumericValue, at: float, *, where: BooleanValue | None = None
) -> FloatingValue:
    """Exact quantile, linear between neighbours (Hyndman and Fan, type 7); null of nothing.

    Nulls are left out. `quantile(x, 0.5)` is the median.
    """
    return values.cast("float64").quantile(at, where=where)


def local_time(at: TimestampValue, timezone: StringValue | str) -> TimestampValue:
    """Return what the clock on the wall shows at a moment in UTC.

    Args:
        at: A moment, UTC without a zone, as all times in tables are.
        timezone: IANA name, one for all or a column; null makes the result null.
    """
    return _shown_by_clock(at.cast(_MOMENT), timezone).cast(_MOMENT)


def day_of(at: TimestampValue, timezone: StringValue | str) -> DateValue:
    """Return the local day of a moment in UTC."""
    return local_time(at, timezone).cast("date")


def month_of(day: DateValue) -> StringValue:
    """Return the month of a day as `YYYY-MM`."""
    return day.strftime("%Y-%m")


def first_of_month(day: DateValue) -> DateValue:
    """Return the first day of the month of a day."""
    return day.truncate("M").cast("date")


def first_of_week(day: DateValue) -> DateValue:
    """Return the Monday of the week of a day."""
    return day.truncate("W").cast("date")


def weekday(day: DateValue) -> IntegerValue:
    """Return the day of the week: Monday 0, Sunday 6."""
    return day.day_of_week.index().cast("int64")


def months_between(earlier: DateValue, later: DateValue) -> IntegerValue:
    """Count calendar months from one day's month to the other's; days do not matter."""
    years = later.year().cast("int64") - earlier.year().cast("int64")
    return years * 12 + later.month().cast("int64") - earlier.month().cast("int64")


def days_between(earlier: DateValue, later: DateValue) -> IntegerValue:
    """Count days from one to the other; negative when they are the other way round."""
    return later.delta(earlier, unit="day").cast("int64")


def seconds_between(earlier: TimestampValue, later: TimestampValue) -> IntegerValue:
    """Count seconds from one moment to the other, fractions of either cut off.

    Not the engines' own difference: one counts the boundaries crossed, one the units filled.
    """
    return later.truncate("s").epoch_seconds() - earlier.truncate("s").epoch_seconds()


def first_by(rows: ibis.Table, per: Sequence[str], order: Sequence[str | Value]) -> ibis.Table:
    """Return the first row of each group.

    Args:
        rows: The rows; null is a group of its own.
        per: Columns that make the group.
        order: What comes first, `ibis.desc("x")` for the greatest; nulls come last either
            way. It must leave no ties, or a rebuild may pick another row.
    """
    place = ibis.row_number().over(group_by=list(per), order_by=list(order))
    return rows.mutate(_place=place).filter(ibis._["_place"] == 0).drop("_place")


def last_by(rows: ibis.Table, per: Sequence[str], order: Sequence[str]) -> ibis.Table:
    """Return the row of each group with the greatest values of `order`; nulls lose."""
    return first_by(rows, per, [ibis.desc(name) for name in order])
