"""The log of one Delta table: which files make up which version, and one commit at a time."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Field, Schema
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import AddAction, RemoveAction, Transaction

from tuttuno.durable import settle, settle_folders
from tuttuno.engine.port import WrittenFile
from tuttuno.errors import BadInput, NotFound, Unavailable
from tuttuno.lake.torn import FILES, drop_torn, newest_whole
from tuttuno.schema.table import Table

#: A reader replays at most this many commits on top of a checkpoint.
CHECKPOINT_EVERY = 20

#: Nothing may expire by itself: a release can be rolled back to as long as it is kept.
FOREVER = "interval 36500 days"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file of a table version; the path is relative to the table's folder."""

    path: str
    rows: int
    size: int
    partition: Mapping[str, str | None] = field(hash=False)

    @property
    def name(self) -> str:
        """The last part of the path, which no other file has."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Version:
    """What the log says of one version; the moment is that of the commit, in UTC."""

    number: int
    at: datetime
    operation: str


@dataclass(frozen=True, slots=True)
class Change:
    """What one commit does to a table.

    Attributes:
        added: Files just written.
        removed: Files of the version that was read.
        transaction: An application's name for this commit; it is never applied twice.
        alone: Fail when anybody else has committed since the version that was read.
        whole: Everything that was there is removed, and the declared columns take the place
            of its own.
    """

    added: Sequence[WrittenFile] = ()
    removed: Sequence[StoredFile] = ()
    transaction: str | None = None
    alone: bool = True
    whole: bool = False


def opened(folder: Path, version: int | None = None) -> DeltaTable | None:
    """Read the log up to a version, None: the latest; None when there is no table."""
    log = folder / "_delta_log"
    latest = newest_whole(log)
    if latest is None:
        return None
    if version is not None and not 0 <= version <= latest:
        raise NotFound(f"table {folder.name} has no version {version}", hint=f"latest: {latest}")
    try:
        return DeltaTable(str(folder), version=latest if version is None else version)
    except DeltaError as exc:
        hint = "its log may have been cleaned or damaged; see `tuttuno verify`"
        what = f"cannot read version {version} of table {folder.name}: {exc}"
        raise Unavailable(what, hint=hint) from exc


def made(folder: Path, table: Table) -> DeltaTable:
    """Read the latest log to write to it, after making the table if need be.

    What a power cut left half written is removed.
    """
    drop_torn(folder / "_delta_log")
    return opened(folder) or _created(folder, table)


def widened(log: DeltaTable, folder: Path, table: Table) -> DeltaTable:
    """Give the log the columns that were declared since; refuse to write beside other ones."""
    known = {field.name: field.type for field in log.schema().fields}
    declared = {field.name: field for field in Schema.from_arrow(table.arrow).fields}
    new = [field for field in declared.values() if field.name not in known]
    other = {name for name, dtype in known.items() if _type_of(declared.get(name)) != dtype}
    other |= {field.name for field in new if not field.nullable}
    if other:
        what = f"table {table.name} was written with other columns: {', '.join(sorted(other))}"
        raise BadInput(what, hint="replace it as a whole, or use the version that wrote it")
    if new:
        log.alter.add_columns(new)
        log.update_incremental()
        _settle_log(folder, log.version())
    return log


def stored(log: DeltaTable) -> list[StoredFile]:
    """List the files of the version that was read."""
    rows = pa.table(log.get_add_actions(flatten=True)).to_pylist()
    return [
        StoredFile(
            path=unquote(row["path"]),
            rows=row["num_records"],
            size=row["size_bytes"],
            partition={name: row[f"partition.{name}"] for name in log.metadata().partition_columns},
        )
        for row in rows
    ]


def versions(log: DeltaTable) -> tuple[Version, ...]:
    """Return every version that the log knows, the latest first."""
    return tuple(
        Version(
            number=entry["version"],
            at=datetime.fromtimestamp(entry["timestamp"] / 1000, UTC),
            operation=entry["operation"],
        )
        for entry in log.history()
    )


def commit(log: DeltaTable, folder: Path, table: Table, change: Change, *, now_ms: int) -> int:
    """Make one new version, durably; return its number."""
    settle([folder / file.path for file in change.added])
    # In overwrite mode the library lists what is removed: all files of the version it read.
    removals = [] if change.whole else _removals(change.removed, now_ms)
    properties = CommitProperties(
        custom_metadata={FILES: len(change.added) + len(change.removed)},
        max_commit_retries=0 if change.alone else None,
        app_transactions=[Transaction(change.transaction, 1)] if change.transaction else None,
    )
    try:
        log.create_write_transaction(
            [*_additions(folder, change.added), *removals],
            mode="overwrite" if change.whole else "append",
            schema=Schema.from_arrow(table.arrow) if change.whole else log.schema(),
            partition_by=list(table.partition),
            commit_properties=properties,
        )
    except CommitFailedError as exc:
        hint = "another run was writing to it; start this one again"
        raise Unavailable(f"table {folder.name} has changed meanwhile", hint=hint) from exc
    log.update_incremental()
    _settle_log(folder, log.version())
    return log.version()


def _created(folder: Path, table: Table) -> DeltaTable:
    folder.mkdir(parents=True, exist_ok=True)
    log = DeltaTable.create(
        str(folder),
        schema=table.arrow,
        mode="ignore",
        partition_by=list(table.partition),
        configuration={
            "delta.checkpointInterval": str(CHECKPOINT_EVERY),
            "delta.logRetentionDuration": FOREVER,
            "delta.deletedFileRetentionDuration": FOREVER,
        },
    )
    _settle_log(folder, log.version())
    settle_folders([folder.parent, folder])
    return log


def _type_of(field: Field | None) -> object:
    return field.type if field else None


def _additions(folder: Path, files: Collection[WrittenFile]) -> list[AddAction]:
    return [
        AddAction(
            path=file.path,
            size=file.size,
            partition_values=dict(file.partition),
            modification_time=int((folder / file.path).stat().st_mtime * 1000),
            data_change=True,
            # No smallest and largest values: a log keeps them long after the rows are gone.
            stats=json.dumps({"numRecords": file.rows}),
        )
        for file in files
    ]


def _removals(files: Collection[StoredFile], now_ms: int) -> list[RemoveAction]:
    return [
        RemoveAction(
            file.path,
            data_change=True,
            deletion_timestamp=now_ms,
            size=file.size,
            partition_values=dict(file.partition),
        )
        for file in files
    ]


def _settle_log(folder: Path, version: int) -> None:
    log = folder / "_delta_log"
    settle(
        [
            path
            for path in (*log.glob(f"{version:020d}*"), log / "_last_checkpoint")
            if path.exists()
        ]
    )
