"""The weights of likeness: what the last full identity run estimated."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault.bulk import insert_rows
from tuttuno.vault.quick import quick
from tuttuno.vault.tables import LIKENESS_MODEL, RUN

_Read = TypeVar("_Read")

_LAST: Final = sa.select(LIKENESS_MODEL.c.model).order_by(LIKENESS_MODEL.c.run_no.desc()).limit(1)

_MARK: Final = (
    sa.select(LIKENESS_MODEL.c.run_no, RUN.c.at)
    .join(RUN, RUN.c.run_no == LIKENESS_MODEL.c.run_no)
    .order_by(LIKENESS_MODEL.c.run_no.desc())
    .limit(1)
)


def keep_model(con: Connection, run: int, model: str) -> None:
    """Keep the model of a run, in place of the one before; an equal one stays where it is.

    Args:
        con: Inside a transaction.
        run: The identity run that estimated it.
        model: JSON text.
    """
    if last_model(con) == model:
        return
    con.execute(sa.delete(LIKENESS_MODEL))
    insert_rows(con, LIKENESS_MODEL, pa.table({"run_no": [run], "model": [model]}))


def last_model(con: Connection) -> str | None:
    """Return the model that runs weigh by; None before the first full run."""
    with quick(con) as sent:
        row = sent.row(_LAST)
    return None if row is None else str(row[0])


def model_read(con: Connection, read: Callable[[str], _Read]) -> _Read | None:
    """Return what a function makes of the last model; None before the first full run.

    A connection remembers it until another run has kept another model, because reading half a
    megabyte takes longer than all else that one record needs.
    """
    with quick(con) as sent:
        mark = sent.row(_MARK)
    if mark is None:
        return None
    info: dict[Any, Any] | None = con.connection.record_info
    known = {} if info is None else info  # an empty one is kept as well
    if (held := known.get(read)) is None or held[0] != tuple(mark):
        held = known[read] = (tuple(mark), read(last_model(con) or ""))
    found: _Read = held[1]
    return found
