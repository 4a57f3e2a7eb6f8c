"""Expressions under a name: worked out whenever they are asked for, compiled but once.

A long chain of expressions is compiled anew for every question put to its end. Cut into named
steps, each step is compiled alone, and what it computes stays computed once: a compiler that
merges the steps of a chain copies every value into each of its uses.
"""

import ibis

from tuttuno.engine import duckdb_sql as sql
from tuttuno.engine.duckdb import DuckDBEngine


def define(engine: DuckDBEngine, name: str, expr: ibis.Table) -> ibis.Table:
    """Make an expression readable under a name, in place of another of this kind.

    The names it reads must not be bound anew while it is in use.
    """
    engine.execute(f"CREATE OR REPLACE VIEW {sql.name(name)} AS {sql.compiled(expr)}")
    return ibis.table(expr.schema(), name=name)


def forget(engine: DuckDBEngine, name: str) -> None:
    """Drop a name that was defined; an unknown one is no error."""
    engine.execute(f"DROP VIEW IF EXISTS {sql.name(name)}")
