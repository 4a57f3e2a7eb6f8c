"""The engines, and a fixture that asks both the same question."""

import math
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import ibis
import pyarrow as pa
import pytest

from tuttuno.engine.duckdb import DuckDBEngine
from tuttuno.engine.port import Engine

#: Floats that differ by no more than this, absolutely or by their size, are the same.
TOLERANCE = 1e-9

Rows = list[dict[str, Any]]

#: Asks every engine for `define(**tables)` and returns what all of them answered.
Agree = Callable[..., Rows]


class Disagreement(AssertionError):
    """Two engines answered the same question differently."""


@pytest.fixture(scope="session")
def duckdb_engine() -> Iterator[Engine]:
    """The embedded engine."""
    engine = DuckDBEngine(threads=2, memory="1GB")
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def spark_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Spark in this process; a test that uses it is marked `spark`."""
    from tuttuno.engine.spark import SparkEngine  # noqa: PLC0415 - Spark is an extra

    engine = SparkEngine(master="local[2]", scratch=tmp_path_factory.mktemp("spark"), memory="1g")
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def agree(duckdb_engine: Engine, spark_engine: Engine) -> Agree:
    """Both engines at once: `agree(define, sale=rows)` returns the rows they agree on."""

    def ask(define: Callable[..., ibis.Table], **tables: pa.Table) -> Rows:
        return same_answer((duckdb_engine, spark_engine), define, tables)

    return ask


def same_answer(
    engines: tuple[Engine, ...],
    define: Callable[..., ibis.Table],
    tables: dict[str, pa.Table],
) -> Rows:
    """Return what all engines answer, in the order of the first; fail where they differ.

    Types and column names must be the same too. Rows are compared in their order where the
    expression ends in an `order_by`, and as a bag otherwise.
    """
    answers = []
    for engine in engines:
        expr = define(**{name: engine.bind(name, rows) for name, rows in tables.items()})
        answers.append((engine.name, engine.run(expr), is_ordered(expr)))
    (first_name, first, ordered), *others = answers
    for name, other, _ in others:
        difference = differing(first, other, ordered=ordered)
        if difference:
            raise Disagreement(f"{first_name} and {name} differ: {difference}")
    return first.to_pylist()


def is_ordered(expr: ibis.Table) -> bool:
    """True when the outermost operation puts the rows in order."""
    return isinstance(expr.op(), (ibis.expr.operations.Sort, ibis.expr.operations.Limit))


def differing(left: pa.Table, right: pa.Table, *, ordered: bool) -> str:
    """Say how two tables differ; empty when they do not."""
    if left.schema != right.schema:
        return f"{left.schema} against {right.schema}"
    if left.num_rows != right.num_rows:
        return f"{left.num_rows} rows against {right.num_rows}"
    rows = [table.to_pylist() for table in (left, right)]
    if not ordered:
        rows = [sorted(each, key=_sort_key) for each in rows]
    for place, (mine, yours) in enumerate(zip(*rows, strict=True)):
        for name, value in mine.items():
            if not same_value(value, yours[name]):
                return f"row {place}, {name}: {value!r} against {yours[name]!r}"
    return ""


def same_value(left: object, right: object) -> bool:
    """Compare two values; null is only null, NaN only NaN, floats are equal to `TOLERANCE`."""
    if isinstance(left, float) and isinstance(right, float):
        both_nan = math.isnan(left) and math.isnan(right)
        return both_nan or math.isclose(left, right, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return type(left) is type(right) and left == right


def _sort_key(row: dict[str, Any]) -> tuple[tuple[bool, str], ...]:
    return tuple((value is None, _sortable(value)) for value in row.values())


def _sortable(value: object) -> str:
    # Floats are rounded, so that noise in the last digits does not change the order.
    if isinstance(value, float):
        return f"{value:.7g}"
    if isinstance(value, Decimal | date | datetime | int | str):
        return f"{value!s:>40}"
    return repr(value)
