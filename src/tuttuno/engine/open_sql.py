"""SQL with its parameters left open, so that a look-up is compiled once and asked many times."""

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.datashape as ds
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler

#: Texts kept; a program has as many as it has different look-ups.
MOST = 256


class _Open(ops.Value):  # type: ignore[misc]  # ibis has no types
    """A parameter without its value."""

    mark: str
    dtype: dt.DataType
    shape = ds.scalar


class _Compiler(DuckDBCompiler):  # type: ignore[misc]  # ibis has no types
    __slots__ = ()

    def visit__Open(self, _op: _Open, *, mark: str, dtype: dt.DataType) -> Any:  # noqa: N802 - ibis looks for this name
        return self.cast(sge.Placeholder(this=mark), dtype)


class Texts:
    """The texts of expressions that were asked before."""

    def __init__(self) -> None:
        self._texts: dict[ops.Node, str] = {}

    def of(self, expr: ibis.Table, params: Sequence[ibis.Scalar]) -> str:
        """Return the SQL of an expression; its parameters are those that `named` fills."""
        known = self._texts.get(expr.op())
        if known is None:
            if len(self._texts) >= MOST:
                self._texts.clear()
            known = self._texts[expr.op()] = _compiled(expr, params)
        return known


def named(values: Mapping[ibis.Scalar, Any]) -> dict[str, Any]:
    """Return values under the marks that stand for their parameters in the SQL."""
    return {_mark(param): value for param, value in values.items()}


def _compiled(expr: ibis.Table, params: Sequence[ibis.Scalar]) -> str:
    marks = {param.op(): _Open(_mark(param), param.type()) for param in params}
    left_open = expr.op().replace(marks).to_expr()
    return str(_Compiler().to_sqlglot(left_open).sql("duckdb"))


def _mark(param: ibis.Scalar) -> str:
    return f"p{param.op().counter}"
