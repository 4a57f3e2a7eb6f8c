"""The files a simulated retailer hands over: Parquet or CSV, filled block by block."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq

from tuttuno.demo.plan import Format

#: Rows that are gathered before a file grows, so that Parquet row groups are not tiny.
GATHER = 60_000


@dataclass(slots=True)
class Folder:
    """Files that are open for adding rows; one file per name."""

    path: Path
    form: Format
    _writers: dict[str, Any] = field(default_factory=dict)
    _waiting: dict[str, list[pa.Table]] = field(default_factory=dict)

    def add(self, name: str, rows: pa.Table) -> None:
        """Append rows to the file `name` (without its ending)."""
        waiting = self._waiting.setdefault(name, [])
        waiting.append(rows)
        if sum(table.num_rows for table in waiting) >= GATHER:
            self._write(name)

    def close(self) -> None:
        """Write what waits and close every file."""
        for name in list(self._waiting):
            self._write(name)
        for writer in self._writers.values():
            writer.close()
        self._writers.clear()

    def _write(self, name: str) -> None:
        tables = self._waiting.pop(name)
        rows = _flat(pa.concat_tables(tables), plain=self.form == "csv")
        if name not in self._writers:
            self._writers[name] = self._open(name, rows.schema)
        self._writers[name].write_table(rows)

    def _open(self, name: str, schema: pa.Schema) -> Any:
        path = self.path / f"{name}.{self.form}"
        if self.form == "csv":
            return pc_csv.CSVWriter(path, schema)
        # without the Arrow schema readers see plain text, not our dictionaries
        return pq.ParquetWriter(
            path, schema, compression="zstd", compression_level=1, store_schema=False
        )


@contextmanager
def opened(path: Path, form: Format) -> Iterator[Folder]:
    """Open a folder for writing; every file is whole when the block ends."""
    path.mkdir(parents=True, exist_ok=True)
    folder = Folder(path, form)
    try:
        yield folder
    finally:
        folder.close()


def _flat(rows: pa.Table, *, plain: bool) -> pa.Table:
    """Make one dictionary of each column's dictionaries; plain text for CSV."""
    if not plain:
        return rows.unify_dictionaries()
    schema = pa.schema([pa.field(column.name, _plain_type(column.type)) for column in rows.schema])
    return rows.cast(schema)


def _plain_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind
