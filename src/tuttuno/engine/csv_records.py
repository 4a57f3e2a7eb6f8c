"""Where the records of a CSV file begin and end, and which of them are malformed.

Stretches without quotes are checked all at once; others record by record. What is malformed is
given up one physical line at a time, so that an open quote costs one line and not the rest of
the file.
"""

import csv
import io
import mmap
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

#: Bytes looked at together.
STRETCH = 1_048_576

#: No record may be longer than this; a value of 10 MB fits.
LONGEST = 16_777_216

#: A line with more fields than this is not taken apart.
MOST_COLUMNS = 10_000

#: What may stand before the header; the second line tells Excel the delimiter.
_EXCEL = re.compile(rb'(?:\xef\xbb\xbf)?(?:"?sep=[^\r\n"]"?(?:\r\n|\n|\r))?')

OPEN_QUOTE = "a quote that is not closed, or text after a closing one"
TOO_LONG = f"longer than {LONGEST // 1_048_576} MB"


@dataclass(frozen=True, slots=True)
class Good:
    """Well-formed records one after the other.

    Attributes:
        start: Offset of the first in the file.
        end: Offset after the last and its line end.
        records: How many.
        longest: No record has more bytes than this.
        clean: Their bytes in a spelling that no reader disputes; None: as in the file.
    """

    start: int
    end: int
    records: int
    longest: int
    clean: bytes | None = None


@dataclass(frozen=True, slots=True)
class Bad:
    """A malformed line; `line` is the number of the physical line, from 1."""

    start: int
    end: int
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Blank:
    """A line with nothing in it, which is no record."""

    start: int
    end: int


class Cutter:
    r"""Cuts a file of one layout into pieces.

    Args:
        delimiter: Between two fields, one ASCII character.
        quote: Around a field; empty: quotes mean nothing.
        line_end: `"\n"`, `"\r\n"` or `"\r"`; LF and CRLF are read beside each other.
        columns: Fields of a well-formed record.

    Attributes:
        stop: The byte that ends a line.
    """

    def __init__(self, delimiter: str, quote: str, line_end: str, columns: int) -> None:
        self._delimiter = delimiter
        self._quote = quote
        self._line_end = line_end.encode()
        self._columns = columns
        self.stop = self._line_end[-1:]
        end = r"\r(?!\n)" if line_end == "\r" else r"\r?\n"
        strict = _field_pattern(delimiter, quote, lenient=False)
        others = f"(?:{re.escape(delimiter)}{strict}){{{columns - 1}}}"
        self._strict = re.compile(f"({strict}{others})({end}|\\Z)".encode())
        self._lenient = re.compile(_field_pattern(delimiter, quote, lenient=True).encode())
        self._ending = re.compile(f"{end}|\\Z".encode())

    @classmethod
    def of_file(
        cls, data: mmap.mmap, delimiter: str, quote: str
    ) -> "tuple[Cutter, list[str], int] | None":
        """Read the header: a cutter for what follows, the header's fields, where it ends.

        The line end after the header is the file's. None when the header is no record.
        """
        start = before_header(data)
        probe = cls(delimiter, quote, "\n", 1)
        walked = probe._walk(data, start)
        ending = walked and re.compile(rb"\r\n|\n|\r|\Z").match(data, walked[1])
        if walked is None or ending is None or unreadable(data[start : walked[1]]):
            return None
        names = [probe._value(each) for each in walked[0]]
        line_end = ending[0].decode() or "\n"
        return cls(delimiter, quote, line_end, len(names)), names, ending.end()

    def pieces(self, data: mmap.mmap, *, start: int, line: int) -> Iterator[Good | Bad | Blank]:
        """Cut what follows the header, in order and without a gap.

        Args:
            data: The whole file.
            start: Offset of the first record.
            line: Number of the line that it is in.
        """
        while start < len(data):
            end = data.rfind(self.stop, start, start + STRETCH) + 1 or len(data)
            plain = self._plain(data[start:end], start) if end - start <= STRETCH else None
            for piece in (plain,) if plain else self._closely(data, start, end):
                yield replace(piece, line=line) if isinstance(piece, Bad) else piece
                line += data[piece.start : piece.end].count(self.stop)
                start = piece.end

    def clean(self, values: Sequence[str]) -> bytes:
        """Spell a record so that no reader disputes it."""
        text = io.StringIO()
        csv.writer(
            text,
            delimiter=self._delimiter,
            quotechar=self._quote or '"',
            quoting=csv.QUOTE_ALL if self._quote else csv.QUOTE_NONE,
            lineterminator=self._line_end.decode(),
        ).writerow(values)
        return text.getvalue().encode()

    def _plain(self, chunk: bytes, start: int) -> Good | None:
        """Take many lines at once, if each is a record without quotes or other surprises."""
        quoted = self._quote and self._quote.encode() in chunk
        ends = chunk.count(self._line_end) * len(self._line_end)
        if quoted or chunk.count(b"\r") + chunk.count(b"\n") != ends or unreadable(chunk):
            return None
        codes = np.frombuffer(chunk, np.uint8)
        marks = np.flatnonzero((codes == self.stop[0]) | (codes == ord(self._delimiter)))
        stops = codes[marks] == self.stop[0]
        expected = np.zeros(len(marks), bool)
        expected[self._columns - 1 :: self._columns] = True
        if not len(marks) or not np.array_equal(stops, expected) or not chunk.endswith(self.stop):
            return None
        lengths = np.diff(marks[stops], prepend=-1)
        if lengths.min() == len(self._line_end):
            return None  # a blank line
        return Good(start, start + len(chunk), len(lengths), int(lengths.max()))

    def _closely(self, data: mmap.mmap, start: int, end: int) -> Iterator[Good | Bad | Blank]:
        """Take one record after the other, those together that are good as they are."""
        while start < end:
            ends = self._run(data, start, end)
            if not ends:
                ends = [(piece := self._odd(data, start)).end]
                yield piece
            elif unreadable(data[start : ends[-1]]):
                yield from _told_apart(data, [start, *ends])
            else:
                longest = max(map(int.__sub__, ends, [start, *ends]))
                yield Good(start, ends[-1], len(ends), longest)
            start = ends[-1]

    def _run(self, data: mmap.mmap, start: int, end: int) -> list[int]:
        """Return where records end that need no change, as many as there are in a row."""
        ends: list[int] = []
        match, size, as_is = self._strict.match, len(data), {self._line_end, b""}
        while start < end:
            found = match(data, start, min(size, start + LONGEST))
            if found is None or found[2] not in as_is or found.end(1) == start:
                break
            start = found.end()
            if start < size and not found[2]:
                break  # it stops where the longest record would
            ends.append(start)
        return ends

    def _odd(self, data: mmap.mmap, start: int) -> Good | Bad | Blank:
        """Read a record that is malformed, or blank, or must be spelt in another way."""
        walked = self._walk(data, start)
        line_end = walked and self._ending.match(data, walked[1])
        if walked is None or line_end is None:
            end = data.find(self.stop, start) + 1 or len(data)
            return Bad(start, end, 0, self._why(data, start, end))
        values, stop = walked
        if stop == start:
            return Blank(start, line_end.end())
        reason = unreadable(data[start:stop])
        if not reason and len(values) != self._columns:
            reason = f"{len(values)} columns where the header has {self._columns}"
        if reason:
            return Bad(start, line_end.end(), 0, reason)
        clean = self.clean([self._value(each) for each in values])
        return Good(start, line_end.end(), 1, len(clean), clean)

    def _walk(self, data: mmap.mmap, start: int) -> tuple[list[bytes], int] | None:
        """Return the fields of one record and where they end; None when it has no end.

        A quote inside a field that does not begin with one is a character like any other.
        """
        limit = min(len(data), start + LONGEST)
        found = self._lenient.match(data, start, limit)
        values: list[bytes] = []
        while found and len(values) <= MOST_COLUMNS:
            values.append(found[0])
            start = found.end()
            if start == limit < len(data):
                return None
            if data[start : start + 1] != self._delimiter.encode():
                return values, start
            found = self._lenient.match(data, start + 1, limit)
        return None

    def _why(self, data: mmap.mmap, start: int, end: int) -> str:
        if end - start > LONGEST:
            return TOO_LONG
        quoted = self._quote and data.find(self._quote.encode(), start, end) >= 0
        return OPEN_QUOTE if quoted else "a line end that is not the file's"

    def _value(self, found: bytes) -> str:
        text = found.decode()
        if self._quote and text.startswith(self._quote):
            return text[1:-1].replace(self._quote * 2, self._quote)
        return text


def before_header(data: mmap.mmap) -> int:
    """Return where the header begins: behind a byte order mark and Excel's `sep=;`."""
    told = _EXCEL.match(data)
    return told.end() if told else 0


def unreadable(content: bytes) -> str:
    """Say why bytes are no text; empty when they are."""
    if b"\0" in content:
        return "a NUL byte"
    if content.isascii():
        return ""
    try:
        content.decode()
    except UnicodeDecodeError as exc:
        return f"byte 0x{content[exc.start]:02X} is not UTF-8"
    return ""


def _told_apart(data: mmap.mmap, ends: list[int]) -> Iterator[Good | Bad]:
    """Find the records that are no text among some that are."""
    for start, end in pairwise(ends):
        reason = unreadable(data[start:end])
        yield Bad(start, end, 0, reason) if reason else Good(start, end, 1, end - start)


def _field_pattern(delimiter: str, quote: str, *, lenient: bool) -> str:
    """Match a field; a lenient one may have quotes inside that it does not begin with.

    Everything is possessive: what is read once is never read in another way, so that neither
    time nor memory grows with the number of quotes in a hostile field.
    """
    d, q = re.escape(delimiter), re.escape(quote)
    if not quote:
        return rf"[^{d}\r\n]*+"
    inside = "" if lenient else q
    return rf"(?:{q}[^{q}]*+(?:{q}{q}[^{q}]*+)*+{q}|[^{q}{d}\r\n][^{inside}{d}\r\n]*+|)"
