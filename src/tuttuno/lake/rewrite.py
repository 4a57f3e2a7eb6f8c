"""Copy on write: which files hold the rows in question, and what remains of them."""

import contextlib
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence

import ibis
from ibis.expr.types import BooleanValue

from tuttuno.engine.port import Engine
from tuttuno.errors import BadInput
from tuttuno.lake.log import StoredFile
from tuttuno.schema.table import Table

#: The column in which an engine tells the file of a row.
FILE = "_file"


@contextlib.contextmanager
def scratch_names(engine: Engine) -> Iterator[Callable[[str], str]]:
    """Lend names that nobody else has; what is bound to them is dropped at the end."""
    run = uuid.uuid4().hex
    lent: list[str] = []

    def name(of: str) -> str:
        lent.append(f"{of}_{run}")
        return lent[-1]

    try:
        yield name
    finally:
        for each in lent:
            engine.drop(each)


def kept(engine: Engine, table: Table, name: str, rows: ibis.Table) -> ibis.Table:
    """Evaluate rows once, under the table's declared types; casts do not make them required."""
    engine.keep(name, rows)
    return ibis.table(table.schema, name=name)


def matching(old: ibis.Table, new: ibis.Table, grain: Sequence[str]) -> ibis.Table:
    """Return the old rows that have a new one of the same grain."""
    return old.semi_join(new, same_grain(old, new, grain))


def same_grain(left: ibis.Table, right: ibis.Table, grain: Sequence[str]) -> list[BooleanValue]:
    """Compare by grain; in a column that may be null, null is a value like another."""
    return [
        left[name].identical_to(right[name])
        if left[name].type().nullable
        else left[name] == right[name]
        for name in grain
    ]


def touched(
    engine: Engine, files: Sequence[StoredFile], rows: ibis.Table
) -> Mapping[StoredFile, int]:
    """Count, for each file that holds any of the rows, how many it holds."""
    found = engine.run(rows.group_by(FILE).agg(rows=rows.count())).to_pylist()
    counts = {row[FILE]: row["rows"] for row in found}
    return {file: counts[file.name] for file in files if file.name in counts}


def unique(engine: Engine, table: Table, rows: ibis.Table) -> ibis.Table:
    """Return the rows, or refuse two of one grain: which of them to keep is not ours to say."""
    grain = ", ".join(table.grain)
    counted = rows.group_by(list(table.grain)).agg(rows=rows.count())
    twice = engine.run(counted.filter(counted["rows"] > 1).agg(groups=lambda t: t.count()))
    groups = twice["groups"][0].as_py()
    if groups:
        what = f"rows for table {table.name} have {groups} values of {grain} more than once"
        raise BadInput(what, hint="keep one row of each")
    return rows
