"""Answers what a change did from a panel that lies in a file of the analyst's own."""

import csv
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from tuttuno.effects.answer import Answer
from tuttuno.effects.columns import Columns
from tuttuno.effects.panel import read_panel
from tuttuno.effects.panel_effect import Question
from tuttuno.effects.panel_effect import panel_effect as answer
from tuttuno.errors import BadInput, NotFound, Unknown

#: Kinds of columns that no CSV file has, but a guess at its types may give.
_ODD = (pa.types.is_time, pa.types.is_null)


def panel_effect(path: Path, columns: Columns, question: Question) -> Answer:
    """Read a panel and answer; rows of the file count from 1 below the header.

    Raises:
        NotFound: There is no such file.
        Unknown: It has no such column.
        BadInput: It is no CSV or Parquet file, or a value in it cannot be used.
    """
    names = [columns.unit, columns.time, columns.cohort, columns.outcome, *columns.covariates]
    names += [name for name in (columns.weight, columns.cluster) if name is not None]
    table = _read(path, list(dict.fromkeys(names)))
    return answer(read_panel(table, columns, source=path.name), question)


def _read(path: Path, names: list[str]) -> pa.Table:
    if not path.is_file():
        raise NotFound(f"{path} is not a file", hint="name a CSV or Parquet file")
    if path.suffix.lower() in {".parquet", ".pq"}:
        return _parquet(path, names)
    return _csv(path, names)


def _parquet(path: Path, names: list[str]) -> pa.Table:
    try:
        with pq.ParquetFile(path) as file:
            _check(path, names, file.schema_arrow.names)
            return file.read(columns=names)
    except (pa.ArrowInvalid, OSError) as exc:
        raise BadInput(f"{path.name} is not a Parquet file: {exc}") from exc


def _csv(path: Path, names: list[str]) -> pa.Table:
    """Separators are commas, semicolons or tabs, whichever the header has most of."""
    header, delimiter = _header(path)
    _check(path, names, header)
    comma = delimiter != ","
    for decimal_point in (".", ",") if comma else (".",):
        table = _parsed(path, names, delimiter, decimal_point)
        if not any(_has_decimal_commas(column) for column in table.columns):
            break
    return table


def _parsed(path: Path, names: list[str], delimiter: str, decimal_point: str) -> pa.Table:
    try:
        table = pacsv.read_csv(
            path,
            parse_options=pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=pacsv.ConvertOptions(
                include_columns=names, strings_can_be_null=True, decimal_point=decimal_point
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowKeyError, OSError) as exc:
        raise BadInput(f"{path.name} cannot be read as CSV: {exc}") from exc
    odd = [name for name in names if any(test(table.column(name).type) for test in _ODD)]
    fields = [(name, pa.string()) if name in odd else table.field(name) for name in names]
    return table.cast(pa.schema(fields)) if odd else table


def _has_decimal_commas(column: pa.ChunkedArray) -> bool:
    if not pa.types.is_string(column.type):
        return False
    first = next((value.as_py() for value in column if value.is_valid), "")
    whole, mark, rest = first.strip().lstrip("-+").partition(",")
    return bool(mark) and whole.isdigit() and rest.isdigit()


def _header(path: Path) -> tuple[list[str], str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            line = file.readline()
    except (UnicodeDecodeError, OSError) as exc:
        hint = "save it as CSV in UTF-8, or as Parquet"
        raise BadInput(f"{path.name} is not text in UTF-8", hint=hint) from exc
    delimiter = max(",;\t", key=line.count)
    return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), []), delimiter


def _check(path: Path, names: list[str], known: list[str]) -> None:
    for name in names:
        if name not in known:
            raise Unknown(f"column of {path.name}", name, known)
        if known.count(name) > 1:
            raise BadInput(f"{path.name} has more than one column {name!r}", hint="rename them")
