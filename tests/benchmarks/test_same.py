"""Two answers are the same when only the last digits of an addition differ."""

from datetime import date
from decimal import Decimal

import pytest

from benchmarks.same import difference


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (0.1 + 0.2, 0.3),
        (Decimal("12.30"), 12.3),
        (date(2026, 1, 31), "2026-01-31"),
        ([1, {"a": None}], (1, {"a": None})),
        (3, 3.0),
    ],
)
def test_these_are_the_same(one, other):
    assert difference(one, other) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1.0, 1.00001),
        (None, 0),
        (True, 1),
        ("1", 1),
        ([1], [1, 2]),
        ({"a": 1}, {"b": 1}),
        (float("nan"), 1.0),
    ],
)
def test_these_are_not_the_same(one, other):
    assert difference(one, other)


def test_the_place_of_the_first_difference_is_named():
    one, other = {"rows": [{"n": 1}, {"n": 2}]}, {"rows": [{"n": 1}, {"n": 3}]}
    assert difference(one, other) == "rows.1.n: 2, 3"
