"""What a mart table is made of: declared columns, what it reads, and one expression."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass

import ibis

from tuttuno.errors import BadInput
from tuttuno.schema.table import Table

Define = Callable[..., ibis.Table]


class WrongShape(BadInput):
    """A model does not give what its table declares: a mistake in the model."""

    def __init__(self, table: str, missing: list[str], extra: list[str]) -> None:
        self.table = table
        self.missing = missing
        self.extra = extra
        super().__init__(
            f"the model of {table} lacks {missing} and has {extra} too many",
            hint="make its columns those of the declared table",
        )


@dataclass(frozen=True, slots=True)
class Model:
    """One table of the mart as a pure function of others; the same on every engine.

    Attributes:
        reads: Lineage and build order; the function's parameters carry the same names.
    """

    table: Table
    reads: tuple[Table, ...]
    define: Define

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name

    def of(self, **tables: ibis.Table) -> ibis.Table:
        """Return the rows with exactly the declared columns, types and order.

        Raises:
            WrongShape: When the columns are not those that the table declares.
        """
        made = self.define(**{table.name: tables[table.name] for table in self.reads})
        declared, found = list(self.table.columns), list(made.columns)
        if set(declared) != set(found):
            missing = [name for name in declared if name not in found]
            extra = [name for name in found if name not in declared]
            raise WrongShape(self.name, missing, extra)
        wanted = self.table.schema
        return made.select(
            **{
                name: made[name]
                if made[name].type().copy(nullable=True) == dtype.copy(nullable=True)
                else made[name].cast(dtype.copy(nullable=True))
                for name, dtype in wanted.items()
            }
        )


def model(*, table: Table, reads: tuple[Table, ...]) -> Callable[[Define], Model]:
    """Declare a function to be the model of a table; its parameters are what it reads."""

    def declare(define: Define) -> Model:
        named = list(inspect.signature(define).parameters)
        if named != [each.name for each in reads]:
            raise WrongShape(table.name, [each.name for each in reads], named)
        return Model(table=table, reads=reads, define=define)

    return declare


def repeated(table: Table, rows: ibis.Table) -> ibis.Table:
    """Return the keys that more than one row has: none, where the grain is kept."""
    counted = rows.group_by(*table.grain).agg(repeats=rows.count())
    return counted.filter(counted.repeats > 1)
