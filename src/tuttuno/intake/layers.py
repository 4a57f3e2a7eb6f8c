"""The steps between a file and its rows in lake and vault, each under a name in the engine."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import ibis

from tuttuno.engine.duckdb import DuckDBEngine
from tuttuno.engine.view import define

#: Names a step and returns it as a table of that name.
Layer = Callable[[str, ibis.Table], ibis.Table]

#: Names that files leave behind in the engine; what they hold may be large.
_BOUND = (
    "rows", "parts", "lookup", "bad", "all_bad", "named", "ties", "cardless", "contested",
    "verdicts", "late", "known", "there", "stores", "payment_key", "device_key", "card_key",
    "barred", "carried", "suppressed", "counted",
)  # fmt: skip


def layers(engine: DuckDBEngine) -> Layer:
    """Name the steps in an engine."""

    def layer(name: str, expr: ibis.Table) -> ibis.Table:
        return define(engine, f"intake_step_{name}", expr)

    return layer


@contextmanager
def swept(engine: DuckDBEngine) -> Iterator[None]:
    """Leave nothing of a file in the engine's memory."""
    try:
        yield
    finally:
        for name in _BOUND:
            engine.drop(f"intake_{name}")
