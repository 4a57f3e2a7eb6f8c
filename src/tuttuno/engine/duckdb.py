"""The embedded engine: DuckDB in this process, over the files of a table version."""

import contextlib
import shutil
import tempfile
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.datatypes as dt
import pyarrow as pa
from ibis.backends.sql.datatypes import DuckDBType

from tuttuno.engine.port import ParquetFiles, Source, WrittenFile
from tuttuno.engine.shape import arrow_schema, shaped, shaped_batches
from tuttuno.errors import Unavailable

#: Rows of a Parquet row group: what a look-up reads at least.
GROUP_ROWS = 122_880


class DuckDBEngine:
    """`Engine` in this process; what it keeps is gone when it is closed.

    Args:
        threads: How many may compute at once; None: one for each core.
        memory: How much it may hold before it spills to the scratch folder, e.g. `"4GB"`.
        scratch: Where it may spill; None: a folder of the system's own, removed at the end.
    """

    name = "duckdb"

    def __init__(
        self, *, threads: int | None = None, memory: str = "4GB", scratch: Path | None = None
    ) -> None:
        self._scratch = _own_folder(scratch)
        self._changes = threading.Lock()
        self._bound: dict[str, str] = {}
        self._running: set[duckdb.DuckDBPyConnection] = set()
        with _translated():
            self._con = _connect(self._scratch, threads=threads, memory=memory)

    def bind(self, name: str, source: Source) -> ibis.Table:
        """Make a table readable under a name, in place of what had the name before."""
        if isinstance(source, pa.Table):
            schema = ibis.Schema.from_pyarrow(source.schema)
            with self._cursor() as cursor:
                cursor.register("incoming", source)
                self._replace(cursor, name, "TABLE", _recast("incoming", schema))
            return ibis.table(schema, name=name)
        with self._cursor() as cursor:
            self._replace(cursor, name, "VIEW", _scan(cursor, source))
        return ibis.table(source.shown, name=name)

    def run(self, expr: ibis.Table) -> pa.Table:
        """Evaluate and bring all rows here."""
        with self._cursor() as cursor:
            return shaped(cursor.execute(compiled(expr)).to_arrow_table(), expr.schema())

    def stream(self, expr: ibis.Table, *, rows: int = 131_072) -> pa.RecordBatchReader:
        """Evaluate and bring rows here in batches of about `rows`, as they are read."""
        schema = expr.schema()

        def batches() -> Iterator[pa.RecordBatch]:
            with self._cursor() as cursor:
                reader = cursor.execute(compiled(expr)).to_arrow_reader(rows)
                yield from shaped_batches(reader, schema)

        return pa.RecordBatchReader.from_batches(arrow_schema(schema), batches())

    def keep(self, name: str, expr: ibis.Table) -> ibis.Table:
        """Evaluate once and make the result readable under a name until it is dropped."""
        schema = expr.schema()
        with self._cursor() as cursor:
            self._replace(cursor, name, "TABLE", _recast(f"({compiled(expr)})", schema))
        return ibis.table(schema, name=name)

    def write(
        self,
        expr: ibis.Table,
        folder: str,
        *,
        partition: Sequence[str] = (),
        order: Sequence[str] = (),
    ) -> list[WrittenFile]:
        """Write Parquet files under new names beside whatever the folder holds."""
        Path(folder).mkdir(parents=True, exist_ok=True)
        query = _recast(f"({compiled(expr)})", expr.schema())
        if order:
            query += f" ORDER BY {_names([*partition, *order])}"
        run = uuid.uuid4().hex
        with self._cursor() as cursor:
            cursor.execute(_copy(query, folder, run=run, partition=partition))
            written = [_written(row, folder) for row in cursor.fetchall()]
        for file in written:
            if not file.rows:
                Path(folder, file.path).unlink()
        return [file for file in written if file.rows]

    def explain(self, expr: ibis.Table) -> str:
        """Say how the expression would be evaluated."""
        with self._cursor() as cursor:
            rows = cursor.execute(f"EXPLAIN {compiled(expr)}").fetchall()
        return "\n".join(str(row[-1]) for row in rows)

    def drop(self, name: str) -> None:
        """Forget a name, and the rows kept under it; an unknown name is no error."""
        with self._changes, self._cursor() as cursor:
            self._forget(cursor, name)

    def cancel(self) -> None:
        """Stop everything that runs now; it ends in `errors.Unavailable`."""
        for cursor in tuple(self._running):
            cursor.interrupt()

    def close(self) -> None:
        """Give back memory and scratch files; the engine cannot be used afterwards."""
        self._con.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    @contextlib.contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a connection of one's own: one connection serves one thread at a time."""
        with _translated():
            cursor = self._con.cursor()
            self._running.add(cursor)
            try:
                yield cursor
            finally:
                self._running.discard(cursor)
                cursor.close()

    def _replace(self, cursor: duckdb.DuckDBPyConnection, name: str, kind: str, query: str) -> None:
        """Make a table or view under a new name first: its query may read the old one."""
        made = f"{name} {uuid.uuid4().hex}"
        cursor.execute(f"CREATE {kind} {_name(made)} AS {query}")
        with self._changes:
            cursor.execute("BEGIN")
            self._forget(cursor, name)
            cursor.execute(f"ALTER {kind} {_name(made)} RENAME TO {_name(name)}")
            cursor.execute("COMMIT")
            self._bound[name] = kind

    def _forget(self, cursor: duckdb.DuckDBPyConnection, name: str) -> None:
        kind = self._bound.pop(name, None)
        if kind:
            cursor.execute(f"DROP {kind} {_name(name)}")


def compiled(expr: ibis.Table) -> str:
    """Return DuckDB's SQL of an expression."""
    return str(ibis.to_sql(expr, dialect="duckdb", pretty=False))


def _connect(scratch: Path, *, threads: int | None, memory: str) -> duckdb.DuckDBPyConnection:
    config: dict[str, Any] = {
        "memory_limit": memory,
        "temp_directory": str(scratch),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
    }
    if threads is not None:
        config["threads"] = threads
    con = duckdb.connect(config=config)
    con.execute("SET GLOBAL TimeZone = 'UTC'")
    con.execute("SET GLOBAL parquet_metadata_cache = true")
    con.execute("SET GLOBAL python_enable_replacements = false")
    con.execute("SET lock_configuration = true")
    return con


def _own_folder(scratch: Path | None) -> Path:
    if scratch is not None:
        scratch.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="duckdb-", dir=scratch))


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Turn the driver's failures of the machine into ours; bugs go through."""
    try:
        yield
    except duckdb.InterruptException as exc:
        raise Unavailable("the computation was cancelled", hint="ask again") from exc
    except duckdb.OutOfMemoryException as exc:
        hint = "give the engine more memory, or free disk for its scratch folder"
        raise Unavailable(f"the engine ran out of memory: {exc}", hint=hint) from exc
    except duckdb.IOException as exc:
        hint = "see whether the disk is full or the file is gone"
        raise Unavailable(f"the engine could not read or write: {exc}", hint=hint) from exc


def _recast(relation: str, schema: ibis.Schema) -> str:
    """Select every column in its declared type: DuckDB's own may differ (a sum is HUGEINT)."""
    columns = ", ".join(
        f"CAST({_name(name)} AS {_type(dtype)}) AS {_name(name)}" for name, dtype in schema.items()
    )
    return f"SELECT {columns} FROM {relation}"


def _scan(cursor: duckdb.DuckDBPyConnection, source: ParquetFiles) -> str:
    if not source.files:
        return f"{_recast(_nothing(source.shown), source.shown)} WHERE false"
    stored = [name for name in source.schema if name not in source.partition]
    held = _columns_held(cursor, source.files)
    absent = [name for name in stored if name not in held]
    everywhere = all(held.get(name, 0) == len(source.files) for name in stored)
    options = {
        "hive_partitioning": "true" if source.partition else "false",
        # Costs the opening of every file in every query, so only when files differ.
        "union_by_name": "false" if everywhere else "true",
    }
    if source.partition:
        types = ", ".join(
            f"{_text(name)}: {_type(source.schema[name])}" for name in source.partition
        )
        options["hive_types"] = f"{{{types}}}"
    if source.file_column:
        options["filename"] = _text(source.file_column)
    chosen = ", ".join(f"{name} = {value}" for name, value in options.items())
    files = ", ".join(_text(file) for file in source.files)
    relation = f"read_parquet([{files}], {chosen})"
    return _projected(relation, source, absent=absent)


def _projected(relation: str, source: ParquetFiles, *, absent: Sequence[str]) -> str:
    columns = []
    for name, dtype in source.shown.items():
        value = "NULL" if name in absent else _name(name)
        if name == source.file_column:
            value = f"parse_filename({value})"
        columns.append(f"CAST({value} AS {_type(dtype)}) AS {_name(name)}")
    return f"SELECT {', '.join(columns)} FROM {relation}"


def _columns_held(cursor: duckdb.DuckDBPyConnection, files: Sequence[str]) -> Mapping[str, int]:
    """Count the files that hold each column."""
    asked = "SELECT name, count(DISTINCT file_name) FROM parquet_schema(?) GROUP BY name"
    return dict(cursor.execute(asked, [list(files)]).fetchall())


def _nothing(schema: ibis.Schema) -> str:
    return f"(SELECT {', '.join(f'NULL AS {_name(name)}' for name in schema)})"


def _copy(query: str, folder: str, *, run: str, partition: Sequence[str]) -> str:
    options = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {GROUP_ROWS}, RETURN_STATS true"
    target = f"{folder}/{run}.parquet"
    if partition:
        target = folder
        options += f", PARTITION_BY ({_names(partition)}), APPEND true"
        options += f", FILENAME_PATTERN '{run}-{{uuid}}'"
    return f"COPY ({query}) TO {_text(target)} ({options})"


def _written(row: Sequence[Any], folder: str) -> WrittenFile:
    path, rows, size, _, statistics, partition = row
    keys = dict(partition or {})
    nulls = {
        name.removeprefix('"').removesuffix('"').replace('""', '"'): int(each["null_count"])
        for name, each in statistics.items()
        if int(each.get("null_count", 0))
    }
    nulls |= {name: rows for name, value in keys.items() if value is None}
    return WrittenFile(
        path=str(Path(path).relative_to(folder)),
        rows=rows,
        size=size,
        partition=keys,
        nulls=nulls,
    )


def _type(dtype: dt.DataType) -> str:
    return str(DuckDBType.to_string(dtype))


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _names(names: Sequence[str]) -> str:
    return ", ".join(_name(name) for name in names)


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
