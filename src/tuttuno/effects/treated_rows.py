"""Since when a unit is treated, where the table has a column of 0 and 1 for its rows instead."""

import numpy as np
import pyarrow as pa

from tuttuno.effects.columns import Sheet
from tuttuno.effects.numbers import Bools, Floats, Ints
from tuttuno.effects.timeline import Timeline


def since(sheet: Sheet, name: str, unit: Ints, period: Ints, timeline: Timeline) -> Floats | None:
    """First treated time of each row's unit, by the rows that are marked; infinity is never.

    None where the column is no mark of rows: its values are times themselves.

    Raises:
        BadCell: The column says who is treated but not since when, or a treatment ends.
    """
    marked = _marked(sheet, name)
    if marked is None or not marked.any():
        return None
    rows, on = np.bincount(unit), np.bincount(unit, marked)
    if not ((on > 0) & (on < rows)).any():
        if timeline.numeric and 1 in timeline.times and not _is_boolean(sheet, name):
            return None
        row = int(np.argmax(marked))
        hint = "name a column with the first treated time of each unit; 0 is never"
        raise sheet.bad(row, name, "this says who is treated and not since when", hint=hint)
    time = timeline.times[period]
    first = np.full(rows.size, np.inf)
    np.minimum.at(first, unit[marked], time[marked])
    over = ~marked & (time > first[unit])
    if over.any():
        row = int(np.argmax(over))
        hint = "effects of a treatment that ends are not told apart: leave such units out"
        raise sheet.bad(row, name, "the unit was treated before and is not any more", hint=hint)
    found: Floats = first[unit]
    return found


def _marked(sheet: Sheet, name: str) -> Bools | None:
    kind = sheet.column(name).type
    if not (pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        return None
    values = sheet.floats(name)
    return values == 1 if np.isin(values, (0, 1)).all() else None


def _is_boolean(sheet: Sheet, name: str) -> bool:
    return bool(pa.types.is_boolean(sheet.column(name).type))
