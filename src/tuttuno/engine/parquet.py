"""Parquet files as they come, read in place: no copy, every column in the type it was given."""

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import ibis
import ibis.expr.datatypes as dt
import pyarrow as pa
import pyarrow.parquet as pq

from tuttuno.engine.port import ParquetFiles
from tuttuno.errors import BadInput, Unavailable

MOST_COLUMNS = 2_000

#: Digits of the widest decimal the engines know.
_DIGITS = 38


@dataclass(frozen=True, slots=True)
class ForeignParquet:
    """A Parquet file of somebody else's.

    Attributes:
        files: To be bound; the columns in their own types, and the position of a row.
        columns: In the order of the file.
        rows: How many.
    """

    files: ParquetFiles
    columns: tuple[str, ...]
    rows: int


def foreign_parquet(path: Path, *, link: Path, row_column: str) -> ForeignParquet:
    """Look at a Parquet file.

    Args:
        path: The file.
        link: A name beside no other; the engine would take `*` in `path` for a pattern.
        row_column: The column that is to hold the position of a row, from 0.

    Raises:
        BadInput: It is damaged, or has columns that are not plain values with names of their
            own.
    """
    try:
        with pq.ParquetFile(path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
    except (OSError, pa.ArrowException) as exc:
        said = str(exc).partition("\n")[0]
        hint = "it was cut off or damaged on its way; fetch it again"
        raise BadInput(f"{path} is not a whole Parquet file: {said}", hint=hint) from exc
    _check_names(path, schema.names)
    types = {name: _type(path, name, schema.field(name).type) for name in schema.names}
    link.unlink(missing_ok=True)
    link.symlink_to(path.absolute())
    files = ParquetFiles((str(link.absolute()),), ibis.schema(types), row_column=row_column)
    return ForeignParquet(files, tuple(schema.names), rows)


class Damaged(BadInput):
    """A Parquet file that begins well and cannot be read to its end."""

    def __init__(self, path: Path, trouble: str) -> None:
        self.path = path
        hint = "write it again, or send it as CSV"
        super().__init__(f"{path} is damaged: {trouble}", hint=hint)


@contextlib.contextmanager
def blaming(paths: Iterable[Path]) -> Iterator[None]:
    """Name the damaged file when reading fails and another reader fails at it too.

    Raises:
        Damaged: For the first such file.
    """
    try:
        yield
    except (duckdb.Error, Unavailable) as exc:
        for path in paths:
            trouble = _trouble(path)
            if trouble is not None:
                raise Damaged(path, trouble) from exc
        raise


def _trouble(path: Path) -> str | None:
    """What is wrong inside a Parquet file; None where all of it can be read."""
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches():
                batch.validate(full=True)
    except (OSError, pa.ArrowException) as exc:
        return str(exc).partition("\n")[0]
    return None


def _check_names(path: Path, names: list[str]) -> None:
    if len(names) > MOST_COLUMNS:
        raise BadInput(f"{path} has {len(names)} columns", hint=f"at most {MOST_COLUMNS}")
    counts = Counter(name.strip().casefold() for name in names)
    twice = sorted(name for name, count in counts.items() if count > 1)
    if twice:
        hint = "give each column a name of its own; capitals make no difference"
        raise BadInput(f"{path} names columns twice: {', '.join(twice)}", hint=hint)
    if "" in counts:
        raise BadInput(f"{path} has a column without a name", hint="give it one")


def _type(path: Path, name: str, kind: pa.DataType) -> dt.DataType:
    if pa.types.is_dictionary(kind):
        return _type(path, name, kind.value_type)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) or pa.types.is_null(kind):
        return dt.string
    if pa.types.is_decimal(kind) and kind.precision > _DIGITS:
        hint = f"at most {_DIGITS}"
        raise BadInput(f"{path}: column {name!r} has {kind.precision} digits", hint=hint)
    plain = (
        pa.types.is_boolean, pa.types.is_date, pa.types.is_decimal, pa.types.is_floating,
        pa.types.is_integer, pa.types.is_string, pa.types.is_timestamp,
    )  # fmt: skip
    if not any(is_kind(kind) for is_kind in plain):
        hint = "write plain columns: text, numbers, days, moments, true or false"
        raise BadInput(f"{path}: column {name!r} is of type {kind}", hint=hint)
    return dt.DataType.from_pyarrow(kind)
