"""Files as they come, staged as Parquet: every column as text, every record accounted for."""

import contextlib
import mmap
import tempfile
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from tuttuno.engine import duckdb_sql as sql
from tuttuno.engine.csv_records import Bad, Cutter, Good, before_header
from tuttuno.engine.duckdb import DuckDBEngine
from tuttuno.engine.port import ParquetFiles
from tuttuno.engine.unpack import CHUNK, Limits, plain_text
from tuttuno.errors import BadInput

MOST_COLUMNS = 2_000

#: With more malformed lines than this the file is refused as a whole.
MOST_BAD_LINES = 100_000

#: Characters of a malformed line that are kept to be shown and mended.
SHOWN = 4_000

#: Bytes of a byte order mark, which the engine passes over by itself.
_MARK = 3

#: The column of the staged file that holds the position of a record, from 0.
ROW = "_row"


@dataclass(frozen=True, slots=True)
class CsvDialect:
    """How a CSV file is written.

    Attributes:
        delimiter: Between fields, one ASCII character.
        quote: Around fields, doubled inside them; empty: quotes mean nothing.
        encoding: As Python calls it; a byte order mark overrules it.
    """

    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"

    def __post_init__(self) -> None:
        for name, value in (("delimiter", self.delimiter), ("quote", self.quote)):
            fits = len(value) == 1 and value.isascii() and value not in "\r\n\0"
            if not fits and not (name == "quote" and not value):
                raise BadInput(f"{value!r} cannot be a {name}", hint="use one ASCII character")
        if self.delimiter == self.quote:
            raise BadInput("delimiter and quote are the same", hint="leave quote empty")


@dataclass(frozen=True, slots=True)
class BadLine:
    """A malformed line, which is in no staged file.

    Attributes:
        line: Number of the physical line, from 1, the header included.
        reason: What is wrong with it.
        text: The line; bytes that are no UTF-8 in hex, cut after `SHOWN` characters.
        row: Number of the record, from 1, the header not included.
    """

    line: int
    reason: str
    text: str
    row: int


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file as text columns, with its records in their order.

    Attributes:
        files: To be bound; columns as in the header, an empty field is null, and `_row`.
        columns: As in the header, surrounding blanks removed; a nameless one is `column_<n>`.
        rows: Records that were staged; with the malformed ones, all that were received.
        bad_lines: The malformed ones.
    """

    files: ParquetFiles
    columns: tuple[str, ...]
    rows: int
    bad_lines: tuple[BadLine, ...] = ()

    def row_of(self, position: int) -> int:
        """Return the number of a staged record in the file as it came, from 1."""
        bad = self.bad_lines
        before = bisect_right(range(len(bad)), position, key=lambda nth: bad[nth].row - 1 - nth)
        return position + before + 1


def stage_csv(
    engine: DuckDBEngine,
    path: Path,
    *,
    dialect: CsvDialect,
    to: Path,
    limits: Limits | None = None,
) -> StagedFile:
    """Stage a CSV file, packed with gzip or zstd or not; its first record is the header.

    Args:
        engine: Who reads the well-formed records.
        path: The file.
        dialect: How it is written.
        to: The Parquet file to write; a work folder lies beside it meanwhile.
        limits: How far a packed file may unfold.

    Raises:
        BadInput: It is no such file at all.
    """
    with _work_folder(to) as folder:
        work, clean, link = Path(folder, "unpacked"), Path(folder, "clean"), Path(folder, "csv")
        text = plain_text(path, dialect.encoding, work, limits or Limits())
        with _mapped(text, path) as data:
            found = Cutter.of_file(data, dialect.delimiter, dialect.quote)
            if found is None:
                hint = "declare its encoding, delimiter and quote"
                raise BadInput(f"the header of {path} cannot be read", hint=hint)
            cutter, header, start = found
            columns = _columns(header, path)
            sifted = _sift(data, cutter, start, _Clean(clean, cutter.clean(header)), path)
        link.symlink_to((clean if clean.exists() else text).absolute())
        query = sql.read_csv(
            str(link.absolute()), columns, dialect.delimiter, dialect.quote, sifted.longest
        )
        _stage(engine, query, to, path, expected=sifted.records)
    return StagedFile(_files(to, columns), columns, sifted.records, tuple(sifted.bad))


def stage_parquet(engine: DuckDBEngine, path: Path, *, to: Path) -> StagedFile:
    """Stage a Parquet file: its columns as text, as a CSV file would have them.

    Moments are written in UTC, days as `YYYY-MM-DD`, an empty text is null.

    Raises:
        BadInput: It is damaged, or has a column that is not a plain value.
    """
    try:
        schema, rows = pq.read_schema(path), pq.read_metadata(path).num_rows
    except (OSError, pa.ArrowException) as exc:
        raise BadInput(f"{path} is not a whole Parquet file: {exc}", hint="fetch it again") from exc
    columns = _columns(schema.names, path)
    strange = [f"{each.name} ({each.type})" for each in schema if not _is_plain(each.type)]
    if strange:
        hint = "write plain columns: text, numbers, days, moments, true or false"
        raise BadInput(f"{path} has columns of other kinds: {', '.join(strange)}", hint=hint)
    with _work_folder(to) as folder:
        link = Path(folder, "parquet")
        link.symlink_to(path.absolute())
        query = sql.read_as_text(str(link.absolute()), schema.names, columns)
        _stage(engine, query, to, path, expected=rows)
    return StagedFile(_files(to, columns), columns, rows)


@dataclass(slots=True)
class _Sifted:
    records: int = 0
    longest: int = 0
    bad: list[BadLine] = field(default_factory=list)


class _Clean:
    """A copy of the file without what must not be read; made when the first such is found."""

    def __init__(self, path: Path, header: bytes) -> None:
        self._path = path
        self._header = header
        self._out: BinaryIO | None = None

    def begin(self, data: mmap.mmap, start: int, end: int) -> None:
        """Begin with the records so far, if the copy has not begun."""
        if self._out is None:
            self._out = self._path.open("wb")
            self._out.write(self._header)
            for offset in range(start, end, CHUNK):
                self._out.write(data[offset : min(offset + CHUNK, end)])

    def add(self, data: mmap.mmap, piece: Good) -> None:
        """Add records, if the copy has begun."""
        if self._out is not None:
            self._out.write(data[piece.start : piece.end] if piece.clean is None else piece.clean)

    def end(self) -> None:
        """Close the copy, if it has begun."""
        if self._out is not None:
            self._out.close()


def _sift(data: mmap.mmap, cutter: Cutter, start: int, clean: _Clean, path: Path) -> _Sifted:
    """Separate the records that can be read from the lines that cannot."""
    sifted = _Sifted()
    line = data[:start].count(cutter.stop) + 1
    if before_header(data) > _MARK:
        clean.begin(data, start, start)
    try:
        for piece in cutter.pieces(data, start=start, line=line):
            if not isinstance(piece, Good) or piece.clean is not None:
                clean.begin(data, start, piece.start)
            if isinstance(piece, Good):
                clean.add(data, piece)
                sifted.records += piece.records
                sifted.longest = max(sifted.longest, piece.longest)
            elif isinstance(piece, Bad):
                sifted.bad.append(_bad_line(data, piece, sifted))
                _refuse_many(sifted, path)
    finally:
        clean.end()
    return sifted


def _bad_line(data: mmap.mmap, piece: Bad, sifted: _Sifted) -> BadLine:
    raw = data[piece.start : min(piece.end, piece.start + SHOWN)]
    return BadLine(
        line=piece.line,
        reason=piece.reason,
        text=raw.decode(errors="backslashreplace").rstrip("\r\n"),
        row=sifted.records + len(sifted.bad) + 1,
    )


def _refuse_many(sifted: _Sifted, path: Path) -> None:
    if len(sifted.bad) > MOST_BAD_LINES:
        first = sifted.bad[0]
        what = f"{path} has more than {MOST_BAD_LINES} malformed lines"
        hint = f"the first is line {first.line}: {first.reason}; are delimiter and quote right?"
        raise BadInput(what, hint=hint)


def _stage(engine: DuckDBEngine, query: str, to: Path, path: Path, *, expected: int) -> None:
    try:
        engine.execute(sql.copy_in_order(query, str(to.absolute())))
    except (duckdb.DataError, duckdb.ProgrammingError, duckdb.InternalError) as exc:
        said = str(exc).partition("\n")[0]
        raise BadInput(f"{path} cannot be read: {said}", hint="write it again") from exc
    rows = pq.read_metadata(to).num_rows
    if rows != expected:
        what = f"{path} has {expected} records, and {rows} were read"
        raise BadInput(what, hint="please report this file; nothing was taken in")


def _files(to: Path, columns: Sequence[str]) -> ParquetFiles:
    schema = ibis.schema(dict.fromkeys(columns, "string"))
    return ParquetFiles((str(to.absolute()),), schema, row_column=ROW)


def _columns(header: Sequence[str], path: Path) -> tuple[str, ...]:
    """Name the columns, or refuse the header."""
    if not any(name.strip() for name in header):
        raise BadInput(f"the first line of {path} is blank", hint="it must name the columns")
    if len(header) > MOST_COLUMNS:
        raise BadInput(f"{path} has {len(header)} columns", hint=f"at most {MOST_COLUMNS}")
    names = tuple(name.strip() or f"column_{nth}" for nth, name in enumerate(header, 1))
    counts = Counter(name.casefold() for name in (*names, ROW))
    twice = sorted({name for name in names if counts[name.casefold()] > 1})
    if twice:
        hint = "give each column a name of its own; capitals make no difference"
        raise BadInput(f"{path} names columns twice: {', '.join(twice)}", hint=hint)
    return names


def _is_plain(dtype: pa.DataType) -> bool:
    if pa.types.is_dictionary(dtype):
        return _is_plain(dtype.value_type)
    return any(
        is_kind(dtype)
        for is_kind in (
            pa.types.is_boolean,
            pa.types.is_date,
            pa.types.is_decimal,
            pa.types.is_floating,
            pa.types.is_integer,
            pa.types.is_large_string,
            pa.types.is_null,
            pa.types.is_string,
            pa.types.is_timestamp,
        )
    )


@contextlib.contextmanager
def _mapped(text: Path, path: Path) -> Iterator[mmap.mmap]:
    """Map a file, called `path` by the user, into memory without reading it."""
    if not text.stat().st_size:
        raise BadInput(f"{path} is empty", hint="not even a header is there")
    with text.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield data


def _work_folder(to: Path) -> tempfile.TemporaryDirectory[str]:
    """Make a folder of our own beside the file to write.

    The engine reads through links in it: it would take `*` in a name for a pattern, and a
    suffix for a packing.
    """
    to.parent.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(prefix="staging-", dir=to.parent)
