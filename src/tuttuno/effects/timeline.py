"""The time axis of a panel: numbers stay numbers, dates and text become positions 0, 1, 2."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tuttuno.effects.columns import NEVER, Sheet, is_count, sortable
from tuttuno.effects.numbers import Floats, Ints
from tuttuno.errors import BadInput


@dataclass(frozen=True, slots=True)
class Timeline:
    """The periods of a panel in order.

    Attributes:
        times: Shape (periods,): the numbers of a numeric axis, else 0, 1, 2, ...
        labels: How each period is written in the table.
        numeric: Whether `times` are the table's own numbers.
    """

    times: Floats
    labels: tuple[str, ...]
    numeric: bool

    def label(self, time: float) -> str:
        """How a time is written, also one outside of the panel."""
        found = np.flatnonzero(self.times == time)
        return self.labels[int(found[0])] if found.size else f"{time:g}"


def read_timeline(sheet: Sheet, name: str) -> tuple[Timeline, Ints]:
    """Read the time column: the axis, and the position of each row on it."""
    column = sheet.column(name)
    _refuse_null(sheet, name, column)
    if (_is_plain(column.type) and not _is_calendar(sheet.floats(name))) or _is_counted(column):
        return _numeric(sheet, name)
    written = _written(sheet, name, _digits(column) if _is_plain(column.type) else column)
    coded = written.dictionary_encode()
    values = coded.dictionary.to_pylist()
    order = sorted(range(len(values)), key=values.__getitem__)
    rank = np.empty(len(values), dtype=np.int64)
    rank[order] = np.arange(len(values))
    labels = tuple(_short(values[index]) for index in order)
    positions = rank[np.asarray(coded.indices, dtype=np.int64)]
    return Timeline(np.arange(len(values), dtype=np.float64), labels, numeric=False), positions


def read_cohorts(sheet: Sheet, name: str, timeline: Timeline, time_name: str) -> Floats:
    """Read when each row's unit is first treated; infinity is never.

    Raises:
        BadCell: A value is neither a time nor a word for never.
        BadInput: Zero could be a time of the axis as well as "never".
    """
    column = sheet.column(name)
    if timeline.numeric:
        return _numeric_cohorts(sheet, name, column, timeline)
    if _is_plain(column.type) and not _is_plain(sheet.column(time_name).type):
        return _years(sheet, name, timeline)
    if _is_plain(column.type):
        _refuse_negative(sheet, name, sheet.floats(name))
        column = _digits(column)
    kind = sheet.column(time_name).type
    column = _without_never(column)
    if pa.types.is_temporal(kind) and not pa.types.is_temporal(column.type):
        column = _as_moments(sheet, name, column)
    coded = _written(sheet, name, column).dictionary_encode()
    written = [None if value is None else _short(value) for value in coded.dictionary.to_pylist()]
    positions = np.array([_position(timeline, text) for text in written] or [np.inf])
    codes = np.asarray(pc.fill_null(coded.indices, -1), dtype=np.int64)
    cohort = np.where(codes < 0, np.inf, positions[np.maximum(codes, 0)])
    lost = np.flatnonzero(np.isnan(cohort))
    if lost.size:
        raise sheet.bad(
            lost[0],
            name,
            f"{column[int(lost[0])].as_py()} is not one of the times",
            hint="write the first time, as in the time column, at which the unit is treated",
        )
    return cohort


def _numeric(sheet: Sheet, name: str) -> tuple[Timeline, Ints]:
    values = sheet.floats(name)
    if not np.isfinite(values).all():
        raise sheet.bad(int(np.argmin(np.isfinite(values))), name, "no time is given")
    times, positions = _ranked(values)
    labels = tuple(f"{time:.10g}" for time in times)
    return Timeline(times, labels, numeric=True), positions


def _ranked(values: Floats) -> tuple[Floats, Ints]:
    """Distinct values in order and the rank of each; whole numbers in a short range are counted."""
    low, high = values.min(), values.max()
    whole = values.astype(np.int64)
    if high - low < 10_000 and np.array_equal(whole, values):
        seen = np.bincount(whole - int(low)) > 0
        rank = np.cumsum(seen) - 1
        return np.flatnonzero(seen) + low, rank[whole - int(low)]
    times, positions = np.unique(values, return_inverse=True)
    return times, positions.astype(np.int64)


def _numeric_cohorts(sheet: Sheet, name: str, column: pa.Array, timeline: Timeline) -> Floats:
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        table = pa.table({name: _without_never(column)})
        numbers = Sheet(table, sheet.source).floats(name)
    elif pa.types.is_temporal(column.type):
        raise sheet.bad(0, name, "a date, while times are numbers", hint="use one scale for both")
    else:
        numbers = sheet.floats(name)
    if timeline.times[0] >= 0:
        _refuse_negative(sheet, name, numbers)
    zero = numbers == 0
    if zero.any() and timeline.times[0] < 0:
        row = int(np.argmax(zero))
        hint = "zero is a time of this panel: write never as an empty cell or inf"
        raise sheet.bad(row, name, "0 may be the time zero or never", hint=hint)
    return np.where(np.isnan(numbers) | zero, np.inf, numbers)


def _refuse_negative(sheet: Sheet, name: str, numbers: Floats) -> None:
    negative = numbers < 0
    if negative.any():
        row = int(np.argmax(negative))
        hint = "write never as 0, an empty cell, or inf"
        raise sheet.bad(row, name, f"{numbers[row]:g} is before time itself", hint=hint)


def _is_plain(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _is_counted(column: pa.Array) -> bool:
    """Tell whether text is numbers such as 1 to 12, whose order is not that of the alphabet."""
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return False
    values = [value.strip() for value in pc.unique(column).to_pylist() if value is not None]
    return all(map(is_count, values)) and not all(map(sortable, values))


def _is_calendar(values: Floats) -> bool:
    """Tell whether numbers are months or days such as 202612, 20261231: their steps are uneven."""
    if not (np.isfinite(values).all() and np.array_equal(values, np.floor(values))):
        return False
    low, high = values.min(), values.max()
    days = low > 19_000_000
    months = values // 100 if days else values
    if not (months.min() > 190_000 and months.max() < 210_000):
        return False
    return bool(
        np.isin(months % 100, np.arange(1, 13)).all()
        and (not days or np.isin(values % 100, np.arange(1, 32)).all())
        and high // 100 > low // 100
    )


def _digits(column: pa.Array) -> pa.Array:
    """Whole numbers as text; what is not finite is nothing."""
    numbers = pc.cast(column, pa.float64())
    whole = pc.if_else(pc.is_finite(numbers), numbers, pa.scalar(None, pa.float64()))
    return pc.cast(pc.cast(whole, pa.int64(), safe=False), pa.string())


def _refuse_null(sheet: Sheet, name: str, column: pa.Array) -> None:
    if len(column) == 0:
        raise BadInput(f"{sheet.source} has no rows")
    if column.null_count:
        row = int(pc.index(pc.is_null(column), value=True).as_py())
        raise sheet.bad(row, name, "no time is given")


def _written(sheet: Sheet, name: str, column: pa.Array) -> pa.Array:
    """Dates and sortable text as text in alphabetical order of time."""
    if pa.types.is_temporal(column.type):
        return pc.cast(pc.cast(column, pa.timestamp("us")), pa.string())
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        raise sheet.bad(0, name, f"{column.type} is not a time")
    text = pc.utf8_trim_whitespace(column)
    for value in pc.unique(text).to_pylist():
        if value is not None and not sortable(value):
            row = int(pc.index(text, value=value).as_py())
            hint = "times are whole numbers, dates, or text such as 2026-03 or 2026Q1"
            raise sheet.bad(row, name, f"{value!r} is not a time", hint=hint)
    return text


def _without_never(column: pa.Array) -> pa.Array:
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    words = pc.utf8_lower(pc.utf8_trim_whitespace(column))
    never = pc.is_in(words, value_set=pa.array(sorted(NEVER), words.type))
    return pc.replace_with_mask(column, never, pa.scalar(None, column.type))


def _as_moments(sheet: Sheet, name: str, column: pa.Array) -> pa.Array:
    try:
        return pc.cast(column, pa.timestamp("us"))
    except pa.ArrowInvalid:
        row = next(i for i, text in enumerate(column.to_pylist()) if not _is_moment(text))
        raise sheet.bad(row, name, f"{column[row].as_py()!r} is not a date") from None


def _is_moment(text: str | None) -> bool:
    if text is None:
        return True
    try:
        pa.scalar(text).cast(pa.timestamp("us"))
    except pa.ArrowInvalid:
        return False
    return True


def _years(sheet: Sheet, name: str, timeline: Timeline) -> Floats:
    """Read numbers on an axis of dates or text: years, where every time is one year."""
    numbers = sheet.floats(name)
    treated = np.isfinite(numbers) & (numbers != 0)
    found = np.full(numbers.shape, np.inf)
    if not treated.any():
        return found
    years = np.array([int(label[:4]) for label in timeline.labels], dtype=np.float64)
    if np.unique(years).size < years.size:
        row = int(np.argmax(treated))
        raise sheet.bad(row, name, "a number, while times are dates", hint="use one scale for both")
    places = np.searchsorted(years, numbers[treated])
    place = np.minimum(places, years.size - 1)
    inside = years[place] == numbers[treated]
    outside = np.where(numbers[treated] < years[0], -1.0, np.inf)
    lost = ~inside & (places > 0) & (places < years.size)
    if lost.any():
        row = int(np.flatnonzero(treated)[int(np.argmax(lost))])
        raise sheet.bad(row, name, f"{numbers[row]:g} is not one of the times")
    found[treated] = np.where(inside, place, outside)
    return found


def _position(timeline: Timeline, written: str | None) -> float:
    if written is None:
        return np.inf
    if written in timeline.labels:
        return float(timeline.labels.index(written))
    if written < timeline.labels[0]:
        return -1.0
    return np.inf if written > timeline.labels[-1] else np.nan


def _short(written: str) -> str:
    return written.removesuffix(".000000").removesuffix(" 00:00:00")
