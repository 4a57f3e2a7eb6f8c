"""The port through which everything above asks a question of tables, whoever answers it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import ibis
import pyarrow as pa


@dataclass(frozen=True, slots=True)
class ParquetFiles:
    """The files of one version of a table.

    Attributes:
        files: Absolute paths; none is an empty table.
        schema: What the table is declared to be; a column that a file lacks is null there.
        partition: Columns that the path tells (`month=2026-01/`) and the files do not hold.
        file_column: Adds a column of this name with the name of the file a row is in.
        row_column: Adds a column of this name with the position of a row in its file, from 0.
    """

    files: tuple[str, ...]
    schema: ibis.Schema
    partition: tuple[str, ...] = ()
    file_column: str = ""
    row_column: str = ""

    @property
    def shown(self) -> ibis.Schema:
        """The schema a reader sees, the added columns included."""
        added = {self.file_column: "!string", self.row_column: "!int64"}
        return ibis.schema({**self.schema, **{name: of for name, of in added.items() if name}})


Source: TypeAlias = ParquetFiles | pa.Table


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """One file just written.

    Attributes:
        path: Relative to the folder that was written to, `/` between its parts.
        rows: How many.
        size: In bytes.
        partition: The values that the path tells; None is null.
        nulls: How many nulls each column has that has any, partition columns included.
    """

    path: str
    rows: int
    size: int
    partition: Mapping[str, str | None]
    nulls: Mapping[str, int] = field(default_factory=dict)


class Engine(Protocol):
    """Where expressions run, over tables that were made readable by name.

    Results have the column names and types of the expression, every column nullable; rows
    have an order only where the expression ends in an `order_by`. An adapter turns its
    driver's failures into `errors.Unavailable` and lets everything else through untouched.
    It may be used from many threads; names are shared between them.
    """

    @property
    def name(self) -> str:
        """`"duckdb"` or `"spark"`."""
        ...

    def bind(self, name: str, source: Source) -> ibis.Table:
        """Make a table readable under a name, in place of what had the name before."""
        ...

    def run(self, expr: ibis.Table, values: Mapping[ibis.Scalar, Any] | None = None) -> pa.Table:
        """Evaluate and bring all rows here.

        Args:
            expr: What is asked.
            values: What stands for each `ibis.param` of it, all of them; a look-up that is
                asked often with other values is then compiled once.
        """
        ...

    def stream(self, expr: ibis.Table, *, rows: int = 131_072) -> pa.RecordBatchReader:
        """Evaluate and bring rows here in batches of about `rows`, as they are read."""
        ...

    def each(
        self, expr: ibis.Table, work: Callable[[pa.Table], pa.Table], schema: ibis.Schema
    ) -> pa.Table:
        """Hand the rows, some at a time, to a function where they lie; bring here what it makes.

        Args:
            expr: The rows; which of them come together is the engine's choice.
            work: What it makes of some rows depends on them alone. A cluster sends it to its
                machines, on which everything that it imports must be installed.
            schema: Of what it makes.
        """
        ...

    def keep(self, name: str, expr: ibis.Table) -> ibis.Table:
        """Evaluate once and make the result readable under a name until it is dropped."""
        ...

    def write(
        self,
        expr: ibis.Table,
        folder: str,
        *,
        partition: Sequence[str] = (),
        order: Sequence[str] = (),
    ) -> list[WrittenFile]:
        """Write Parquet files under new names beside whatever the folder holds.

        Args:
            expr: The rows; none writes no file.
            folder: Made when it is not there.
            partition: Columns that become folders, `month=2026-01/`.
            order: Columns by which the rows of a file are sorted, so that a look-up can skip
                most of it; row groups overlap a little where several threads write.
        """
        ...

    def explain(self, expr: ibis.Table) -> str:
        """Say how the expression would be evaluated."""
        ...

    def drop(self, name: str) -> None:
        """Forget a name, and the rows kept under it; an unknown name is no error."""
        ...

    def cancel(self) -> None:
        """Stop everything that runs now; it ends in `errors.Unavailable`."""
        ...

    def close(self) -> None:
        """Give back memory and scratch files; the engine cannot be used afterwards."""
        ...
