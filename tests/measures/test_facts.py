"""What measures count is the same from whichever table it is read."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.measures.scenario import opened
from tuttuno.measures.articles import articles
from tuttuno.measures.dimensions import filters
from tuttuno.measures.facts import months, spend
from tuttuno.measures.measure import Question
from tuttuno.measures.window import whole_months

LINES = st.lists(
    st.tuples(
        st.sampled_from(["anna", "bruno", "-"]),
        st.sampled_from(["2026-01-05", "2026-01-31", "2026-02-06", "2026-03-01"]),
        st.sampled_from(["store", "web", "phone"]),
        st.sampled_from(["collected", "-"]),
        st.integers(-3, 5).filter(bool),
        st.sampled_from(["shoe", "hat"]),
    ),
    min_size=1,
    max_size=10,
)
FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)


def written(lines):
    return "\n".join(
        f"{who} {day} {channel} {handover if channel == 'web' else '-'} {net}.00 product={product}"
        for who, day, channel, handover, net, product in lines
    )


def sums(engine, table, *keys):
    """Rows as a set of plain values, in the order of the keys, without empty ones."""
    columns = [*keys, *sorted(set(table.columns) - set(keys) - {"month", "channel"})]
    rows = engine.run(table.select(*columns)).to_pylist()
    return sorted(
        str([float(v) if k.startswith("net") else v for k, v in row.items()]) for row in rows
    )


def asked_of_purchases(question):
    """The same question with a filter that every purchase passes: no smaller table can tell."""
    sources = filters([("source", "s")])
    return replace(question, where=sources)


QUIET = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        pytest.param(FIRST, date(2026, 4, 1), id="all-time"),
        pytest.param(FIRST, date(2026, 3, 1), id="whole-months"),
        pytest.param(date(2026, 2, 1), date(2026, 4, 1), id="later-months"),
    ],
)
@pytest.mark.parametrize("view", ["demand", "fulfilment"])
@QUIET
@given(LINES)
def test_totals_months_and_purchases_tell_the_same(duck, since, until, view, lines):
    question = Question(
        since=since, until=until, first_sale=FIRST, last_sale=LAST, view=view,
        tables=opened(written(lines), duck),
    )  # fmt: skip
    assert whole_months(question)
    bought = spend(question).filter(lambda buyer: buyer.orders > 0)
    slow = spend(asked_of_purchases(question)).filter(lambda buyer: buyer.orders > 0)
    assert sums(duck, bought, "person_id") == sums(duck, slow, "person_id")
    quick, exact = months(question), months(asked_of_purchases(question))
    assert sums(duck, quick, "person_id", "month") == sums(duck, exact, "person_id", "month")


@pytest.mark.parametrize(
    ("since", "until"),
    [
        pytest.param(FIRST, date(2026, 3, 1), id="whole-months"),
        pytest.param(date(2026, 1, 20), date(2026, 4, 1), id="begins-within"),
        pytest.param(date(2026, 1, 20), date(2026, 3, 31), id="both-ends-within"),
        pytest.param(date(2026, 1, 20), date(2026, 2, 4), id="no-month-whole"),
    ],
)
@QUIET
@given(LINES)
def test_products_are_the_same_by_month_and_by_line(duck, since, until, lines):
    question = Question(
        since=since, until=until, first_sale=FIRST, last_sale=LAST,
        tables=opened(written(lines), duck),
    )  # fmt: skip

    def by_side(asked):
        rows = articles(asked)
        keys = ("person_id", "product_id", "online")
        added = rows.group_by(*keys).agg(
            net=rows.net.sum(), lines=rows.lines.sum(), first_on=rows.first_on.min(),
            last_on=rows.last_on.max(),
        )  # fmt: skip
        return sums(duck, added, *keys)

    assert by_side(question) == by_side(asked_of_purchases(question))


@pytest.mark.parametrize(
    ("since", "until", "whole"),
    [
        pytest.param(date(2026, 2, 1), date(2026, 3, 1), True, id="first-to-first"),
        pytest.param(date(2026, 2, 2), date(2026, 3, 1), False, id="begins-late"),
        pytest.param(date(2026, 2, 1), date(2026, 3, 2), False, id="ends-late"),
        pytest.param(date(2025, 6, 7), date(2026, 4, 9), True, id="beyond-the-sales"),
        pytest.param(date(2026, 1, 1), date(2026, 3, 31), False, id="without-the-last-day"),
    ],
)
def test_a_window_is_of_whole_months_when_no_sale_of_a_cut_one_is_left_out(since, until, whole):
    question = Question(since=since, until=until, first_sale=FIRST, last_sale=LAST, tables={})
    assert whole_months(question) is whole
