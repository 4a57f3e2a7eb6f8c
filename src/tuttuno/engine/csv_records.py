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

import numpy as np

#: Bytes looked at together.
STRETCH = 1_048_576

#: No record may be longer than this; a value of 10 MB fits.
LONGEST = 33_554_432

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
        lenient = _field_pattern(delimiter, quote, lenient=True)
        self._field = re.compile(f"{re.escape(delimiter)}({lenient})".encode())
        more = f"{{{columns - 1}}}"
        self._strict = _record_pattern(strict, delimiter, more, end)
        self._lenient = _record_pattern(lenient, delimiter, more, end)
        self._any = _record_pattern(lenient, delimiter, "*", end)

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
                if isinstance(piece, Bad):
                    yield replace(piece, line=line)
                else:
                    yield piece
                line += data[piece.start : piece.end].count(self.stop)
                start = piece.end

    @classmethod
    def of_file(
        cls, data: mmap.mmap, delimiter: str, quote: str
    ) -> "tuple[Cutter, list[str], int] | None":
        """Read the header: a cutter for what follows, the header's fields, where it ends.

        The line end after the header is the file's. None when the header is no record.
        """
        start = 3 if data[:3] == b"\xef\xbb\xbf" else 0
        field = _field_pattern(delimiter, quote, lenient=True)
        pattern = _record_pattern(field, delimiter, "*", r"\r\n|\n|\r")
        match = pattern.match(data, start, min(len(data), start + LONGEST))
        if match is None or unreadable(match[1]):
            return None
        probe = cls(delimiter, quote, "\n", 1)
        names = probe.values(match[1])
        line_end = match[2].decode() or "\n"
        return cls(delimiter, quote, line_end, len(names)), names, match.end()

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

    def values(self, content: bytes) -> list[str]:
        """Return the fields of a well-formed record that is given without its line end."""
        return [
            self._value(each) for each in self._field.findall(self._delimiter.encode() + content)
        ]

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
        """Take one record after the other, and those together that are good as they are."""
        run = Good(start, start, 0, 0)
        while run.end < end:
            piece = self._record(data, run.end)
            if isinstance(piece, Good) and piece.clean is None:
                longest = max(run.longest, piece.longest)
                run = Good(run.start, piece.end, run.records + 1, longest)
                continue
            if run.records:
                yield run
            yield piece
            run = Good(piece.end, piece.end, 0, 0)
        if run.records:
            yield run

    def _record(self, data: mmap.mmap, start: int) -> Good | Bad | Blank:
        limit = min(len(data), start + LONGEST)
        match = strict = self._strict.match(data, start, limit)
        match = (
            match or self._lenient.match(data, start, limit) or self._any.match(data, start, limit)
        )
        if match and match.end() > start and not match[1]:
            return Blank(start, match.end())
        if match is None or match.end() == limit < len(data):
            end = data.find(self.stop, start) + 1 or len(data)
            return Bad(start, end, 0, TOO_LONG if end - start > LONGEST else OPEN_QUOTE)
        if reason := unreadable(match[1]):
            return Bad(start, match.end(), 0, reason)
        if strict and match[2] in {self._line_end, b""}:
            return Good(start, match.end(), 1, match.end() - start)
        values = self.values(match[1])
        if len(values) != self._columns:
            reason = f"{len(values)} columns where the header has {self._columns}"
            return Bad(start, match.end(), 0, reason)
        clean = self.clean(values)
        return Good(start, match.end(), 1, len(clean), clean)

    def _value(self, found: bytes) -> str:
        text = found.decode()
        if self._quote and text.startswith(self._quote):
            return text[1:-1].replace(self._quote * 2, self._quote)
        return text


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


def _field_pattern(delimiter: str, quote: str, *, lenient: bool) -> str:
    """Match a field; a lenient one may have quotes inside that it does not begin with."""
    d, q = re.escape(delimiter), re.escape(quote)
    if not quote:
        return rf"[^{d}\r\n]*"
    inside = "" if lenient else q
    # Unrolled, so that it does not try the same quotes again in another way when it fails.
    return rf"(?:{q}[^{q}]*(?:{q}{q}[^{q}]*)*{q}|[^{q}{d}\r\n][^{inside}{d}\r\n]*|)"


def _record_pattern(field: str, delimiter: str, times: str, end: str) -> re.Pattern[bytes]:
    text = rf"({field}(?:{re.escape(delimiter)}{field}){times})({end}|\Z)"
    return re.compile(text.encode())
