"""Equal questions are written down once; questions at the same time do not meet."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import ibis
import pytest

from tests.measures.scenario import Shop, asked, opened
from tuttuno.engine import duckdb_sql
from tuttuno.measures.catalog import measure
from tuttuno.measures.dimensions import dimension, filters
from tuttuno.measures.measure import Question
from tuttuno.measures.plan import own_scratch, plan

SALES = """
    anna   2026-01-05  store  -  50.00  store=S1 product=hat
    anna   2026-02-09  web    -  40.00  product=hat
    bruno  2026-02-02  web    -  30.00  product=shoe
    -      2026-02-03  store  -  20.00  store=S1 product=shoe
"""
SHOP = Shop(SALES, products={"hat": {}, "shoe": {}})


@pytest.fixture
def question(duck):
    return Question(
        since=date(2026, 1, 1),
        until=date(2026, 3, 1),
        first_sale=date(2026, 1, 5),
        last_sale=date(2026, 2, 9),
        tables=opened(SALES, duck),
        params={"channel_class.theta": 0.05, "channel_class.orders": 2.0},
        scratch=own_scratch(),
    )


def test_an_equal_question_has_the_same_queries(question):
    classes = measure("channel_class")
    again = replace(question, tables=dict(question.tables))
    assert plan(classes, again) is plan(classes, question)


@pytest.mark.parametrize(
    "other",
    [
        {"since": date(2026, 2, 1)},
        {"until": date(2026, 2, 1)},
        {"first_sale": date(2025, 1, 1)},
        {"last_sale": date(2026, 4, 1)},
        {"by": (dimension("province"),)},
        {"where": filters([("province", "MI")])},
        {"view": "fulfilment"},
        {"params": {"channel_class.theta": 0.2, "channel_class.orders": 2.0}},
        {"scratch": "of_another_thread"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_another_question_has_queries_of_its_own(question, other):
    classes = measure("channel_class")
    assert plan(classes, replace(question, **other)) is not plan(classes, question)


def test_tables_with_other_columns_have_queries_of_their_own(question):
    person = question.tables["person"]
    wider = ibis.table({**person.schema(), "more": "string"}, name="person")
    other = replace(question, tables={**question.tables, "person": wider})
    classes = measure("channel_class")
    assert plan(classes, other) is not plan(classes, question)


def test_equal_expressions_are_compiled_once(question):
    texts = [
        duckdb_sql.compiled(question.tables["purchase"].filter(ibis._.net > limit))
        for limit in (1, 1, 2)
    ]
    assert texts[0] is texts[1]
    assert texts[0] != texts[2]


def test_questions_at_the_same_time_do_not_meet(duck):
    opened(SHOP, duck)
    wheres = [(("product", "hat"),), (("product", "shoe"),)] * 4
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(
                lambda where: asked("channel_share", SHOP, duck, where=where).rows[0]["revenue"],
                wheres,
            )
        )
    assert answers == [90.0, 50.0] * 4
