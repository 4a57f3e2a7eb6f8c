"""Which columns of a table make a panel, and what is wrong with a cell that cannot be read."""

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tuttuno.effects.numbers import Floats
from tuttuno.errors import BadInput, Unknown

#: How "never treated" is written, next to 0, null, NaN and infinity.
NEVER = frozenset(
    {
        *("", "0", "0.0", ".", "-", "never", "never treated", "never-treated", "never_treated"),
        *("untreated", "not treated", "control", "none", "null", "na", "n/a", "<na>", "nan", "nat"),
        *("inf", "infinity", "+inf"),
    }
)

_SORTABLE = re.compile(r"^\d{4}([-/.]?[QWMqwm]?\d{1,2}){0,2}([ T][\d:.+Z-]*)?$")


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of the columns that make a panel.

    Attributes:
        unit: Whose outcome it is: a person, a store, an area.
        time: When it was measured: whole numbers, dates, or text that sorts by time.
        cohort: First time at which the unit is treated, on the scale of `time`; 0, null, NaN
            or infinity for a unit that never is. Or 0 and 1: the rows in which it is treated.
        outcome: What is measured; a row where it is missing counts as not observed.
        covariates: Adjusted for; text becomes one indicator for each value.
        weight: How much a unit counts; 1 where there is no such column.
        cluster: Units that share a value are not independent.
    """

    unit: str
    time: str
    cohort: str
    outcome: str
    covariates: tuple[str, ...] = ()
    weight: str | None = None
    cluster: str | None = None


class BadCell(BadInput):
    """A value of a panel that cannot be used, with its place: rows count from 1."""

    def __init__(self, source: str, row: int, column: str, what: str, *, hint: str = "") -> None:
        self.source = source
        self.row = row
        self.column = column
        super().__init__(f"{source}: row {row}, column {column!r}: {what}", hint=hint)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with the name that errors give it."""

    table: pa.Table
    source: str = "panel"

    def column(self, name: str) -> pa.Array:
        """One column as one array.

        Raises:
            Unknown: The table has no such column.
            BadInput: It has more than one.
        """
        count = self.table.column_names.count(name)
        if not count:
            raise Unknown(f"column of {self.source}", name, self.table.column_names)
        if count > 1:
            what = f"{self.source} has more than one column {name!r}"
            raise BadInput(what, hint="rename them")
        column = self.table.column(name)
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if pa.types.is_string_view(column.type):
            column = column.cast(pa.string())
        return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)

    def bad(self, row: int, column: str, what: str, *, hint: str = "") -> BadCell:
        """The error for the cell in a row that is counted from 0."""
        return BadCell(self.source, int(row) + 1, column, what, hint=hint)

    def floats(self, name: str) -> Floats:
        """A column of numbers; missing ones are NaN.

        Raises:
            BadCell: A value is no number.
        """
        column = self.column(name)
        if _is_text(column.type):
            column = self._parsed(name, column)
        elif not _is_number(column.type):
            raise self.bad(0, name, f"{column.type} is not a number")
        filled = pc.fill_null(pc.cast(column, pa.float64(), safe=False), float("nan"))
        return np.asarray(filled.to_numpy(zero_copy_only=False), dtype=np.float64)

    def _parsed(self, name: str, column: pa.Array) -> pa.Array:
        try:
            nothing = pa.scalar(None, column.type)
            return pc.cast(pc.replace_with_mask(column, _blank(column), nothing), pa.float64())
        except pa.ArrowInvalid:
            for row, text in enumerate(column.to_pylist()):
                if text is not None and text.strip() and not _reads_as_number(text):
                    raise self.bad(row, name, f"{text!r} is not a number") from None
            raise


def sortable(text: str) -> bool:
    """Tell whether text in time order is also in alphabetical order: 2026, 2026-03, 2026Q1."""
    return _SORTABLE.fullmatch(text) is not None


def is_count(text: str) -> bool:
    """Tell whether text is a plain number: a time that is counted and not named."""
    return _reads_as_number(text) and text.strip()[-1:].isdigit()


def _blank(column: pa.Array) -> pa.Array:
    return pc.fill_null(pc.equal(pc.utf8_trim_whitespace(column), ""), fill_value=False)


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_number(kind: pa.DataType) -> bool:
    tests = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_decimal)
    return any(test(kind) for test in tests) or bool(pa.types.is_null(kind))
