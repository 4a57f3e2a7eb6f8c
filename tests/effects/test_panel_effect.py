"""One answer from a panel: its rung, what it rests on, its bounds, and its refusals."""

import numpy as np
import pyarrow as pa
import pytest

from tests.effects.panels import mpdta, panel, world
from tuttuno.effects.answer import Answer, Rung
from tuttuno.effects.choices import Control, Kind, Method
from tuttuno.effects.columns import Columns
from tuttuno.effects.comparison import Design
from tuttuno.effects.panel import read_panel
from tuttuno.effects.panel_effect import Question, panel_effect


def drifting(periods=8, units=300):
    outcome, cohort = world(np.random.default_rng(1), units, periods, cohorts=(0, 4, 6))
    return outcome + 0.4 * (cohort[:, None] > 0) * np.arange(periods), cohort


def test_the_answer_is_the_average_that_was_asked_for(shared):
    whole = mpdta(shared)
    answers = {kind: panel_effect(whole, Question("lemp", kind=kind)) for kind in Kind}
    assert answers[Kind.SIMPLE].estimate == pytest.approx(-0.03995, abs=1e-5)
    assert answers[Kind.GROUP].estimate == pytest.approx(-0.03102, abs=1e-5)
    assert answers[Kind.DYNAMIC].estimate == pytest.approx(-0.07724, abs=1e-5)
    one = answers[Kind.SIMPLE]
    assert (one.treated, one.control, one.coverage, one.rung) == (191, 309, 1.0, Rung.C)
    assert one.diagnostics["pre_trend"].p == pytest.approx(0.16812, abs=1e-5)


def test_bounds_for_trends_that_were_not_parallel_come_with_the_answer():
    found = panel_effect(panel(*world(np.random.default_rng(2))), Question("y"))
    bounds = found.diagnostics["honest"]
    assert [bound.size for bound in bounds["bounds"]] == [0.5, 1, 2]
    widths = [bound.high - bound.low for bound in bounds["bounds"]]
    assert widths == sorted(widths)
    assert bounds["breakdown"] > 0


@pytest.mark.parametrize("method", [Method.CS, Method.IMPUTATION])
def test_a_failed_test_of_pre_trends_is_said_and_bounded(method):
    found = panel_effect(panel(*drifting()), Question("y", method=method))
    assert found.refused is None
    assert "the test of pre-trends fails" in found.diagnostics["notes"][-1]
    assert "bounds" in found.diagnostics["honest"]


def test_a_failed_test_without_a_bound_refuses():
    outcome, cohort = world(np.random.default_rng(3), 300, 5, cohorts=(0, 3))
    found = panel_effect(
        panel(outcome + 0.5 * (cohort[:, None] > 0) * np.arange(5), cohort), Question("y")
    )
    assert (found.estimate, found.low, found.high) == (None, None, None)
    assert "did not move as their controls did" in found.refused
    assert found.diagnostics["pre_trend"].p < 0.05


def test_one_treated_unit_gives_no_interval_of_this_kind():
    outcome, _ = world(np.random.default_rng(4), 40)
    cohort = np.where(np.arange(40) == 0, 4, 0)
    refused = panel_effect(panel(outcome, cohort), Question("y")).refused
    assert "at least two treated" in refused
    assert "ask for the method sdid or sc" in refused
    synthetic = panel_effect(panel(outcome, cohort), Question("y", method=Method.SC))
    assert synthetic.refused is None


def test_where_one_was_never_treated_those_treated_last_can_take_its_place():
    outcome, _ = world(np.random.default_rng(4), 40)
    cohort = np.array([0, *[4, 6] * 19, 6])
    assert (
        "leave the one control out" in panel_effect(panel(outcome, cohort), Question("y")).refused
    )
    late = Question("y", design=Design(Control.NOT_YET))
    assert panel_effect(panel(outcome[1:], cohort[1:]), late).refused is None


def test_units_that_weigh_nothing_are_named():
    outcome, cohort = world(np.random.default_rng(4), 40)
    idle = panel(outcome, cohort, weight="w", w=np.zeros(40))
    assert "weigh nothing" in panel_effect(idle, Question("y")).refused


def test_coverage_is_the_share_of_rows_that_the_answer_rests_on():
    outcome, cohort = world(np.random.default_rng(5), 100)
    outcome[:10, 0] = np.nan
    found = panel_effect(panel(outcome, cohort), Question("y"))
    assert found.coverage == pytest.approx(0.9)


def test_what_is_no_number_is_null_in_json():
    answer = Answer("a", "b", Rung.A, 1.0, float("nan"), float("inf"), "EUR", 1, 2, None)
    plain = answer.as_dict()
    assert (plain["low"], plain["high"], plain["rung"]) == (None, None, "A")
    assert answer.refuse("why").as_dict()["estimate"] is None


def clustered(cluster):
    rng = np.random.default_rng(5)
    unit, time = np.indices((60, 4))
    cohort = np.where(unit < 30, 3, 0)
    table = pa.table({
        "unit": unit.ravel(), "time": (time + 1).ravel(), "cohort": cohort.ravel(),
        "y": rng.normal(size=240), "k": np.repeat(cluster, 4),
    })  # fmt: skip
    panel = read_panel(table, Columns("unit", "time", "cohort", "y", cluster="k"))
    return panel_effect(panel, Question(outcome="y"))


def test_one_cluster_on_a_side_has_no_interval():
    found = clustered(np.arange(60) // 30)
    assert found.estimate is None
    assert "treated units lie in 1 and the others in 1 clusters" in found.refused


def test_few_clusters_are_named():
    few, many = clustered(np.arange(60) // 5), clustered(np.arange(60))
    assert "12 clusters the interval is too narrow" in few.diagnostics["notes"][-1]
    assert many.diagnostics["notes"] == []


def test_months_as_numbers_are_averaged_by_time_since_treatment():
    """As plain numbers, January would lie 89 after December, and no cohort beside another."""
    outcome, _ = world(np.random.default_rng(6), 90, 6)
    cohort = np.repeat([0, 3, 5], 30)
    month = np.array([202010, 202011, 202012, 202101, 202102, 202103])
    plain = panel_effect(panel(outcome, cohort), Question("y", kind=Kind.DYNAMIC))
    table = pa.table({
        "unit": np.repeat(np.arange(90), 6), "time": np.tile(month, 90), "y": outcome.ravel(),
        "cohort": np.repeat(np.where(cohort > 0, month[cohort - 1], 0), 6),
    })  # fmt: skip
    named = read_panel(table, Columns("unit", "time", "cohort", "y"))
    found = panel_effect(named, Question("y", kind=Kind.DYNAMIC))
    assert found.estimate == pytest.approx(plain.estimate)
    lines = found.diagnostics["aggregates"][Kind.DYNAMIC]["lines"]
    assert [line["at"] for line in lines] == [-3, -2, -1, 0, 1, 2, 3]
