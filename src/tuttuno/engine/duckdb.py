"""The embedded engine: DuckDB in this process, over the files of a table version."""

import contextlib
import copy
import shutil
import tempfile
import threading
import uuid
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa

from tuttuno.engine import duckdb_sql as sql
from tuttuno.engine.open_sql import Texts, named
from tuttuno.engine.port import Source, WrittenFile
from tuttuno.engine.shape import arrow_schema, shaped, shaped_batches, typed
from tuttuno.errors import Unavailable


class DuckDBEngine:
    """`Engine` in this process; what it keeps is gone when it is closed.

    Args:
        threads: How many may compute at once; None: one for each core.
        memory: How much it may hold before it spills to the scratch folder, e.g. `"4GB"`.
        scratch: Where it may spill; None: a folder of the system's own, removed at the end.
        remember: Whether to keep in memory what was read of files: for whoever reads the same
            files again and again. One new file after the other would add up, each with its
            footer and blocks that nobody asks for again.
    """

    name = "duckdb"

    def __init__(
        self,
        *,
        threads: int | None = None,
        memory: str = "4GB",
        scratch: Path | None = None,
        remember: bool = False,
    ) -> None:
        self._scratch = _own_folder(scratch)
        self._tidy = weakref.finalize(self, shutil.rmtree, self._scratch, ignore_errors=True)
        self._changes = threading.Lock()
        self._bound: dict[str, str] = {}
        self._running: set[duckdb.DuckDBPyConnection] = set()
        self._texts = Texts()
        self._room = ""
        with _translated():
            self._con = _connect(self._scratch, threads, memory, remember=remember)

    def bind(self, name: str, source: Source) -> ibis.Table:
        """Make a table readable under a name, in place of what had the name before."""
        if isinstance(source, pa.Table):
            rows = typed(source)
            schema = ibis.Schema.from_pyarrow(rows.schema)
            with self._cursor() as cursor:
                given = f"given {uuid.uuid4().hex}"
                cursor.register(given, rows)
                self._replace(cursor, name, "TABLE", sql.recast(sql.name(given), schema))
            return ibis.table(schema, name=name)
        with self._cursor() as cursor:
            query = sql.nothing(source.shown)
            if source.files:
                held = cursor.execute(sql.COLUMNS_HELD, [list(source.files)]).fetchall()
                query = sql.scan(source, dict(held))
            self._replace(cursor, name, "VIEW", query)
        return ibis.table(source.shown, name=name)

    def run(self, expr: ibis.Table, values: Mapping[ibis.Scalar, Any] | None = None) -> pa.Table:
        """Evaluate and bring all rows here."""
        text = self._texts.of(expr, tuple(values)) if values else sql.compiled(expr)
        with self._cursor() as cursor:
            found = cursor.execute(text, named(values)) if values else cursor.execute(text)
            return shaped(found.to_arrow_table(), expr.schema())

    def stream(self, expr: ibis.Table, *, rows: int = 131_072) -> pa.RecordBatchReader:
        """Evaluate and bring rows here in batches of about `rows`, as they are read."""
        schema = expr.schema()

        def batches() -> Iterator[pa.RecordBatch]:
            with self._cursor() as cursor:
                reader = cursor.execute(sql.compiled(expr)).to_arrow_reader(rows)
                yield from shaped_batches(reader, schema)

        return pa.RecordBatchReader.from_batches(arrow_schema(schema), batches())

    def each(
        self, expr: ibis.Table, work: Callable[[pa.Table], pa.Table], schema: ibis.Schema
    ) -> pa.Table:
        """Hand the rows, some at a time, to a function; bring here what it makes."""
        made = [shaped(work(pa.Table.from_batches([some])), schema) for some in self.stream(expr)]
        return pa.concat_tables([arrow_schema(schema).empty_table(), *made])

    def keep(self, name: str, expr: ibis.Table) -> ibis.Table:
        """Evaluate once and make the result readable under a name until it is dropped."""
        schema = expr.schema()
        with self._cursor() as cursor:
            self._replace(cursor, name, "TABLE", sql.recast(f"({sql.compiled(expr)})", schema))
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
        query = sql.recast(f"({sql.compiled(expr)})", expr.schema())
        group_rows = sql.SORTED_GROUP_ROWS if order else sql.GROUP_ROWS
        if order:
            query += f" ORDER BY {sql.names([*partition, *order])}"
        run = uuid.uuid4().hex
        with self._cursor() as cursor:
            cursor.execute(
                sql.copy(query, folder, run=run, partition=partition, group_rows=group_rows)
            )
            written = [_written(row, folder) for row in cursor.fetchall()]
        for file in written:
            if not file.rows:
                Path(folder, file.path).unlink()
        return [file for file in written if file.rows]

    def explain(self, expr: ibis.Table) -> str:
        """Say how the expression would be evaluated."""
        with self._cursor() as cursor:
            rows = cursor.execute(f"EXPLAIN {sql.compiled(expr)}").fetchall()
        return "\n".join(str(row[-1]) for row in rows)

    def drop(self, name: str) -> None:
        """Forget a name, and the rows kept under it; an unknown name is no error."""
        with self._changes, self._cursor() as cursor:
            self._forget(cursor, name)

    def cancel(self) -> None:
        """Stop everything that runs now; it ends in `errors.Unavailable`."""
        for cursor in tuple(self._running):
            cursor.interrupt()

    def execute(self, statement: str) -> None:
        """Carry out a statement that yields nothing; for what lies beside this adapter."""
        with self._cursor() as cursor:
            cursor.execute(statement)

    def close(self) -> None:
        """Give back memory and scratch files; the engine cannot be used afterwards."""
        self._con.close()
        self._tidy()

    @contextlib.contextmanager
    def room(self) -> Iterator["DuckDBEngine"]:
        """Lend an engine with names of its own; memory, threads and scratch folder are shared.

        Two pieces of work that use the same names can so be done side by side. What is kept in
        the room is gone when it is given back.
        """
        room = copy.copy(self)
        room._bound, room._texts = {}, Texts()  # noqa: SLF001 - its own kind
        with self._cursor() as cursor:
            name = sql.name(f"room {uuid.uuid4().hex}")
            cursor.execute(f"ATTACH ':memory:' AS {name}")
            cursor.execute(f"USE {name}")
            cursor.execute(sql.FROM_UTC_TIMESTAMP)
            room._room = name  # noqa: SLF001 - its own kind
        try:
            yield room
        finally:
            with self._cursor() as cursor:
                cursor.execute(f"DETACH {name}")

    @contextlib.contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a connection of one's own: one connection serves one thread at a time."""
        with _translated():
            cursor = self._con.cursor()
            self._running.add(cursor)
            try:
                if self._room:
                    cursor.execute(f"USE {self._room}")
                yield cursor
            finally:
                self._running.discard(cursor)
                cursor.close()

    def _replace(self, cursor: duckdb.DuckDBPyConnection, name: str, kind: str, query: str) -> None:
        """Make a table or view under a new name first: its query may read the old one."""
        made = f"{name} {uuid.uuid4().hex}"
        cursor.execute(f"CREATE {kind} {sql.name(made)} AS {query}")
        with self._changes:
            cursor.execute("BEGIN")
            self._forget(cursor, name)
            cursor.execute(f"ALTER {kind} {sql.name(made)} RENAME TO {sql.name(name)}")
            cursor.execute("COMMIT")
            self._bound[name] = kind

    def _forget(self, cursor: duckdb.DuckDBPyConnection, name: str) -> None:
        kind = self._bound.pop(name, None)
        if kind:
            cursor.execute(f"DROP {kind} {sql.name(name)}")


def _connect(
    scratch: Path, threads: int | None, memory: str, *, remember: bool
) -> duckdb.DuckDBPyConnection:
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
    con.execute(f"SET GLOBAL parquet_metadata_cache = {remember}")
    con.execute(f"SET GLOBAL enable_external_file_cache = {remember}")
    con.execute(sql.FROM_UTC_TIMESTAMP)
    con.execute("SET GLOBAL python_enable_replacements = false")
    # Until then each thread holds the rows of each month; by default four times as many.
    con.execute(f"SET GLOBAL partitioned_write_flush_threshold = {sql.GROUP_ROWS}")
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
        raise Unavailable(f"the engine ran out of memory: {_first_line(exc)}", hint=hint) from exc
    except duckdb.IOException as exc:
        hint = "see whether the disk is full or the file is gone"
        raise Unavailable(
            f"the engine could not read or write: {_first_line(exc)}", hint=hint
        ) from exc


def _first_line(exc: duckdb.Error) -> str:
    """Leave out the driver's own advice, which speaks of settings that are locked."""
    return str(exc).partition("\n")[0]


def _written(row: Sequence[Any], folder: str) -> WrittenFile:
    path, rows, size, _, statistics, partition = row
    keys = dict(partition or {})
    nulls = {
        column.removeprefix('"').removesuffix('"').replace('""', '"'): int(each["null_count"])
        for column, each in statistics.items()
        if int(each.get("null_count", 0))
    }
    nulls |= {column: rows for column, value in keys.items() if value is None}
    return WrittenFile(
        path=str(Path(path).relative_to(folder)),
        rows=rows,
        size=size,
        partition=keys,
        nulls=nulls,
    )
