"""Intervals of shares, against published and independent values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tuttuno.measures.collecting import paired
from tuttuno.measures.intervals import share, wilson


@given(st.integers(0, 500), st.integers(1, 500))
def test_wilson_agrees_with_scipy(hits, trials):
    hits = min(hits, trials)
    expected = stats.binomtest(hits, trials).proportion_ci(method="wilson")
    assert wilson(hits, trials) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_wilson_of_newcombe_1998():
    # Newcombe (1998), Statist. Med. 17: 857-872, table I, method 3.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_nothing_tried_is_nothing_known():
    assert wilson(0, 0) == (None, None)
    assert paired(0, 0, 0) == (None, None)
    assert share(0, 0) is None


@pytest.mark.slow
def test_the_interval_of_a_paired_difference_holds_its_promise():
    import numpy as np  # noqa: PLC0415 - only here

    rng = np.random.default_rng(5)
    cells = rng.multinomial(200, [0.1, 0.06, 0.02, 0.82], size=4_000)
    held = [
        low <= 0.04 <= high
        for low, high in (paired(int(first), int(second), 200) for _, first, second, _ in cells)
    ]
    assert np.mean(held) == pytest.approx(0.95, abs=0.015)
