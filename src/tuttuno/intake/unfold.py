"""Documents laid out as rows, one sheet for each table, so that they go the way of all files.

What was received of a document is what it comes to: each row is counted in the table it belongs
to. A document that comes to nothing is one row that is no record, and counts as rejected; one that
cannot be read counts in the first table of its source, and goes into quarantine.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from tuttuno.engine.port import ParquetFiles
from tuttuno.engine.unpack import Limits, plain_text
from tuttuno.errors import BadInput
from tuttuno.intake.arrived import DOCUMENT, NO_RECORD, Broken, Documents, Row
from tuttuno.intake.files import Found
from tuttuno.intake.mapping import FileMapping
from tuttuno.intake.staged import Part, Unreadable
from tuttuno.intake.staging import POSITION

#: With more broken documents than this the file is refused as a whole.
MOST_BROKEN = 100_000

#: Rows kept in memory before they are written.
_CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of one table that a file holds.

    Attributes:
        found: The file, as one of this table.
        path: Where they lie, as Parquet.
        columns: In their order.
        count: Rows.
        unreadable: Documents that could not be read, numbered like rows.
        refused: Why rows are no records -> how many.
    """

    found: Found
    path: Path
    columns: tuple[str, ...]
    count: int
    unreadable: tuple[Unreadable, ...] = ()
    refused: Mapping[str, int] = field(default_factory=dict)

    def part(self, batch: int, digest: str) -> Part:
        """Return it as a file that is laid out, under the name of its batch."""
        place = self.path.rename(self.path.with_name(f"{batch}.parquet"))
        schema = ibis.Schema.from_pyarrow(pa.schema([(name, pa.string()) for name in self.columns]))
        files = ParquetFiles((str(place.absolute()),), schema, row_column=POSITION)
        columns = {name: name for name in self.columns}
        return Part(
            self.found, batch, digest, files, columns, self.count, self.unreadable,
            refused=self.refused,
        )  # fmt: skip


def unfold(
    found: Found, sheets: Mapping[str, FileMapping], documents: Documents, folder: Path
) -> list[Sheet]:
    """Lay the documents of one file out.

    Args:
        found: The file; its table is the one in which broken documents are counted.
        sheets: Table -> what its rows mean.
        documents: How the file is read.
        folder: Where the rows are laid.

    Returns:
        A sheet for each table that has rows; an empty one of the first where none has.

    Raises:
        BadInput: The file as a whole cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = plain_text(found.path, found.file.style.encoding, folder / "unpacked", Limits())
    main = _Pen(found, folder, documents)
    pens = {found.file.table.name: main}
    for each in documents.read(text, folder):
        if isinstance(each, Broken):
            main.broken(each)
        else:
            if each.table not in pens:
                pens[each.table] = _Pen(Found(found.path, sheets[each.table]), folder, documents)
            pens[each.table].write(each)
    if main.unreadable and len(pens) == 1 and not main.count:
        first = main.unreadable[0]
        raise BadInput(f"no record of {found.path} can be read: {first.reason}")
    written = [pen for pen in pens.values() if pen.count or pen.unreadable]
    return [pen.close() for pen in written or [main]]


def sheet_columns(file: FileMapping, documents: Documents) -> tuple[str, ...]:
    """Return the columns of a sheet: what the mapping speaks of, and what is kept beside."""
    extras = documents.extras.get(file.table.name, ())
    return tuple(sorted({*file.used, *extras, DOCUMENT, NO_RECORD}))


def one_sheet_each(files: Iterable[FileMapping]) -> dict[str, FileMapping]:
    """Return the mappings of a source by their table."""
    return {file.table.name: file for file in files}


@dataclass(slots=True)
class _Pen:
    """Writes the rows of one table."""

    found: Found
    folder: Path
    documents: Documents
    count: int = 0
    unreadable: list[Unreadable] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    columns: tuple[str, ...] = ()
    _waiting: list[Row] = field(default_factory=list)
    _out: pq.ParquetWriter | None = None

    def __post_init__(self) -> None:
        self.columns = sheet_columns(self.found.file, self.documents)

    @property
    def path(self) -> Path:
        return self.folder / f"{self.found.file.table.name}.parquet"

    def write(self, row: Row) -> None:
        self._waiting.append(row)
        self.count += 1
        if row.no_record:
            self.refused[row.no_record] += 1
        if len(self._waiting) == _CHUNK:
            self._flush()

    def broken(self, one: Broken) -> None:
        if len(self.unreadable) == MOST_BROKEN:
            hint = f"the first: {self.unreadable[0].reason}"
            what = f"{self.found.path} has more than {MOST_BROKEN} documents that cannot be read"
            raise BadInput(what, hint=hint)
        number = self.count + len(self.unreadable) + 1
        reason = f"document {one.document} {one.reason}"
        self.unreadable.append(Unreadable(number, reason, one.text))

    def close(self) -> Sheet:
        self._flush()
        if self._out is not None:
            self._out.close()
        return Sheet(
            self.found, self.path, self.columns, self.count, tuple(self.unreadable),
            refused=self.refused,
        )  # fmt: skip

    def _flush(self) -> None:
        schema = pa.schema([(name, pa.string()) for name in self.columns])
        if self._out is None:
            self._out = pq.ParquetWriter(self.path, schema)
        arrays = [pa.array(list(self._column(name)), pa.string()) for name in self.columns]
        self._out.write_table(pa.Table.from_arrays(arrays, schema=schema))
        self._waiting.clear()

    def _column(self, name: str) -> Iterator[str | None]:
        if name == DOCUMENT:
            return (str(row.document) for row in self._waiting)
        if name == NO_RECORD:
            return (row.no_record or None for row in self._waiting)
        return (row.values.get(name) for row in self._waiting)
