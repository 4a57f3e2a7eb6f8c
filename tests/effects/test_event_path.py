"""The path of an effect, and the jackknife that few units need."""

import numpy as np
import pytest

from tests.effects.panels import panel
from tuttuno.effects.cohorts import cohort_statistics
from tuttuno.effects.event_path import Steps, event_path
from tuttuno.effects.jackknife import jackknife
from tuttuno.errors import BadInput

STEPS = Steps(width=2, before=1, after=2)


def made(rng, units=400, jump=1.0):
    cohort = rng.choice([0, 6, 8], units)
    outcome = rng.normal(size=(units, 1)) + rng.normal(size=12) + rng.normal(size=(units, 12))
    treated = (cohort[:, None] > 0) & (np.arange(1, 13) >= cohort[:, None])
    return outcome + jump * treated, cohort


def test_a_step_is_the_mean_change_of_the_treated_less_that_of_the_never_treated():
    outcome, cohort = made(np.random.default_rng(3))
    made_of = panel(outcome, cohort)
    path = event_path(cohort_statistics(made_of), made_of.timeline.times, STEPS)
    assert path.at.tolist() == [-2, 0, 1]
    six, eight, never = (outcome[cohort == which] for which in (6, 8, 0))

    def change(rows, first):
        return (rows[:, first : first + 2].mean(1) - rows[:, first - 2 : first].mean(1)).mean()

    gains = [change(six, 5) - change(never, 5), change(eight, 7) - change(never, 7)]
    assert path.effect[1] == pytest.approx(np.average(gains, weights=[len(six), len(eight)]))


def test_its_intervals_hold_the_truth_nineteen_times_in_twenty():
    rng, inside, alarms = np.random.default_rng(8), [], []
    for _ in range(300):
        outcome, cohort = made(rng, 200)
        made_of = panel(outcome, cohort)
        path = event_path(cohort_statistics(made_of), made_of.timeline.times, STEPS)
        inside += (np.abs(path.effect[1:] - 1) < 1.96 * path.se[1:]).tolist()
        alarms.append(path.pre_trend.p < 0.05)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.025)
    assert np.mean(alarms) == pytest.approx(0.05, abs=0.03)


def test_without_never_treated_there_is_no_path():
    outcome, cohort = made(np.random.default_rng(1))
    made_of = panel(outcome[cohort > 0], cohort[cohort > 0])
    with pytest.raises(BadInput, match="never treated"):
        event_path(cohort_statistics(made_of), made_of.timeline.times, STEPS)


def test_the_jackknife_of_a_mean_is_its_standard_error():
    values = np.random.default_rng(2).normal(size=12)
    found = jackknife(12, lambda kept: np.array([values[kept].mean()]))
    assert found.se[0] == pytest.approx(values.std(ddof=1) / np.sqrt(12))
    assert found.half[0] == pytest.approx(2.200985 * found.se[0], rel=1e-6)
    assert found.freedom == 11


def test_two_units_are_too_few_to_leave_one_out():
    with pytest.raises(BadInput, match="too few"):
        jackknife(2, lambda kept: np.array([float(kept.sum())]))
