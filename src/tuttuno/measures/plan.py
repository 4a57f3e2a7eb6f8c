"""The queries of a question, written down once and asked again without being made anew."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from threading import get_ident
from types import MappingProxyType
from typing import Any

import ibis
from ibis.expr.operations import Relation

from tuttuno.measures.coverage import covered
from tuttuno.measures.facts import purchases
from tuttuno.measures.measure import Measure, Question, Steps

#: Plans that are remembered; a page with its usual filters needs a few dozen.
MOST = 256


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of the engine for one question.

    Attributes:
        header: The query for coverage, without the filters that only known buyers can pass.
        asked: The queries of the measure.
    """

    header: Relation
    asked: Steps


def plan(measure: Measure, question: Question) -> Plan:
    """Return the queries of a question.

    Equal questions about tables of the same names and columns share one plan, whatever the
    release: an expression names its tables and does not hold them. What a plan keeps for a
    while has names that carry the thread, because one thread answers one question at a time.
    """
    facts = {name: getattr(question, name) for name in _PLAIN}
    return _planned(
        measure,
        tuple(sorted((name, table.op()) for name, table in question.tables.items())),
        tuple(sorted(question.params.items())),
        tuple(facts.items()),
    )


def own_scratch() -> str:
    """Return what the names of tables begin with that a question of this thread keeps."""
    return f"question_{get_ident()}"


_PLAIN = ("since", "until", "first_sale", "last_sale", "by", "where", "view", "scratch")


@lru_cache(maxsize=MOST)
def _planned(
    measure: Measure,
    tables: tuple[tuple[str, Relation], ...],
    params: tuple[tuple[str, float], ...],
    facts: tuple[tuple[str, Any], ...],
) -> Plan:
    bound = {name: op.to_expr() for name, op in tables}
    question = Question(tables=bound, params=dict(params), **dict(facts))
    return Plan(_header(question), _steps(measure.define(question)))


def _header(question: Question) -> Relation:
    kept = tuple(one for one in question.where if one.dimension.of != "person")
    whole = replace(question, by=(), where=kept)
    return covered(whole, purchases(whole)).op()


def _steps(asked: ibis.Table | Mapping[str, ibis.Table] | Steps) -> Steps:
    if isinstance(asked, Steps):
        return asked
    named = asked if isinstance(asked, Mapping) else {"rows": asked}
    return Steps(kept=MappingProxyType({}), asked=named)
