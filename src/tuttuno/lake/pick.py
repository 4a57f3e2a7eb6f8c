"""The rows of one key out of a table version whose files are sorted by it.

An engine takes longer to begin than such a look takes to answer: it plans, opens every file, and
decodes whole columns to give one row of them.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tuttuno.engine.port import ParquetFiles
from tuttuno.engine.shape import arrow_schema
from tuttuno.errors import Unavailable

#: Files read side by side: decoding holds no lock of the interpreter.
_SIDE_BY_SIDE = 4

_NO_PARTITION = "__HIVE_DEFAULT_PARTITION__"

_Numbers: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class _File:
    """One file.

    Attributes:
        told: What its path tells: partition columns.
        footer: Where its columns lie.
        coded: Texts that are written as numbers of a short list: read as such, four times as fast.
        first, last: Between which keys each of its row groups lies.
    """

    path: str
    told: Mapping[str, str | None]
    footer: pq.FileMetaData
    coded: tuple[str, ...]
    first: _Numbers
    last: _Numbers


class Picker:
    """Keeps the footers of the files of one version, so that a look reads only what it needs.

    Many threads may ask at once. The files stay as they are: a version never changes.

    Args:
        source: The files.
        key: A column of whole numbers; quick where the rows of each file are sorted by it.

    Raises:
        Unavailable: A file cannot be read.
    """

    def __init__(self, source: ParquetFiles, key: str) -> None:
        self._key = key
        self._schema = arrow_schema(source.schema)
        with _translated():
            self._files = [_known(path, key, source.partition) for path in source.files]
        self._hands = ThreadPoolExecutor(_SIDE_BY_SIDE, "picker")

    def rows(
        self, key: int, columns: Sequence[str], *, within: Mapping[str, Collection[str]]
    ) -> pa.Table:
        """Return the rows of a key, in no order.

        Args:
            key: Which.
            columns: Those to return, in the types that the table declares.
            within: The values of partition columns to look into; of the others, all.

        Raises:
            Unavailable: A file cannot be read.
        """
        schema = pa.schema([self._schema.field(name) for name in columns])
        asked = [
            file
            for file in self._files
            if all(file.told[name] in values for name, values in within.items())
        ]
        look = partial(_rows, key=(self._key, key), schema=schema)
        with _translated():
            found = self._hands.map(look, asked) if asked[1:] else map(look, asked)
            return pa.concat_tables([schema.empty_table(), *chain.from_iterable(found)])

    def all_keys(self) -> Iterator[tuple[Mapping[str, str | None], _Numbers]]:
        """Yield what the path of each file tells, and the known keys in it, where there are any."""
        for file in self._files:
            with _translated(), _stored(file) as stored:
                keys = stored.read([self._key]).column(0).drop_null()
            if len(keys):
                yield file.told, keys.to_numpy()


def _known(path: str, key: str, partition: Sequence[str]) -> _File:
    footer = pq.read_metadata(path)
    groups = [footer.row_group(at) for at in range(footer.num_row_groups)]
    column = footer.schema.to_arrow_schema().get_field_index(key)
    first, last = np.array([_bounds(each.column(column)) for each in groups]).reshape(-1, 2).T
    folders = dict(part.split("=", 1) for part in Path(path).parts if "=" in part)
    told = {name: _spelt(folders[name]) for name in partition}
    return _File(path, told, footer, _coded(groups), first, last)


def _spelt(value: str) -> str | None:
    """Read a value out of a path."""
    return None if value == _NO_PARTITION else unquote(value)


def _coded(groups: Sequence[pq.RowGroupMetaData]) -> tuple[str, ...]:
    columns = [group.column(at) for group in groups[:1] for at in range(group.num_columns)]
    return tuple(
        each.path_in_schema
        for each in columns
        if each.has_dictionary_page and each.physical_type == "BYTE_ARRAY"
    )


def _bounds(column: pq.ColumnChunkMetaData) -> tuple[int, int]:
    """Return the smallest and the largest key; nothing is left out where they are not told."""
    known = column.statistics
    if known is None or not known.has_min_max:
        return -(2**63), 2**63 - 1
    return known.min, known.max


def _rows(file: _File, *, key: tuple[str, int], schema: pa.Schema) -> list[pa.Table]:
    """Read the column of the key first: most row groups, and most columns, are never decoded."""
    name, value = key
    groups = np.flatnonzero((file.first <= value) & (value <= file.last)).tolist()
    found = []
    with _stored(file) as stored:
        held = [each for each in schema.names if each in stored.schema_arrow.names]
        for group in groups:
            keys = stored.read_row_group(group, [name], use_threads=False).column(0)
            places = pc.indices_nonzero(pc.equal(keys, value))
            if len(places):
                rows = stored.read_row_group(group, held, use_threads=False).take(places)
                found.append(_shaped(rows, len(places), file, schema))
    return found


def _stored(file: _File) -> pq.ParquetFile:
    return pq.ParquetFile(
        file.path, metadata=file.footer, memory_map=True, read_dictionary=file.coded
    )


def _shaped(rows: pa.Table, count: int, file: _File, schema: pa.Schema) -> pa.Table:
    """Return rows as declared: a column that a file lacks is null, or stands in its path."""
    return pa.table(
        [
            rows[field.name].cast(field.type)
            if field.name in rows.column_names
            else pa.array([file.told.get(field.name)] * count, field.type)
            for field in schema
        ],
        schema=schema,
    )


@contextmanager
def _translated() -> Iterator[None]:
    """Say in our words that a file did not come."""
    try:
        yield
    except OSError as error:
        hint = "see whether the disk is full or the file is gone"
        raise Unavailable(f"a file of the lake could not be read: {error}", hint=hint) from error
