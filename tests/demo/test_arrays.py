from decimal import Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tuttuno.demo.arrays import choose, moments, money, rank, stream, within, words

CENTS = st.integers(-(10**13), 10**13)


@given(st.lists(CENTS, min_size=1))
def test_cents_become_exact_decimals(cents):
    written = money(np.array(cents)).to_pylist()
    assert written == [Decimal(cent).scaleb(-2) for cent in cents]


@given(st.lists(st.integers(0, 5), min_size=1))
def test_members_of_groups_are_numbered_from_zero(counts):
    expected = [place for count in counts for place in range(count)]
    assert within(np.array(counts)).tolist() == expected


@given(st.lists(st.integers(0, 9)))
def test_ranks_sort_and_keep_the_order_of_equals(values):
    order = sorted(range(len(values)), key=lambda place: (values[place], place))
    ranks = rank(np.array(values, dtype=np.int64))
    assert [ranks[place] for place in order] == list(range(len(values)))


def test_a_negative_position_is_no_text():
    assert words(["a", "b"], np.array([1, -1, 0])).to_pylist() == ["b", None, "a"]


def test_a_moment_in_the_hour_of_the_clock_change_is_written_an_hour_earlier():
    seconds = np.array([7_199, 7_200, 10_799, 10_800])
    hours = [moment.strftime("%H:%M:%S") for moment in moments(seconds).to_pylist()]
    assert hours == ["01:59:59", "01:00:00", "01:59:59", "03:00:00"]


def test_draws_follow_the_weights():
    drawn = np.bincount(choose(stream(1, 0, "x"), [1, 0, 3], 40_000), minlength=3)
    assert drawn[1] == 0
    assert abs(drawn[2] / 40_000 - 0.75) < 0.01


def test_parts_and_blocks_have_streams_of_their_own():
    first = stream(1, 0, "a").random(4).tolist()
    assert stream(1, 0, "a").random(4).tolist() == first
    assert stream(1, 0, "b").random(4).tolist() != first
    assert stream(1, 1, "a").random(4).tolist() != first
    assert stream(2, 0, "a").random(4).tolist() != first
