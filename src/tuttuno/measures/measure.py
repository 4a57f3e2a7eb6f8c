"""What a measure is: a number with a name, a definition, a denominator and a source."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import ibis
import pyarrow as pa

from tuttuno.measures.answer import AnswerColumn, Value
from tuttuno.measures.ask import View
from tuttuno.measures.dimensions import Dimension, Filter

#: The rows of each query of a measure, by the query's name.
Results = Mapping[str, pa.Table]


@dataclass(frozen=True, slots=True)
class Question:
    """An ask with everything resolved: days, dimensions, parameters, tables.

    Attributes:
        since: First day that counts.
        until: First day that no longer counts.
        first_sale: Day of the first sale in the release, whatever the window.
        last_sale: Day of the last one.
        tables: The mart and the canonical tables, by name.
        params: Value of each parameter that the measure declared, by its name.
        scratch: Begins the names of tables that only this question keeps.
    """

    since: date
    until: date
    first_sale: date
    last_sale: date
    tables: Mapping[str, ibis.Table]
    by: tuple[Dimension, ...] = ()
    where: tuple[Filter, ...] = ()
    view: View = "demand"
    params: Mapping[str, float] = field(default_factory=dict)
    scratch: str = "scratch"

    def shared(self, name: str, rows: ibis.Table) -> tuple[str, ibis.Table]:
        """Return the name under which rows are kept for this question, and how to read them."""
        own = f"{self.scratch}_{name}"
        return own, ibis.table(rows.schema(), name=own)

    @property
    def keys(self) -> tuple[str, ...]:
        """Names of the columns that carry the split, as the facts spell them."""
        return tuple(dimension.column for dimension in self.by)

    @property
    def everything(self) -> bool:
        """True when the window holds every sale there is."""
        return self.since <= self.first_sale and self.until > self.last_sale


@dataclass(frozen=True, slots=True)
class Found:
    """Rows and what must be said about them.

    Attributes:
        without: Columns of the measure that this project has no data for; they are left out.
    """

    rows: list[dict[str, Value]]
    notes: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Steps:
    """Queries that share work: what is evaluated once, then what is asked of it.

    Attributes:
        kept: Expression of each shared table by its name, made by `Question.shared`; a later
            one may read an earlier one.
        asked: The queries whose rows `finish` gets.
    """

    kept: Mapping[str, ibis.Table]
    asked: Mapping[str, ibis.Table]


#: The queries of a measure; pure, so that any engine may run them.
Define = Callable[[Question], ibis.Table | Mapping[str, ibis.Table] | Steps]

#: From what the engine found to the rows of the answer; pure, on small tables.
Finish = Callable[[Question, Results], Found]


def as_found(_question: Question, results: Results) -> Found:
    """Take the rows as the engine found them."""
    return Found(results["rows"].to_pylist())


@dataclass(frozen=True, slots=True)
class Measure:
    """A number with a name, and everything a meeting may ask about it.

    Attributes:
        label: The heading.
        unit: Unit of the leading number; empty for a table of several.
        denominator: Of what a share is a share.
        source: Where the definition comes from.
        columns: Those of the answer, without the dimensions of the split.
        define: The queries; its name is the measure's name, its docstring the definition.
        finish: What is left to do on small tables.
        params: Names of the parameters it depends on.
        without: Dimensions it cannot be split by.
        notes: What is true of every answer and easily forgotten.
    """

    label: str
    unit: str
    denominator: str
    source: str
    columns: tuple[AnswerColumn, ...]
    define: Define
    finish: Finish = as_found
    params: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """One name everywhere: function, CLI word, address and heading."""
        return str(getattr(self.define, "__name__", ""))

    @property
    def definition(self) -> str:
        """What counts, what nothing looks like, which values are possible."""
        return inspect.cleandoc(self.define.__doc__ or "")
