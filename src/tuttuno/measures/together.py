"""Questions that are asked one after the other: what they have in common is found once."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from uuid import uuid4

import ibis
import pyarrow as pa
from ibis.expr.operations import Aggregate, Relation

from tuttuno.engine.port import Engine
from tuttuno.measures.measure import Results, Steps


@dataclass(slots=True)
class Together:
    """Asks an engine, and remembers what the next question may need as well.

    One thread, one release: what is remembered is known by its expression, which names tables
    and does not hold them. `forget` ends it.

    Attributes:
        shared: What the questions gather alike, from `alike`: kept from the first that needs it.
    """

    engine: Engine
    shared: Collection[Relation] = ()
    _found: dict[Relation, pa.Table] = field(default_factory=dict)
    _kept: dict[Relation, Relation] = field(default_factory=dict)
    _scratch: str = field(default_factory=lambda: f"alike_{uuid4().hex}")

    def once(self, query: ibis.Table) -> pa.Table:
        """Return the rows of a small query, asked at the first time only."""
        if query.op() not in self._found:
            self._found[query.op()] = self.engine.run(query)
        return self._found[query.op()]

    def run(self, asked: Steps, seen: Mapping[Relation, pa.Table]) -> Results:
        """Run the queries of a measure; what has been seen already is not asked again.

        What it gathers as others do stays; everything else that it keeps is gone at its end.
        """
        found = dict(seen)
        try:
            for name, rows in asked.kept.items():
                self.engine.keep(name, self._shortened(rows.op()))
            for query in asked.asked.values():
                if query.op() not in found:
                    found[query.op()] = self.engine.run(self._shortened(query.op()))
        finally:
            self._drop(asked.kept)
        return {name: found[query.op()] for name, query in asked.asked.items()}

    def forget(self) -> None:
        """Give back everything."""
        self._found.clear()
        self._drop(table.name for table in self._kept.values())
        self._kept.clear()

    def _shortened(self, query: Relation) -> ibis.Table:
        """Read what is shared where it is kept; the inner of two is kept before the outer."""
        if self.shared:
            for one in query.find(Aggregate, ordered=True):
                if one in self.shared and one not in self._kept:
                    rows = one.replace(self._kept).to_expr()
                    kept = self.engine.keep(f"{self._scratch}_{len(self._kept)}", rows)
                    self._kept[one] = kept.op()
            query = query.replace(self._kept)
        return query.to_expr()

    def _drop(self, names: Iterable[str]) -> None:
        for name in names:
            self.engine.drop(name)
