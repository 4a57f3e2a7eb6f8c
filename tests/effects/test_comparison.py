"""Who is compared with whom, and when."""

import numpy as np
import pytest

from tuttuno.effects.choices import Base, Control
from tuttuno.effects.comparison import Design, comparisons, has_base

TIMES = np.arange(2001.0, 2008.0)


def plan(design, cohort=2005.0):
    return [
        (TIMES[it.period], TIMES[it.base]) for it in comparisons(TIMES, np.array([cohort]), design)
    ]


def test_after_treatment_the_base_is_the_last_period_before_and_until_then_the_one_before():
    assert plan(Design()) == [
        (2002, 2001), (2003, 2002), (2004, 2003), (2005, 2004), (2006, 2004), (2007, 2004),
    ]  # fmt: skip


def test_anticipation_moves_the_base_back():
    assert plan(Design(anticipation=2))[-3:] == [(2005, 2002), (2006, 2002), (2007, 2002)]


def test_a_universal_base_is_compared_with_every_period():
    assert plan(Design(base=Base.UNIVERSAL)) == [(time, 2004) for time in TIMES]


@pytest.mark.parametrize(("ahead", "first_control"), [(0, 2007), (1, 2008)])
def test_not_yet_treated_controls_are_treated_later_than_the_period_and_its_anticipation(
    ahead, first_control
):
    design = Design(Control.NOT_YET, anticipation=ahead)
    known = np.array([2004.0, 2005.0, 2006.0, 2007.0, 2008.0, np.inf])
    found = next(it for it in comparisons(TIMES, np.array([2005.0]), design) if it.period == 5)
    assert known[found.controls(known)].min() == first_control


def test_a_cohort_is_no_control_of_its_own():
    design = Design(Control.NOT_YET)
    found = comparisons(TIMES, np.array([2005.0]), design)[0]
    assert found.controls(np.array([2005.0, np.inf])).tolist() == [False, True]


def test_never_treated_controls_are_never_treated():
    found = comparisons(TIMES, np.array([2005.0]), Design())[0]
    assert found.controls(np.array([2005.0, 1e9, np.inf])).tolist() == [False, False, True]


def test_a_cohort_needs_a_period_that_anticipation_does_not_reach():
    cohorts = np.array([2001.0, 2002.0, 2003.0])
    assert has_base(cohorts, TIMES, Design()).tolist() == [False, True, True]
    assert has_base(cohorts, TIMES, Design(anticipation=1)).tolist() == [False, False, True]
