"""Questions that are answered together gather once what they gather alike, and leave nothing."""

from datetime import date

import ibis
import pytest
from ibis.expr.operations import UnboundTable

from tests.measures.scenario import opened
from tuttuno.measures.alike import alike, companies
from tuttuno.measures.ask import Ask
from tuttuno.measures.catalog import measure
from tuttuno.measures.evaluate import answered, evaluate, pose, sold_between
from tuttuno.measures.measure import Steps
from tuttuno.measures.plan import Plan
from tuttuno.measures.together import Together

SALES = """
    anna   2026-01-05  store  -  50.00
    anna   2026-02-09  web    -  40.00
    bruno  2026-02-02  web    -  30.00
    -      2026-02-03  store  -  20.00
    carla  2026-02-11  web    -  60.00
    carla  2026-02-12  store  -  10.00
"""


class Counting:
    """The engine, with a note of what it was asked to keep, run and drop."""

    def __init__(self, engine):
        self._engine = engine
        self.kept, self.ran, self.dropped = {}, [], []

    def keep(self, name, rows):
        self.kept[name] = rows
        return self._engine.keep(name, rows)

    def run(self, query, values=None):
        self.ran.append(query.op())
        return self._engine.run(query, values)

    def drop(self, name):
        self.dropped.append(name)
        self._engine.drop(name)

    def shared(self):
        return [name for name in self.kept if name.startswith("alike_")]


@pytest.fixture
def engine(duck):
    return Counting(duck)


def posed(engine, tables, names, **ask):
    bounds = sold_between(Together(engine), tables["purchase"])
    return [
        pose(measure(name), Ask(**ask), tables=tables, bounds=bounds, scratch=f"own_{nth}")
        for nth, name in enumerate(names)
    ]


def together(engine, tables, *names, **ask):
    """The answers to questions that share, and what they shared."""
    questions = posed(engine, tables, names, **ask)
    shared = alike([one.plan for one in questions])
    asking = Together(engine, shared.keys())
    answers = [answered(one, asking) for one in questions]
    asking.forget()
    return answers, shared


def alone(engine, tables, *names, **ask):
    return [evaluate(measure(name), Ask(**ask), engine=engine, tables=tables) for name in names]


def test_what_two_measures_gather_alike_is_gathered_once_and_gone_at_the_end(duck, engine):
    tables, names = opened(SALES, duck), ("purchases_foreseen", "churn_risk")
    answers, shared = together(engine, tables, *names)
    assert len(engine.shared()) == len(shared) == 1
    assert set(engine.dropped) >= set(engine.kept)
    assert answers == alone(duck, tables, *names)


@pytest.mark.parametrize("since", [None, date(2026, 1, 20)])
def test_measures_together_answer_as_each_does_alone(duck, engine, since):
    names = ("channel_class", "generations", "online_exclusives", "next_product", "returns")
    tables = opened(SALES, duck)
    answers, shared = together(engine, tables, *names, since=since)
    assert answers == alone(duck, tables, *names, since=since)
    assert len(engine.shared()) == len(shared) == (2 if since else 0)


def test_what_is_gathered_from_something_shared_reads_it_where_it_is_kept(duck, engine):
    names = ("purchases_foreseen", "churn_risk", "lifetime_value")
    together(engine, opened(SALES, duck), *names)
    days, histories = engine.shared()
    read = {table.name for table in engine.kept[histories].op().find(UnboundTable)}
    assert read == {days}


def test_questions_about_other_buyers_share_nothing(duck, engine):
    tables = opened(SALES, duck)
    (whole,) = posed(engine, tables, ["churn_risk"])
    (part,) = posed(engine, tables, ["churn_risk"], where=(("source", "other"),))
    assert not alike([whole.plan, part.plan])


def test_tables_that_two_questions_keep_under_one_name_are_not_taken_for_one(duck, engine):
    tables = opened(SALES, duck)
    bounds = sold_between(Together(engine), tables["purchase"])
    plans = [
        pose(measure("rfm"), Ask(where=where), tables=tables, bounds=bounds, scratch="same").plan
        for where in ((), (("source", "other"),))
    ]
    assert not alike(plans)


def test_a_question_that_is_alone_leaves_nothing(duck, engine):
    alone(engine, opened(SALES, duck), "lifetime_value")
    assert engine.kept
    assert set(engine.dropped) >= set(engine.kept)


def test_coverage_and_the_ends_of_the_sales_are_asked_once(duck, engine):
    tables, asking = opened(SALES, duck), Together(engine)
    for name in ("growth", "generations", "coverage"):
        evaluate(measure(name), Ask(), engine=engine, tables=tables, together=asking)
    asking.forget()
    assert len(engine.ran) == len(set(engine.ran))


def test_a_grouping_within_another_is_shared_alone_only_where_somebody_else_needs_it():
    rows = ibis.table({"a": "int64", "b": "int64", "n": "int64"}, name="rows")
    inner = rows.group_by("a", "b").agg(n=rows.n.sum())
    outer = inner.group_by("a").agg(n=inner.n.sum())

    def shared(*queries):
        return set(alike([Plan(rows.op(), Steps({}, {"rows": query})) for query in queries]))

    assert shared(outer, outer) == {outer.op()}
    assert shared(outer, outer, inner) == {outer.op(), inner.op()}


def test_whoever_shares_anything_is_in_one_company():
    shared = [frozenset({0, 3}), frozenset({3, 4}), frozenset({1, 5})]
    assert companies(6, shared) == [(0, 3, 4), (1, 5), (2,)]
