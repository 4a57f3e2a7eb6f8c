"""The harness that compares engines would see a difference if there were one."""

from datetime import date
from decimal import Decimal

import ibis
import pyarrow as pa
import pytest

from tests.conformance.engines import Disagreement, differing, is_ordered, same_answer
from tuttuno.engine.duckdb import DuckDBEngine

ROWS = {"x": [1.0, None, float("nan")], "k": ["a", "b", None]}


class Wrong(DuckDBEngine):
    """An engine that answers with other rows."""

    name = "wrong"
    answer = None

    def run(self, _expr):
        return self.answer


@pytest.fixture
def engines():
    right, wrong = DuckDBEngine(threads=1), Wrong(threads=1)
    yield right, wrong
    right.close()
    wrong.close()


def test_equal_answers_agree_in_any_order(engines):
    engines[1].answer = pa.table(ROWS).take([2, 0, 1])
    assert same_answer(engines, lambda t: t, {"t": pa.table(ROWS)})[0] == {"x": 1.0, "k": "a"}


def test_noise_in_the_last_digits_is_no_difference(engines):
    engines[1].answer = pa.table({**ROWS, "x": [1.0 + 1e-12, None, float("nan")]})
    assert len(same_answer(engines, lambda t: t, {"t": pa.table(ROWS)})) == 3


@pytest.mark.parametrize(
    "other",
    [
        {**ROWS, "x": [1.0 + 1e-8, None, float("nan")]},
        {**ROWS, "x": [1.0, 0.0, float("nan")]},
        {**ROWS, "x": [1.0, None, None]},
        {**ROWS, "k": ["a", "b", ""]},
        {"x": ROWS["x"][:2], "k": ROWS["k"][:2]},
        {"k": ROWS["k"], "x": ROWS["x"]},
        {"x": pa.array([1, 2, 3]), "k": ROWS["k"]},
    ],
)
def test_a_difference_is_found(engines, other):
    engines[1].answer = pa.table(other)
    with pytest.raises(Disagreement, match="duckdb and wrong differ"):
        same_answer(engines, lambda t: t, {"t": pa.table(ROWS)})


def test_an_ordered_answer_must_come_in_its_order(engines):
    engines[1].answer = pa.table({"n": [2, 1]})
    with pytest.raises(Disagreement, match="row 0, n: 1 against 2"):
        same_answer(engines, lambda t: t.order_by("n"), {"t": pa.table({"n": [1, 2]})})


def test_order_is_what_the_outermost_operation_says():
    rows = ibis.table({"n": "int64"}, name="t")
    assert is_ordered(rows.order_by("n"))
    assert not is_ordered(rows.order_by("n").mutate(m=rows.n))


def test_a_decimal_is_not_a_float_of_the_same_value():
    left = pa.table({"net": [Decimal("1.50")]})
    assert "against" in differing(left, pa.table({"net": [1.5]}), ordered=True)
    assert differing(left, left, ordered=True) == ""


def test_days_are_compared_as_days():
    left, right = (pa.table({"d": [date(2026, 1, n)]}) for n in (1, 2))
    assert differing(left, right, ordered=False)
