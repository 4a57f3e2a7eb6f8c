"""The log of one Delta table: which files make up which version, and one commit at a time."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable
from deltalake.exceptions import CommitFailedError, DeltaError, TableNotFoundError
from deltalake.transaction import AddAction, RemoveAction, Transaction

from tuttuno.engine.port import WrittenFile
from tuttuno.errors import NotFound, Unavailable
from tuttuno.lake.durable import settle
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
    partition: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Change:
    """What one commit does to a table.

    Attributes:
        added: Files just written.
        removed: Files of the version that was read.
        transaction: An application's name for this commit; it is never applied twice.
        alone: Fail when anybody else has committed since the version that was read.
    """

    added: Sequence[WrittenFile] = ()
    removed: Sequence[StoredFile] = ()
    transaction: str | None = None
    alone: bool = True


def opened(folder: Path, version: int | None = None) -> DeltaTable | None:
    """Read the log up to a version, None: the latest; None when there is no table."""
    if not (folder / "_delta_log").is_dir():
        return None
    try:
        return DeltaTable(str(folder), version=version)
    except TableNotFoundError:
        return None
    except DeltaError as exc:
        if version is None:
            hint = "see `tuttuno verify`"
            raise Unavailable(f"cannot read table {folder.name}: {exc}", hint=hint) from exc
        hint = "its log or files were cleaned; choose a later version"
        raise NotFound(f"table {folder.name} has no version {version}", hint=hint) from exc


def made(folder: Path, table: Table) -> DeltaTable:
    """Read the latest log, after making the table or giving it columns it was declared since."""
    log = opened(folder)
    if log is None:
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
        settle([folder, folder / "_delta_log"])
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


def commit(log: DeltaTable, folder: Path, change: Change, *, now_ms: int) -> int:
    """Make one new version, durably; return its number."""
    settle([folder / file.path for file in change.added])
    properties = CommitProperties(
        max_commit_retries=0 if change.alone else None,
        app_transactions=[Transaction(change.transaction, 1)] if change.transaction else None,
    )
    try:
        log.create_write_transaction(
            [*_additions(folder, change.added), *_removals(change.removed, now_ms)],
            mode="append",
            schema=log.schema(),
            partition_by=log.metadata().partition_columns,
            commit_properties=properties,
        )
    except CommitFailedError as exc:
        hint = "another run was writing to it; start this one again"
        raise Unavailable(f"table {folder.name} has changed meanwhile", hint=hint) from exc
    log.update_incremental()
    _settle_log(folder, log.version())
    return log.version()


def _additions(folder: Path, files: Collection[WrittenFile]) -> list[AddAction]:
    return [
        AddAction(
            path=file.path,
            size=file.size,
            partition_values=file.partition,
            modification_time=int((folder / file.path).stat().st_mtime * 1000),
            data_change=True,
            # No smallest and largest values: a log keeps them long after the rows are gone.
            stats=json.dumps({"numRecords": file.rows}),
        )
        for file in files
    ]


def _removals(files: Collection[StoredFile], now_ms: int) -> list[RemoveAction]:
    return [RemoveAction(file.path, True, now_ms, file.size, file.partition) for file in files]


def _settle_log(folder: Path, version: int) -> None:
    log = folder / "_delta_log"
    settle(
        [
            path
            for path in (*log.glob(f"{version:020d}*"), log / "_last_checkpoint")
            if path.exists()
        ]
    )
