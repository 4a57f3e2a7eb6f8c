"""Questions that are asked one after the other: what they have in common is found once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import ibis
import pyarrow as pa
from ibis.expr.operations import Relation

from tuttuno.engine.port import Engine
from tuttuno.measures.measure import Results, Steps


@dataclass(slots=True)
class Together:
    """Asks an engine, and remembers what the next question may need as well.

    One thread, one release: what is remembered is known by its expression, which names tables
    and does not hold them. `forget` ends it.
    """

    engine: Engine
    _found: dict[Relation, pa.Table] = field(default_factory=dict)
    _kept: dict[str, Relation] = field(default_factory=dict)

    def once(self, query: ibis.Table) -> pa.Table:
        """Return the rows of a small query, asked at the first time only."""
        if query.op() not in self._found:
            self._found[query.op()] = self.engine.run(query)
        return self._found[query.op()]

    def run(self, asked: Steps, seen: Mapping[Relation, pa.Table]) -> Results:
        """Run the queries of a measure; what has been seen already is not asked again.

        What it has in common with others stays until one of them has something else of that
        name; everything else that it keeps is gone at its end.
        """
        found = dict(seen)
        try:
            for name, rows in asked.kept.items():
                self._keep(name, rows)
            for query in asked.asked.values():
                if query.op() not in found:
                    found[query.op()] = self.engine.run(query)
        finally:
            self._drop([name for name in asked.kept if name not in asked.common])
        return {name: found[query.op()] for name, query in asked.asked.items()}

    def forget(self) -> None:
        """Give back everything."""
        self._found.clear()
        self._drop(tuple(self._kept))

    def _keep(self, name: str, rows: ibis.Table) -> None:
        if self._kept.get(name) != rows.op():
            self._kept.pop(name, None)
            self.engine.keep(name, rows)
            self._kept[name] = rows.op()

    def _drop(self, names: Iterable[str]) -> None:
        for name in names:
            self._kept.pop(name, None)
            self.engine.drop(name)
