"""An engine for several studies: what one has asked of the release, another does not ask again."""

from collections.abc import Collection, Mapping
from typing import Any, cast

import ibis
import pyarrow as pa
from ibis.expr.operations import Relation, UnboundTable

from tuttuno.engine.port import Engine

#: Rows of an answer that is remembered; longer ones are about persons, and no other asks for them.
MOST = 10_000


def asked_once(engine: Engine, lasting: Collection[str]) -> Engine:
    """Return the engine, with a memory for what it was asked; for one thread and one release.

    Args:
        engine: Who answers.
        lasting: Names of the tables of the release. What is asked of any other is asked every
            time, because names of what is kept for a while recur.
    """
    return cast(Engine, _Remembering(engine, frozenset(lasting)))


class _Remembering:
    """All that an engine does; `run` remembers."""

    def __init__(self, engine: Engine, lasting: frozenset[str]) -> None:
        self._engine = engine
        self._lasting = lasting
        self._found: dict[Relation, pa.Table] = {}

    def __getattr__(self, name: str) -> Any:
        """Leave everything else to the engine."""
        return getattr(self._engine, name)

    def run(self, expr: ibis.Table, values: Mapping[ibis.Scalar, Any] | None = None) -> pa.Table:
        """Evaluate and bring all rows here, or return what was found before."""
        asked = expr.op()
        if asked in self._found:
            return self._found[asked]
        found = self._engine.run(expr, values)
        read = {table.name for table in asked.find(UnboundTable)}
        if values is None and read <= self._lasting and found.num_rows <= MOST:
            self._found[asked] = found
        return found
