"""Files that Spark has written, taken over under names of our own."""

import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

import pyarrow.parquet as pq

from tuttuno.engine.port import WrittenFile

#: The folder of rows whose partition value is null.
NULL = "__HIVE_DEFAULT_PARTITION__"


def table_root(file: str, partition: Sequence[str]) -> str:
    """Return the folder of a table from one of its files."""
    return str(Path(file).parents[len(partition)])


def adopt(staging: Path, target: Path) -> list[WrittenFile]:
    """Move files that hold rows from a staging folder to the table's, where no name is taken."""
    run = uuid.uuid4().hex
    return [
        _adopted(path, staging, target / path.parent.relative_to(staging) / f"{run}-{nth}.parquet")
        for nth, path in enumerate(_filled(staging))
    ]


def _filled(staging: Path) -> Iterator[Path]:
    for path in sorted(staging.rglob("*.parquet")):
        if pq.read_metadata(path).num_rows:
            yield path


def _adopted(path: Path, staging: Path, to: Path) -> WrittenFile:
    values = {
        name: None if value == NULL else unquote(value)
        for part in path.parent.relative_to(staging).parts
        for name, _, value in [part.partition("=")]
    }
    metadata = pq.read_metadata(path)
    nulls = _nulls(path) | {
        name: metadata.num_rows for name, value in values.items() if value is None
    }
    to.parent.mkdir(parents=True, exist_ok=True)
    path.rename(to)
    target = to.parents[len(values)]
    return WrittenFile(
        path=to.relative_to(target).as_posix(),
        rows=metadata.num_rows,
        size=to.stat().st_size,
        partition=values,
        nulls=nulls,
    )


def _nulls(path: Path) -> dict[str, int]:
    """Count the nulls of each column, from the footer where it tells."""
    stored = pq.ParquetFile(path)
    nulls: dict[str, int] = {}
    for group in range(stored.num_row_groups):
        row_group = stored.metadata.row_group(group)
        for place in range(row_group.num_columns):
            column = row_group.column(place)
            told = column.is_stats_set and column.statistics.has_null_count
            name = column.path_in_schema
            count = (
                column.statistics.null_count
                if told
                else stored.read_row_group(group, columns=[name]).column(0).null_count
            )
            nulls[name] = nulls.get(name, 0) + count
    return {name: count for name, count in nulls.items() if count}
