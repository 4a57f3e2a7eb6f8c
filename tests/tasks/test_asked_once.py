"""Several studies of one release: a question is asked once, unless what it reads may change."""

import ibis
import pyarrow as pa
import pytest

from tests.measures.conftest import duck
from tuttuno.tasks.asked_once import asked_once

__all__ = ["duck"]


@pytest.fixture
def numbers(duck):
    return duck.bind("numbers", pa.table({"n": [1, 2, 3]}))


def test_the_same_question_is_asked_once(duck, numbers):
    engine = asked_once(duck, {"numbers"})
    first = engine.run(numbers.agg(total=numbers.n.sum()))
    duck.drop("numbers")
    assert engine.run(numbers.agg(total=numbers.n.sum())) is first
    assert first.to_pylist() == [{"total": 6}]


def test_what_is_asked_of_something_kept_for_a_while_is_asked_again(duck, numbers):
    engine = asked_once(duck, {"numbers"})
    found = []
    for least in (2, 3):
        few = engine.keep("few", numbers.filter(numbers.n >= least))
        found.append(engine.run(few.agg(rows=few.count()))["rows"].to_pylist())
        engine.drop("few")
    assert found == [[2], [1]]


def test_a_question_with_parameters_is_asked_each_time(duck, numbers):
    engine, least = asked_once(duck, {"numbers"}), ibis.param("int64")
    few = numbers.filter(numbers.n >= least)
    asked = few.agg(rows=few.count())
    assert [engine.run(asked, {least: n})["rows"][0].as_py() for n in (2, 3)] == [2, 1]


def test_everything_else_is_the_engine_s_own(duck, numbers):
    engine = asked_once(duck, {"numbers"})
    assert (engine.name, engine.explain(numbers)) == ("duckdb", duck.explain(numbers))
