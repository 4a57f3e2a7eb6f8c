"""The lake: one Delta table in a folder for each table that the schema declares."""

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from pathlib import Path

import ibis
import pyarrow as pa
from deltalake import DeltaTable

from tuttuno.clock import Clock, utc_now
from tuttuno.durable import settle_folders
from tuttuno.engine.port import Engine, ParquetFiles, WrittenFile
from tuttuno.engine.semantics import loose
from tuttuno.errors import BadInput, TuttunoError
from tuttuno.lake.log import (
    Change,
    StoredFile,
    Version,
    commit,
    made,
    opened,
    stored,
    versions,
    widened,
)
from tuttuno.lake.rewrite import FILE, refuse_twins, same_grain, scratch_names, touched
from tuttuno.lake.unneeded import GRACE, drop_staging, older, once_committed, present
from tuttuno.schema.table import Table


def _nothing() -> None:
    """Wait for nothing."""


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
        first: Callable[[], object] = _nothing,
    ) -> int:
        """Add rows, and return the version.

        Args:
            table: What is added to.
            rows: The table's columns in any order.
            engine: Who evaluates and writes them.
            transaction: An application and a number: what carries the same pair is added
                once, in whatever order numbers arrive.
            first: Called when the files are written and before they count; when it raises,
                nothing is added.
        """
        log = self._log(table)
        known = _app(transaction)
        if known and log.transaction_version(known) is not None:
            first()
            return int(log.version())
        added = self._write(table, rows, engine)
        try:
            first()
        except BaseException:
            self._discard(table, added)
            raise
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
        if partitions is None:
            log = made(self.folder(table), table)
            added = self._write(table, rows, engine)
            return self._commit(table, log, Change(added, stored(log), whole=True))
        log = self._log(table)
        added = self._write(table, rows, engine)
        column = table.partition[0]
        self._only(table, added, column, partitions)
        removed = [file for file in stored(log) if file.partition[column] in partitions]
        return self._commit(table, log, Change(added, removed))

    def merge(
        self,
        table: Table,
        rows: ibis.Table,
        *,
        engine: Engine,
        transaction: tuple[str, int] | None = None,
    ) -> int:
        """Put rows in place of those of the same grain, and add the others.

        Args:
            table: What is changed.
            rows: The table's columns in any order; no two of one grain.
            engine: Who evaluates and writes them.
            transaction: As in `append`.
        """
        log = self._log(table)
        known = _app(transaction)
        if known and log.transaction_version(known) is not None:
            return int(log.version())
        files = stored(log)
        with scratch_names(engine) as new_name:
            new = loose(engine.keep(new_name("new"), _declared(table, rows)))
            refuse_twins(engine, table, new)
            old = engine.bind(new_name("old"), self._parquet(table, files, file_column=FILE))
            hit = touched(engine, files, old.semi_join(new, same_grain(old, new, table)))
            rest = loose(engine.bind(new_name("rest"), self._parquet(table, list(hit))))
            others = rest.anti_join(new, same_grain(rest, new, table))
            added = self._write(table, others.union(new), engine)
        return self._commit(table, log, Change(added, list(hit), transaction=known))

    def delete(self, table: Table, column: str, values: pa.Array, *, engine: Engine) -> int:
        """Remove the rows that have one of the values in a column; return how many.

        The files that hold them are written again without them, and the old ones stay until
        `vacuum`. The values themselves never reach the log.
        """
        log = self._log(table)
        files = stored(log)
        sought = pa.table({column: values.cast(table.arrow.field(column).type)})
        with scratch_names(engine) as new_name:
            gone = engine.bind(new_name("gone"), sought)
            old = engine.bind(new_name("old"), self._parquet(table, files, file_column=FILE))
            hit = touched(engine, files, old.semi_join(gone, column))
            rest = engine.bind(new_name("rest"), self._parquet(table, list(hit)))
            added = self._write(table, rest.anti_join(gone, column), engine)
        self._commit(table, log, Change(added, list(hit)))
        return sum(hit.values())

    def vacuum(self, keep: Mapping[str, Collection[int]], *, grace: timedelta = GRACE) -> int:
        """Remove the files that neither a kept version nor the latest one needs; count them.

        Args:
            keep: For each table name, the versions that must stay readable.
            grace: How long a file that no commit knows is left alone: a run may be about to
                commit it. Zero is safe only where nobody can be writing.
        """
        return sum(
            self._vacuum(path.parent, keep.get(path.parent.name, ()), grace)
            for path in sorted(self.root.glob("*/_delta_log"))
        )

    def changed_partitions(
        self, table: Table, since: int | None, until: int
    ) -> frozenset[str] | None:
        """Return the partitions whose files differ between two versions.

        None means that it cannot be told and everything must be taken as changed: there was
        no earlier version, it can no longer be read, or the table has no partitions.
        """
        if since is None or not table.partition:
            return None
        try:
            before, after = self._stored(table, since), self._stored(table, until)
        except TuttunoError:
            return None
        column = table.partition[0]
        values = {file.path: file.partition[column] for file in (*before, *after)}
        differing = {file.path for file in before} ^ {file.path for file in after}
        return frozenset(value for path in differing if (value := values[path]) is not None)

    def history(self, table: Table) -> tuple[Version, ...]:
        """Return what the log says of each version, the latest first."""
        log = opened(self.folder(table))
        return () if log is None else versions(log)

    def _vacuum(self, folder: Path, kept: Collection[int], grace: timedelta) -> int:
        # Looked at before the log: what is committed meanwhile is not in it.
        there = present(folder)
        logs = [opened(folder, version) for version in (None, *kept)]
        needed = {file.path for log in logs if log for file in stored(log)}
        unneeded = [folder / path for path in sorted(there - needed)]
        known = {folder / path for path in once_committed(folder)}
        before = self._clock() - grace
        lost = set(older((path for path in unneeded if path not in known), before))
        removed = [path for path in unneeded if path in known or path in lost]
        for path in removed:
            path.unlink()
        drop_staging(folder, before)
        settle_folders({path.parent for path in removed})
        return len(removed)

    def _log(self, table: Table) -> DeltaTable:
        folder = self.folder(table)
        return widened(made(folder, table), folder, table)

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
        return commit(log, self.folder(table), table, change, now_ms=now_ms)

    def _discard(self, table: Table, written: Collection[WrittenFile]) -> None:
        for file in written:
            (self.folder(table) / file.path).unlink(missing_ok=True)


def _app(transaction: tuple[str, int] | None) -> str | None:
    """Name a commit so that it is known again; one name each, so that they may come late."""
    return f"{transaction[0]}-{transaction[1]}" if transaction else None


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
