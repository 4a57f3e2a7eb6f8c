"""What a document of another system comes to: rows of our tables, or a word why there is none."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

#: Columns beside those of the source: where in the file the row stood, and why it is no record.
DOCUMENT, NO_RECORD = "document", "no_record"


@dataclass(frozen=True, slots=True)
class Row:
    """One row that a document comes to.

    Attributes:
        table: The exchange table it belongs to.
        values: Column -> what the source wrote, as text; null: nothing.
        document: The number of its document in the file, from 1; of JSONL, the line.
        no_record: Why it is no record of ours (a test order, a voided line); such a row counts
            as rejected. Empty for a record.
    """

    table: str
    values: Mapping[str, str | None]
    document: int
    no_record: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """A document that cannot be read; it goes into quarantine as it came.

    Attributes:
        reason: What is wrong with it.
        text: As it came, perhaps cut.
        document: Its number in the file, from 1.
    """

    reason: str
    text: str
    document: int


#: Reads one file that is plain text, with a folder for files of its own.
Read = Callable[[Path, Path], Iterator[Row | Broken]]


@dataclass(frozen=True, slots=True)
class Documents:
    """How files are read that hold documents instead of rows.

    Attributes:
        read: Makes rows of them.
        endings: Of the names of such files, without those of compression.
        refusals: Every `no_record` that its rows can have.
        extras: Table -> columns beyond those of the mapping, kept as extra attributes.
    """

    read: Read
    endings: tuple[str, ...]
    refusals: tuple[str, ...] = ()
    extras: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
