"""The engine for more rows than one machine holds: Apache Spark 4, in process or by Connect."""

import contextlib
import logging
import os
import shutil
import socket
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.sql.datatypes import PySparkType
from py4j.protocol import Py4JError  # type: ignore[import-untyped]  # it has no types
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import col

from tuttuno.engine.port import ParquetFiles, Source, WrittenFile
from tuttuno.engine.shape import arrow_schema, shaped, shaped_batches, typed
from tuttuno.engine.spark_files import adopt, table_root
from tuttuno.errors import Unavailable

#: What must be the same in every session, whoever started the cluster.
MEANING: dict[str, bool | float | int | str | None] = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.parquet.compression.codec": "zstd",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
}

#: What a driver of our own is started with.
DRIVER: dict[str, bool | float | int | str | None] = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.shuffle.partitions": "8",
    "spark.sql.artifact.isolation.enabled": "false",
}

#: Words in a failure that speak of the machine and not of the question.
_MACHINE = (
    "No space left on device",
    "OutOfMemory",
    "cancelled",
    "canceled",
    "INTERRUPTED",
    "FAILED_READ_FILE",
    "UNAVAILABLE",
    "JAVA_GATEWAY",
    "CONNECT_URL",
)


class SparkEngine:
    """`Engine` on Spark; one of them at a time in a process.

    Tables given as Arrow and what is kept lie as Parquet files in the scratch folder, which a
    cluster must be able to read, as it must the lake.

    Args:
        master: Where a driver in this process finds its workers.
        remote: A Spark Connect server (`sc://host:15002`) to use instead.
        scratch: Where rows are kept; None: a folder of the system's own, removed at the end.
        memory: Of a driver in this process.
    """

    name = "spark"

    def __init__(
        self,
        *,
        master: str = "local[*]",
        remote: str | None = None,
        scratch: Path | None = None,
        memory: str = "2g",
    ) -> None:
        if scratch is not None:
            scratch.mkdir(parents=True, exist_ok=True)
        self._scratch = Path(tempfile.mkdtemp(prefix="spark-", dir=scratch))
        self._kept: dict[str, Path] = {}
        with _translated():
            self._spark = _session(master, remote, memory, self._scratch)

    def bind(self, name: str, source: Source) -> ibis.Table:
        """Make a table readable under a name, in place of what had the name before."""
        with _translated():
            if isinstance(source, pa.Table):
                folder = self._folder()
                rows = typed(source)
                pq.write_table(rows, folder / "rows.parquet")
                schema = ibis.Schema.from_pyarrow(rows.schema)
                return self._show_kept(name, folder, schema)
            self._show(name, self._read(source))
            return ibis.table(source.shown, name=name)

    def run(self, expr: ibis.Table, values: Mapping[ibis.Scalar, Any] | None = None) -> pa.Table:
        """Evaluate and bring all rows here."""
        with _translated():
            rows = self._spark.sql(compiled(expr, values)).toArrow()
            return shaped(rows, expr.schema())

    def stream(self, expr: ibis.Table, *, rows: int = 131_072) -> pa.RecordBatchReader:
        """Evaluate and bring rows here in batches of about `rows`, as they are read."""
        schema = expr.schema()

        def batches() -> Iterator[pa.RecordBatch]:
            folder = self._folder()
            try:
                # Spark numbers the files of an ordered result in its order.
                self._save(self._spark.sql(compiled(expr)), folder)
                for path in sorted(folder.glob("*.parquet")):
                    stored = pq.ParquetFile(path).iter_batches(batch_size=rows)
                    yield from shaped_batches(stored, schema)
            finally:
                shutil.rmtree(folder)

        return pa.RecordBatchReader.from_batches(arrow_schema(schema), batches())

    def each(
        self, expr: ibis.Table, work: Callable[[pa.Table], pa.Table], schema: ibis.Schema
    ) -> pa.Table:
        """Hand the rows, some at a time, to a function where they lie; bring here what it makes."""

        def worked(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for some in batches:
                yield from shaped(work(pa.Table.from_batches([some])), schema).to_batches()

        with _translated():
            frame = self._spark.sql(compiled(expr))
            spread = int(str(self._spark.conf.get("spark.sql.shuffle.partitions")))
            found = frame.repartition(spread).mapInArrow(worked, _types(schema)).toArrow()
            return shaped(found, schema)

    def keep(self, name: str, expr: ibis.Table) -> ibis.Table:
        """Evaluate once and make the result readable under a name until it is dropped."""
        folder = self._folder()
        with _translated():
            self._save(self._recast(expr), folder)
            return self._show_kept(name, folder, expr.schema())

    def write(
        self,
        expr: ibis.Table,
        folder: str,
        *,
        partition: Sequence[str] = (),
        order: Sequence[str] = (),
    ) -> list[WrittenFile]:
        """Write Parquet files under new names beside whatever the folder holds."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        staging = target / f"_staging-{uuid.uuid4().hex}"
        frame = self._recast(expr)
        if partition:
            frame = frame.repartition(*map(_column, partition))
            frame = frame.sortWithinPartitions(*map(_column, (*partition, *order)))
        elif order:
            frame = frame.orderBy(*map(_column, order))
        try:
            with _translated():
                self._save(frame, staging, partition=partition)
            return adopt(staging, target)
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    def explain(self, expr: ibis.Table) -> str:
        """Say how the expression would be evaluated."""
        with _translated():
            rows = self._spark.sql(f"EXPLAIN FORMATTED {compiled(expr)}").toArrow()
        return "\n".join(rows.column(0).to_pylist())

    def drop(self, name: str) -> None:
        """Forget a name, and the rows kept under it; an unknown name is no error."""
        with _translated():
            self._spark.catalog.dropTempView(name)
        folder = self._kept.pop(name, None)
        if folder:
            shutil.rmtree(folder)

    def cancel(self) -> None:
        """Stop everything that runs now; it ends in `errors.Unavailable`."""
        with _translated():
            self._spark.interruptAll()

    def close(self) -> None:
        """Give back memory and scratch files; the engine cannot be used afterwards."""
        self._spark.stop()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _folder(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self._scratch))

    def _recast(self, expr: ibis.Table) -> DataFrame:
        """Give every column its declared type: Spark's own may differ (a sum has more digits)."""
        frame = self._spark.sql(compiled(expr))
        return frame.select(
            *(_column(name).cast(_type(dtype)).alias(name) for name, dtype in expr.schema().items())
        )

    def _read(self, source: ParquetFiles) -> DataFrame:
        if not source.files:
            return self._spark.createDataFrame([], _types(source.shown))
        reader = self._spark.read.schema(_types(source.schema))
        if source.partition:
            reader = reader.option("basePath", table_root(source.files[0], source.partition))
        frame = reader.parquet(*source.files)
        told = {source.file_column: "file_name", source.row_column: "row_index"}
        return frame.select(
            *(
                col(f"_metadata.{told[name]}").alias(name) if name in told else _column(name)
                for name in source.shown
            )
        )

    def _save(self, frame: DataFrame, folder: Path, *, partition: Sequence[str] = ()) -> None:
        frame.write.parquet(str(folder), mode="append", partitionBy=list(partition))

    def _show_kept(self, name: str, folder: Path, schema: ibis.Schema) -> ibis.Table:
        frame = self._spark.read.schema(_types(schema)).parquet(str(folder))
        before = self._kept.get(name)
        self._show(name, frame)
        self._kept[name] = folder
        if before:
            shutil.rmtree(before)
        return ibis.table(schema, name=name)

    def _show(self, name: str, frame: DataFrame) -> None:
        frame.createOrReplaceTempView(name)


def compiled(expr: ibis.Table, values: Mapping[ibis.Scalar, Any] | None = None) -> str:
    """Return Spark's SQL of an expression with its parameters filled in."""
    return str(ibis.to_sql(expr, dialect="pyspark", pretty=False, params=values))


def _session(master: str, remote: str | None, memory: str, scratch: Path) -> SparkSession:
    # Registers ibis' options for Spark, without which it compiles only some expressions.
    _ = ibis.pyspark
    # It would write whole stack traces of failures that we name in one line.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    if remote:
        _knock(remote)
        builder = SparkSession.builder.remote(remote)
    else:
        # Its workers would take the first Python they find, which may lack what they need.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder = SparkSession.builder.master(master).config("spark.driver.memory", memory)
        builder = builder.config("spark.local.dir", str(scratch)).config(map=DRIVER)
    spark: SparkSession = builder.config(map=MEANING).getOrCreate()
    return spark


def _knock(remote: str) -> None:
    """Fail at once where nobody listens; Spark's own client would try for many minutes."""
    address = urlsplit(remote)
    if address.scheme != "sc":
        return  # a server that this process starts itself
    try:
        socket.create_connection((address.hostname, address.port or 15002), timeout=10).close()
    except OSError as exc:
        hint = "start it, or correct `[engine] remote` in tuttuno.toml"
        raise Unavailable(f"no Spark Connect server answers at {remote}: {exc}", hint=hint) from exc


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Turn the driver's failures of the machine into ours; bugs go through."""
    try:
        yield
    except (PySparkException, Py4JError) as exc:
        lines = str(exc).splitlines()
        said = next((line for line in lines if any(word in line for word in _MACHINE)), None)
        if said is None:
            raise
        hint = "see whether Spark runs, and whether memory, disk and files are there"
        raise Unavailable(f"Spark failed: {said.strip()}", hint=hint) from exc


def _types(schema: ibis.Schema) -> str:
    return ", ".join(f"{_name(name)} {_type(dtype)}" for name, dtype in schema.items())


def _type(dtype: Any) -> str:
    said = str(PySparkType.to_string(dtype))
    return "TIMESTAMP_NTZ" if said == "TIMESTAMP" else said


def _column(name: str) -> Any:
    return col(_name(name))


def _name(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
