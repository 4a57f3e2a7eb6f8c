"""The steps between a file and its rows in lake and vault, each under a name in the engine."""

from collections.abc import Callable

import ibis

from tuttuno.engine.duckdb import DuckDBEngine
from tuttuno.engine.view import define

#: Names a step and returns it as a table of that name.
Layer = Callable[[str, ibis.Table], ibis.Table]


def layers(engine: DuckDBEngine) -> Layer:
    """Name the steps in an engine."""

    def layer(name: str, expr: ibis.Table) -> ibis.Table:
        return define(engine, f"intake_step_{name}", expr)

    return layer
