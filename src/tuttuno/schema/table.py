"""What a table is: its grain, its columns, and what a row of it means."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import ibis
import ibis.expr.datatypes as dt
import pyarrow as pa

from tuttuno.vocab import IdentifierType


class Personal(StrEnum):
    """How near a column is to a human being; it decides where the column may live."""

    NO = "no"  # says nothing about a person
    TRAIT = "trait"  # says something about a person, under a surrogate key: may be in the lake
    DIRECT = "direct"  # names or reaches a person: only ever in the vault


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its type as ibis spells it (`!` in front: never null), and its meaning.

    Attributes:
        spelling: An ibis type string, e.g. `"!string"`, `"decimal(14, 2)"`, `"timestamp(6)"`.
        doc: What the value means, in one sentence.
        unit: Unit of a quantity (`EUR` stands for the row's own currency); empty when none.
        personal: Whether it may be in the lake at all.
        words: The closed list it comes from; None when it is open.
        low: Smallest value that can be true, inclusive, in the text form of the type.
        high: Largest value that can be true, inclusive, in the text form of the type.
        identifier: The kind of identifier it carries, when it can tie records together.
        many: Several values with `|` between them.
    """

    spelling: str
    doc: str
    unit: str = ""
    personal: Personal = Personal.NO
    words: type[StrEnum] | None = None
    low: str | None = None
    high: str | None = None
    identifier: IdentifierType | None = None
    many: bool = False

    @property
    def required(self) -> bool:
        """True when the value may never be missing."""
        return self.spelling.startswith("!")

    @property
    def dtype(self) -> dt.DataType:
        """The ibis type."""
        return dt.dtype(self.spelling)


@dataclass(frozen=True, slots=True)
class Table:
    """A canonical table, declared once; readers, checks and the data dictionary derive from it.

    Attributes:
        name: One name everywhere.
        doc: What one row is.
        grain: The columns that identify a row; ingesting the same grain twice adds nothing.
        columns: In the order in which they are written.
        partition: Columns by which files are laid out; empty for small tables.
        order: Columns by which rows are sorted inside a file, so that look-ups skip most of it.
    """

    name: str
    doc: str
    grain: tuple[str, ...]
    columns: Mapping[str, Column]
    partition: tuple[str, ...] = ()
    order: tuple[str, ...] = field(default=())

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that may never be missing."""
        return tuple(name for name, column in self.columns.items() if column.required)

    @property
    def schema(self) -> ibis.Schema:
        """The table as ibis sees it, nullability included."""
        return ibis.schema({name: column.dtype for name, column in self.columns.items()})

    @property
    def arrow(self) -> pa.Schema:
        """The table as Arrow sees it."""
        return self.schema.to_pyarrow()

    @property
    def unbound(self) -> ibis.Table:
        """The table as an expression that any engine can run once it is bound by name."""
        return ibis.table(self.schema, name=self.name)
