"""Waiting times with open ends, against a published example and a plain reference."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuttuno.measures.survival import OPEN, incidence

#: Freireich et al. (1963): weeks of remission under 6-MP, negative where still going on; the
#: Kaplan-Meier values are those of Kleinbaum and Klein, Survival Analysis, chapter 2.
REMISSION = [
    6,
    6,
    6,
    7,
    10,
    13,
    16,
    22,
    23,
    -6,
    -9,
    -10,
    -11,
    -17,
    -19,
    -20,
    -25,
    -32,
    -32,
    -34,
    -35,
]
SURVIVING = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}


def test_one_cause_alone_is_kaplan_meier():
    weeks = [abs(each) for each in REMISSION]
    ended = [1 if each > 0 else OPEN for each in REMISSION]
    curve = incidence(weeks, ended, [1] * len(weeks), cause=1)
    assert {week: round(1 - (curve.by(week) or 0), 4) for week in SURVIVING} == SURVIVING


def plain(waits, cause, time):
    """Aalen-Johansen by walking through the days, in exact fractions."""
    still, share = Fraction(1), Fraction(0)
    for day in sorted({length for length, _ in waits if length <= time}):
        at_risk = sum(length >= day for length, _ in waits)
        ended = [what for length, what in waits if length == day and what != OPEN]
        share += still * Fraction(ended.count(cause), at_risk)
        still *= 1 - Fraction(len(ended), at_risk)
    return float(share)


WAITS = st.lists(st.tuples(st.integers(0, 9), st.sampled_from([OPEN, 1, 2, 3])), min_size=1)


@given(WAITS, st.integers(0, 9))
def test_it_agrees_with_the_plain_way(waits, time):
    lengths, causes = zip(*waits, strict=True)
    curve = incidence(lengths, causes, [1] * len(waits), cause=2)
    if time <= max(lengths):
        assert curve.by(time) == pytest.approx(plain(waits, 2, time), abs=1e-12)


@given(WAITS)
def test_the_causes_never_add_up_to_more_than_all(waits):
    lengths, causes = zip(*waits, strict=True)
    curves = [incidence(lengths, causes, [1] * len(waits), cause=each) for each in (1, 2, 3)]
    assert sum(curve.by(max(lengths)) or 0 for curve in curves) <= 1 + 1e-12


def test_beyond_the_longest_watch_nothing_is_known():
    curve = incidence([2, 5], [1, OPEN], [1, 1], cause=1)
    assert (curve.by(5), curve.by(6)) == (0.5, None)


def test_when_all_have_ended_everything_is_known():
    assert incidence([2, 5], [1, 2], [3, 1], cause=1).by(1_000) == 0.75


def test_a_share_never_reached_has_no_time():
    curve = incidence([2, 5, 7], [1, 1, OPEN], [1, 1, 2], cause=1)
    assert (curve.when(0.25), curve.when(0.5), curve.when(0.51)) == (2, 5, None)


def test_nobody_waited():
    curve = incidence([], [], [], cause=1)
    assert (curve.by(1), curve.when(0.5)) == (None, None)
