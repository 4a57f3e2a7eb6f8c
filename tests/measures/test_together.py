"""Questions asked one after the other share what they have in common, and leave nothing."""

import pytest

from tests.measures.scenario import opened
from tuttuno.measures.ask import Ask
from tuttuno.measures.catalog import measure
from tuttuno.measures.evaluate import evaluate
from tuttuno.measures.together import Together

SALES = """
    anna   2026-01-05  store  -  50.00
    anna   2026-02-09  web    -  40.00
    bruno  2026-02-02  web    -  30.00
    -      2026-02-03  store  -  20.00
"""
ALIKE = ("purchases_foreseen", "churn_risk")


class Counting:
    """The engine, with a note of what it was asked to keep, run and drop."""

    def __init__(self, engine):
        self._engine = engine
        self.kept, self.ran, self.dropped = [], [], []

    def keep(self, name, rows):
        self.kept.append(name)
        return self._engine.keep(name, rows)

    def run(self, query, values=None):
        self.ran.append(query.op())
        return self._engine.run(query, values)

    def drop(self, name):
        self.dropped.append(name)
        self._engine.drop(name)


@pytest.fixture
def engine(duck):
    return Counting(duck)


def answered(name, engine, tables, together=None, **ask):
    return evaluate(measure(name), Ask(**ask), engine=engine, tables=tables, together=together)


def test_what_two_measures_keep_alike_is_made_once_and_gone_at_the_end(duck, engine):
    tables, together = opened(SALES, duck), Together(engine)
    answers = [answered(name, engine, tables, together) for name in ALIKE]
    (days,) = (name for name in engine.kept if name.endswith("days"))
    assert days not in engine.dropped
    together.forget()
    assert set(engine.dropped) >= set(engine.kept)
    assert answers == [answered(name, duck, tables) for name in ALIKE]


def test_a_question_about_other_days_shares_nothing(duck, engine):
    tables, together = opened(SALES, duck), Together(engine)
    whole = answered("churn_risk", engine, tables, together)
    part = answered("churn_risk", engine, tables, together, where=(("source", "other"),))
    together.forget()
    assert sum(name.endswith("days") for name in engine.kept) == 2
    assert part.coverage.identified_sales is None
    assert whole.coverage.identified_sales == 0.75


def test_coverage_and_the_ends_of_the_sales_are_asked_once(duck, engine):
    tables, together = opened(SALES, duck), Together(engine)
    for name in ("growth", "generations", "coverage"):
        answered(name, engine, tables, together)
    together.forget()
    assert len(engine.ran) == len(set(engine.ran))


def test_a_question_that_is_alone_leaves_nothing(duck, engine):
    answered("purchases_foreseen", engine, opened(SALES, duck))
    assert engine.kept
    assert set(engine.dropped) >= set(engine.kept)
