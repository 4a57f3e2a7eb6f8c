"""The lake: one Delta table in a folder for each table that the schema declares."""

from collections.abc import Collection
from pathlib import Path

import ibis
from deltalake import DeltaTable

from tuttuno.clock import Clock, utc_now
from tuttuno.engine.port import Engine, ParquetFiles, WrittenFile
from tuttuno.errors import BadInput
from tuttuno.lake.log import Change, StoredFile, commit, made, opened, stored
from tuttuno.schema.table import Table


class Lake:
    """Tables below a folder; one writer at a time for each table, any number of readers."""

    def __init__(self, root: Path, *, clock: Clock = utc_now) -> None:
        self.root = root
        self._clock = clock

    def folder(self, table: Table) -> Path:
        """Return where a table lives."""
        return self.root / table.name

    def version(self, table: Table) -> int | None:
        """Return the latest version; None: the table was never written."""
        log = opened(self.folder(table))
        return None if log is None else log.version()

    def rows(self, table: Table, version: int | None = None) -> int:
        """Count the rows of a version, None: the latest, from the log alone."""
        return sum(file.rows for file in self._stored(table, version))

    def files(self, table: Table, version: int | None = None) -> ParquetFiles:
        """Return the files of a version, None: the latest."""
        return self._parquet(table, self._stored(table, version))

    def bind(
        self, engine: Engine, table: Table, version: int | None = None, name: str | None = None
    ) -> ibis.Table:
        """Make a version readable by an engine, under the table's own name or another."""
        return engine.bind(name or table.name, self.files(table, version))

    def append(
        self,
        table: Table,
        rows: ibis.Table,
        *,
        engine: Engine,
        transaction: tuple[str, int] | None = None,
    ) -> int:
        """Add rows, and return the version.

        Args:
            table: What is added to.
            rows: The table's columns in any order.
            engine: Who evaluates and writes them.
            transaction: An application and a number: what carries the same pair is added
                once, in whatever order numbers arrive.
        """
        log = made(self.folder(table), table)
        known = f"{transaction[0]}-{transaction[1]}" if transaction else None
        if known and log.transaction_version(known) is not None:
            return log.version()
        added = self._write(table, rows, engine)
        return self._commit(table, log, Change(added, transaction=known, alone=False))

    def replace(
        self,
        table: Table,
        rows: ibis.Table,
        *,
        engine: Engine,
        partitions: Collection[str] | None = None,
    ) -> int:
        """Put rows in place of all that is there, or of some partitions; return the version.

        Args:
            table: What is replaced.
            rows: The table's columns in any order.
            engine: Who evaluates and writes them; it may read the table meanwhile.
            partitions: Values of the partition column to replace, None: everything. Rows of
                any other partition are refused.
        """
        log = made(self.folder(table), table)
        removed = stored(log)
        added = self._write(table, rows, engine)
        if partitions is not None:
            column = table.partition[0]
            self._only(table, added, column, partitions)
            removed = [file for file in removed if file.partition[column] in partitions]
        return self._commit(table, log, Change(added, removed))

    def _stored(self, table: Table, version: int | None) -> list[StoredFile]:
        log = opened(self.folder(table), version)
        return [] if log is None else stored(log)

    def _parquet(
        self, table: Table, files: Collection[StoredFile], *, file_column: str = ""
    ) -> ParquetFiles:
        folder = self.folder(table).absolute()
        return ParquetFiles(
            tuple(sorted(str(folder / file.path) for file in files)),
            table.schema,
            table.partition,
            file_column,
        )

    def _write(self, table: Table, rows: ibis.Table, engine: Engine) -> list[WrittenFile]:
        folder = str(self.folder(table).absolute())
        written = engine.write(
            _declared(table, rows), folder, partition=table.partition, order=table.order
        )
        lacking = sorted({name for file in written for name in file.nulls} & set(table.required))
        if lacking:
            self._discard(table, written)
            count = {name: sum(file.nulls.get(name, 0) for file in written) for name in lacking}
            which = ", ".join(f"{name} ({count[name]} rows)" for name in lacking)
            hint = "nothing was written; these columns may never be missing"
            raise BadInput(f"rows for table {table.name} lack {which}", hint=hint)
        return written

    def _only(
        self,
        table: Table,
        written: Collection[WrittenFile],
        column: str,
        partitions: Collection[str],
    ) -> None:
        """Refuse rows of a partition that is not being replaced: they would be there twice."""
        strange = sorted({str(file.partition[column]) for file in written} - set(partitions))
        if strange:
            self._discard(table, written)
            what = f"rows for table {table.name} have {column} {', '.join(strange)}"
            raise BadInput(what, hint=f"only {', '.join(sorted(partitions))} is being replaced")

    def _commit(self, table: Table, log: DeltaTable, change: Change) -> int:
        if not change.added and not change.removed:
            return int(log.version())
        now_ms = int(self._clock().timestamp() * 1000)
        return commit(log, self.folder(table), change, now_ms=now_ms)

    def _discard(self, table: Table, written: Collection[WrittenFile]) -> None:
        for file in written:
            (self.folder(table) / file.path).unlink(missing_ok=True)


def _declared(table: Table, rows: ibis.Table) -> ibis.Table:
    """Return the rows with the table's columns, in its order and types."""
    differing = sorted(set(rows.columns) ^ set(table.columns))
    if differing:
        hint = f"it takes exactly {', '.join(table.columns)}"
        raise BadInput(f"rows for table {table.name} differ in {', '.join(differing)}", hint=hint)
    return rows.select(
        **{
            name: rows[name] if rows[name].type() == dtype else rows[name].cast(dtype)
            for name, dtype in table.schema.items()
        }
    )
