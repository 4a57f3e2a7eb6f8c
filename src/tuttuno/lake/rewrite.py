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


def same_grain(left: ibis.Table, right: ibis.Table, table: Table) -> list[BooleanValue]:
    """Compare by grain; in a column that may be null, null is a value like another."""
    return [
        left[name] == right[name]
        if name in table.required
        else left[name].identical_to(right[name])
        for name in table.grain
    ]


def touched(
    engine: Engine, files: Sequence[StoredFile], rows: ibis.Table
) -> Mapping[StoredFile, int]:
    """Count, for each file that holds any of the rows, how many it holds."""
    found = engine.run(rows.group_by(FILE).agg(rows=rows.count())).to_pylist()
    counts = {row[FILE]: row["rows"] for row in found}
    return {file: counts[file.name] for file in files if file.name in counts}


def refuse_twins(engine: Engine, table: Table, rows: ibis.Table) -> None:
    """Refuse two rows of one grain: which of them to keep is not ours to say."""
    grain = ", ".join(table.grain)
    counted = rows.group_by(list(table.grain)).agg(rows=rows.count())
    twice = engine.run(counted.filter(counted["rows"] > 1).agg(groups=lambda t: t.count()))
    groups = twice["groups"][0].as_py()
    if groups:
        what = f"rows for table {table.name} have {groups} values of {grain} more than once"
        raise BadInput(what, hint="keep one row of each")
