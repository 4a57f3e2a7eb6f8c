"""A control chart calls out what chance does not explain, and nothing else."""

import pytest

from tuttuno.chart.control import FEWEST, controlled

STEADY = [100.0] * 12
SIZES = [1000.0] * 12


def test_the_limits_of_steady_shares_are_those_of_a_p_chart():
    one = controlled(STEADY, SIZES)[0]
    assert one.low == pytest.approx(0.1 - 3 * (0.1 * 0.9 / 1000) ** 0.5)
    assert one.high == pytest.approx(0.1 + 3 * (0.1 * 0.9 / 1000) ** 0.5)


def test_a_single_jump_is_out_of_control():
    found = controlled([*STEADY[:11], 160.0], SIZES)
    assert [at for at, one in enumerate(found) if one.out] == [11]


def test_small_periods_have_wide_limits():
    found = controlled([*STEADY[:11], 2.0], [*SIZES[:11], 10.0])
    assert not found[11].out
    assert found[11].high > found[0].high


def test_periods_that_always_differ_widen_the_limits():
    unsteady = [80.0, 120.0] * 6
    assert controlled(unsteady, SIZES)[0].high > controlled(STEADY, SIZES)[0].high
    assert not any(one.out for one in controlled(unsteady, SIZES))


def test_too_few_periods_and_certain_shares_have_no_limits():
    assert controlled(STEADY[: FEWEST - 1], SIZES[: FEWEST - 1]) == ()
    assert controlled([0.0] * 12, SIZES) == ()
    assert controlled(SIZES, SIZES) == ()
