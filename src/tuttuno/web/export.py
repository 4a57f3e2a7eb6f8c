"""The table of a page as a file: the same rows in the same order, figures unrounded.

Text that a spreadsheet would run as a formula is written with a quote in front of it.
"""

import csv
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

Row = Mapping[str, Any]

_RUNS = ("=", "+", "-", "@", "\t", "\r", "\0")


def as_csv(columns: Sequence[str], rows: Sequence[Row]) -> bytes:
    """Write RFC 4180 in UTF-8; unknown is an empty field."""
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_field(row[name]) for name in columns] for row in rows)
    return text.getvalue().encode()


def as_parquet(columns: Sequence[str], rows: Sequence[Row]) -> bytes:
    """Write Parquet; unknown is null."""
    held = pa.table({name: pa.array([row[name] for row in rows]) for name in columns})
    file = BytesIO()
    pq.write_table(held, file)
    return file.getvalue()


def as_xlsx(columns: Sequence[str], rows: Sequence[Row]) -> bytes:
    """Write one sheet; text stays text, whatever it begins with."""
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        for at, name in enumerate(columns):
            sheet.write_string(0, at, name, bold)
        for line, row in enumerate(rows, start=1):
            for at, name in enumerate(columns):
                _write(sheet, line, at, row[name])
    return file.getvalue()


#: Ending of the address -> how it is written, and what the browser is told it is.
FORMATS: Mapping[str, tuple[Callable[[Sequence[str], Sequence[Row]], bytes], str]] = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "parquet": (as_parquet, "application/vnd.apache.parquet"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def _field(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_RUNS):
        return f"'{value}"
    return "" if value is None else value


def _write(sheet: Any, line: int, at: int, value: Any) -> None:
    match value:
        case None:
            return
        case bool():
            sheet.write_boolean(line, at, value)
        case int() | float() | Decimal():
            sheet.write_number(line, at, float(value))
        case datetime() | date():
            sheet.write_string(line, at, value.isoformat())
        case _:
            sheet.write_string(line, at, str(value))
