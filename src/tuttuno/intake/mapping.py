"""What a foreign file means: which of its columns is which, and how its source writes.

A mapping is declared in `tuttuno.toml`; `intake.declared` reads it and shows an example. The
exchange format is a mapping too, the one that has nothing to explain.
"""

from collections.abc import Mapping as Words
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from tuttuno.intake.arrived import Documents
from tuttuno.schema.table import Table

#: Among the columns that are ignored: all of them.
ALL = "*"


class Money(StrEnum):
    """How a source writes amounts."""

    MAJOR = "major"  # 12.99
    MINOR = "minor"  # 1299
    TEXT = "text"  # "$12.99 ", "EUR 1.299,00", "(12.99)"


class NameWords(StrEnum):
    """Which words of a full name are meant."""

    FIRST = "first_word"
    REST = "other_words"
    LAST = "last_word"
    BUT_LAST = "before_last_word"


@dataclass(frozen=True, slots=True)
class Tax:
    """Whether amounts contain value added tax, and how much.

    Attributes:
        included: True where amounts must be freed of tax before they are `net`.
        rate: `0.22` for 22 %; None where a column tells.
        column: The column with the rate in per cent; empty where one rate holds for all.
    """

    included: bool = False
    rate: float | None = None
    column: str = ""


@dataclass(frozen=True, slots=True)
class Style:
    """How one source writes what no single value can tell.

    Attributes:
        encoding: As Python names it, e.g. `utf-8`, `cp1252`.
        delimiter: Between the columns of a CSV.
        quote: Around values that contain the delimiter.
        decimal: The sign before the cents.
        thousands: The sign between thousands; empty where there is none.
        dates: strptime patterns, tried in this order; empty means ISO 8601.
        timezone: IANA zone of all times without an offset; empty: the store's, else the
            project's.
        currency: Fills a missing currency; empty where the file tells.
        country: Of phone numbers and tax codes that do not say, where no store does; empty: the
            project's.
        money: Unit and dress of amounts.
        tax: Whether amounts contain tax.
        null: Further words that mean "nothing here"; the empty text always does.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    decimal: str = "."
    thousands: str = ""
    dates: tuple[str, ...] = ()
    timezone: str = ""
    currency: str = ""
    country: str = ""
    money: Money = Money.MAJOR
    tax: Tax = field(default_factory=Tax)
    null: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lookup:
    """A value that stands in another file of the same folder.

    Attributes:
        file: Its name.
        on: Our key column -> the column of the other file; its values must be unique there.
        take: The column to bring.
    """

    file: str
    on: Words[str, str]
    take: str


@dataclass(frozen=True, slots=True)
class Take:
    """Where the value of one target column comes from; the steps apply in this order.

    Attributes:
        column: One column of the file, or
        value: the same for every row, or
        join: several columns put together, unknown when one of them is, or
        lookup: a column of another file, or
        count: the number of the row among those of its file that agree in these columns, from
            1; for line numbers alone.
        sep: Between joined columns.
        null: Values that mean "nothing here", for this column alone.
        map: Word of the source -> our word; other words stay as they are, unless
        otherwise: stands for all of them.
        name: Which words of a full name are meant.
        missing: Stands where the source wrote nothing; None: unknown stays unknown.
        times: A column of numbers by which an amount is multiplied, e.g. the quantity.
        minus: A column whose amount is taken off, e.g. the discount; nothing there takes nothing.
        round: Whether an amount with more digits than are kept is rounded, half away from zero;
            else it is unread. What was multiplied or freed of tax always is.
        negative: Column -> values by which a row tells that the amount is a return.
        zero: Column -> values by which a row tells that it was cancelled: the amount is nought.
    """

    column: str = ""
    value: str | None = None
    join: tuple[str, ...] = ()
    lookup: Lookup | None = None
    count: tuple[str, ...] = ()
    sep: str = "-"
    null: tuple[str, ...] = ()
    map: Words[str, str] = field(default_factory=dict)
    otherwise: str | None = None
    name: NameWords | None = None
    missing: str | None = None
    times: str = ""
    minus: str = ""
    round: bool = False
    negative: Words[str, tuple[str, ...]] = field(default_factory=dict)
    zero: Words[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def columns(self) -> frozenset[str]:
        """Every column of the file that this value is made of."""
        keys = self.lookup.on if self.lookup else ()
        named = {self.column, self.times, self.minus, *self.join, *keys}
        return frozenset({*named, *self.count, *self.negative, *self.zero} - {""})


@dataclass(frozen=True, slots=True)
class FileMapping:
    """What the files of one name pattern hold.

    Attributes:
        pattern: Shell pattern of the file's name, e.g. `Sales*.csv`.
        table: The exchange table its rows belong to.
        columns: Target column -> where it comes from; None: the file's columns already have
            the names of the exchange format.
        style: How this file writes.
        skip: Column -> values by which a row tells that it is no record (a total, a dummy);
            such rows are counted as rejected.
        ignore: Columns that are deliberately not taken in, not even as extra attributes; `ALL`
            stands for every one that nothing else speaks of.
    """

    pattern: str
    table: Table
    columns: Words[str, Take] | None = None
    style: Style = field(default_factory=Style)
    skip: Words[str, tuple[str, ...]] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()

    def matches(self, file_name: str) -> bool:
        """True for a file of this kind; capital letters count."""
        return fnmatchcase(file_name, self.pattern)

    @property
    def counted(self) -> frozenset[str]:
        """Targets whose values are counted."""
        takes = {} if self.columns is None else self.columns
        return frozenset(target for target, take in takes.items() if take.count)

    @property
    def used(self) -> frozenset[str]:
        """Columns of the file that some target, rule or list speaks of."""
        takes = () if self.columns is None else self.columns.values()
        named = [take.columns for take in takes]
        tax = {self.style.tax.column} - {""}
        return frozenset().union(*named, self.skip, self.ignore, tax)


@dataclass(frozen=True, slots=True)
class Mapping:
    """All files of one source.

    Attributes:
        name: The source, and the word after `--as`.
        files: Tried in this order; the first pattern that matches a name decides.
        source: Fills the column `source` of every row; empty where the rows tell.
        documents: How files are read that hold documents instead of rows, each of which comes
            to rows of one or more tables; None where files hold the rows of one table.
    """

    name: str
    files: tuple[FileMapping, ...]
    source: str = ""
    documents: Documents | None = None

    def file_of(self, name: str, table: str) -> FileMapping | None:
        """Return what the rows of one table in a file mean; None where they mean nothing.

        Documents have rows of many tables; of other files the first pattern decides.
        """
        meant = [each for each in self.files if each.matches(name)]
        if self.documents is None:
            meant = meant[:1]
        return next((each for each in meant if each.table.name == table), None)
