"""A long table becomes a panel, or the cell that prevents it is named."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from tuttuno.effects.columns import BadCell, Columns
from tuttuno.effects.panel import independent, read_panel
from tuttuno.errors import BadInput, Unknown

COLUMNS = Columns("unit", "time", "cohort", "y")


def table(**columns):
    plain = {
        "unit": ["a", "a", "b", "b"],
        "time": [1, 2, 1, 2],
        "cohort": [2, 2, 0, 0],
        "y": [1.0, 2.0, 3.0, 4.0],
    }
    return pa.table(plain | columns)


def test_rows_in_any_order_make_the_same_panel():
    ordered = read_panel(table(), COLUMNS)
    shuffled = read_panel(table().take([2, 1, 3, 0]), COLUMNS)
    assert ordered.outcome.tolist() == [[1, 2], [3, 4]]
    assert shuffled.outcome.tolist() == [[3, 4], [1, 2]]
    assert shuffled.unit.to_pylist() == ["b", "a"]
    assert shuffled.cohort.tolist() == [np.inf, 2]


@pytest.mark.parametrize(
    "never",
    [0, None, float("nan"), float("inf"), "0", "", "never", "Never treated", ".", "NaN", "Inf", 99],
)
def test_never_treated_is_written_in_many_ways(never):
    text = isinstance(never, str)
    cohort = ["2", "2", never, never] if text else [2, 2, never, never]
    found = read_panel(table(cohort=cohort), COLUMNS)
    assert found.cohort.tolist() == [2, 99 if never == 99 else np.inf]


@pytest.mark.parametrize(
    "times", [["2025", "2026"], [date(2025, 1, 1), date(2026, 1, 1)]], ids=["text", "dates"]
)
def test_a_year_is_a_time_where_every_year_has_one(times):
    found = read_panel(table(time=times * 2, cohort=[2026, 2026, 2031, 2031]), COLUMNS)
    assert found.cohort.tolist() == [1, np.inf]
    early = read_panel(table(time=times * 2, cohort=[2020, 2020, 0, 0]), COLUMNS)
    assert early.cohort.tolist() == [-1, np.inf]
    with pytest.raises(BadCell, match="one scale for both"):
        read_panel(table(time=["2026-01", "2026-02"] * 2, cohort=[2026, 2026, 0, 0]), COLUMNS)


def test_a_year_between_the_times_is_named():
    years = ["2024", "2026"] * 2
    with pytest.raises(BadCell, match="2025 is not one of the times"):
        read_panel(table(time=years, cohort=[2025, 2025, 0, 0]), COLUMNS)


def test_a_negative_time_that_cannot_be_is_not_taken_for_never():
    with pytest.raises(BadCell, match=r"row 3, .*write never as 0"):
        read_panel(table(cohort=[2, 2, -1, -1]), COLUMNS)


@pytest.mark.parametrize(
    ("columns", "kept"),
    [
        pytest.param([[1, 2, 4, 8], [3, 5, 8, 9]], [True, True], id="both-new"),
        pytest.param(
            [[1, 2, 4, 8], [3, 5, 8, 9], [5, 9, 16, 25]], [True, True, False], id="a-sum-of-both"
        ),
        pytest.param([[7, 7, 7], [1, 2, 4]], [False, True], id="a-constant"),
        pytest.param([[1e12 + 1, 1e12 + 2, 1e12 + 4]], [True], id="far-from-zero"),
        pytest.param([[0, 0, 0]], [False], id="nothing"),
    ],
)
def test_a_covariate_that_says_nothing_new_is_seen(columns, kept):
    assert independent(np.array(columns, dtype=np.float64).T).tolist() == kept


@pytest.mark.parametrize(
    ("times", "cohorts"),
    [
        pytest.param([date(2026, 3, 1), date(2026, 4, 1)], date(2026, 4, 1), id="dates"),
        pytest.param([date(2026, 3, 1), date(2026, 4, 1)], "2026-04-01", id="dates-and-text"),
        pytest.param(["2026-03", "2026-04"], "2026-04", id="months"),
        pytest.param(["2026Q1", "2026Q2"], "2026Q2", id="quarters"),
    ],
)
def test_dates_and_sortable_text_are_times(times, cohorts):
    found = read_panel(table(time=times * 2, cohort=[cohorts, cohorts, None, None]), COLUMNS)
    assert found.timeline.times.tolist() == [0, 1]
    assert found.cohort.tolist() == [1, np.inf]
    assert found.timeline.labels[1] == str(times[1])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        pytest.param(
            {"unit": ["a", "a", "a", "b"], "time": [1, 2, 1, 2]},
            "panel: row 3, column 'unit': 'a' at 1 was already in row 1",
            id="repeated",
        ),
        pytest.param(
            {"cohort": [2, 0, 0, 0]},
            "panel: row 1, column 'cohort': another value than in other rows of the unit",
            id="two-cohorts",
        ),
        pytest.param(
            {"y": ["1", "2", "molto", "4"]},
            "panel: row 3, column 'y': 'molto' is not a number",
            id="text-outcome",
        ),
        pytest.param({"y": [1.0, 2.0, 3.0, np.inf]}, "row 4, column 'y': infinity", id="infinite"),
        pytest.param({"unit": ["a", "a", "b", None]}, "row 4, column 'unit'", id="no-unit"),
        pytest.param({"unit": [1.0, 1, np.nan, 2]}, "row 3, column 'unit'", id="unit-is-nan"),
        pytest.param({"y": [None] * 4}, "row 1, column 'y': missing here and in all", id="no-y"),
        pytest.param({"time": [1, 2, None, 2]}, "row 3, column 'time': no time", id="no-time"),
        pytest.param({"time": ["1 March", "x", "y", "z"]}, "'1 March' is not a time", id="free"),
        pytest.param({"time": [-1, 0, -1, 0]}, "0 may be the time zero or never", id="zero"),
        pytest.param(
            {"time": ["2026-03", "2026-05"] * 2, "cohort": ["2026-04"] * 2 + ["never"] * 2},
            "row 1, column 'cohort': 2026-04 is not one of the times",
            id="between",
        ),
        pytest.param(
            {"time": ["2026-03", "2026-05"] * 2}, "a number, while times are dates", id="scales"
        ),
    ],
)
def test_a_cell_that_cannot_be_used_is_named(columns, message):
    with pytest.raises(BadCell, match=message.replace("(", r"\(")):
        read_panel(table(**columns), COLUMNS)


def test_an_unknown_column_is_answered_with_the_nearest_one():
    with pytest.raises(Unknown, match="did you mean 'cohort'"):
        read_panel(table(), Columns("unit", "time", "cohorts", "y"))


def test_weights_and_clusters_that_make_no_sense_are_refused():
    columns = Columns("unit", "time", "cohort", "y", weight="w", cluster="k")
    with pytest.raises(BadCell, match="row 2, column 'w': a weight is a number that is not neg"):
        read_panel(table(w=[1, -1, 1, 1], k=[1, 1, 2, 2]), columns)
    with pytest.raises(BadCell, match="another cluster"):
        read_panel(table(w=[1, 1, 1, 1], k=[1, 2, 2, 2]), columns)


def test_a_text_covariate_becomes_indicators_of_all_values_but_the_first():
    columns = Columns("unit", "time", "cohort", "y", ("kind",))
    found = read_panel(table(kind=["x", "x", "z", "z"]), columns)
    assert found.names == ("kind=z",)
    assert found.covariates[:, :, 0].tolist() == [[0, 0], [1, 1]]


@pytest.mark.parametrize("kind", [bool, int, float])
def test_a_column_of_treated_rows_says_since_when(kind):
    on = [kind(one) for one in (0, 1, 1, 0, 0, 0)]
    rows = {"unit": [1, 1, 1, 2, 2, 2], "time": [7, 8, 9] * 2, "on": on, "y": [1.0, 2, 3] * 2}
    found = read_panel(pa.table(rows), Columns("unit", "time", "on", "y"))
    assert found.cohort.tolist() == [8, np.inf]
    assert found.notes == ("on marks treated rows: the first counts",)


def test_where_one_is_a_time_a_column_of_zero_and_one_is_first_treated_times():
    found = read_panel(table(time=[0, 1, 0, 1], cohort=[1, 1, 0, 0]), COLUMNS)
    assert (found.cohort.tolist(), found.notes) == ([1, np.inf], ())


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        pytest.param({"cohort": [True, True, False, False]}, "not since when", id="who"),
        pytest.param(
            {"time": [2001, 2002] * 2, "cohort": [0, 0, 1, 1]}, "row 3, .*since when", id="years"
        ),
        pytest.param(
            {"unit": ["a"] * 3 + ["b"], "time": [1, 2, 3, 3], "cohort": [0, 1, 0, 0]},
            "row 3, column 'cohort': the unit was treated before and is not any more",
            id="ends",
        ),
    ],
)
def test_a_column_of_zero_and_one_that_does_not_say_since_when_is_refused(columns, message):
    with pytest.raises(BadCell, match=message):
        read_panel(table(**columns), COLUMNS)


@pytest.mark.parametrize(
    ("times", "cohort"),
    [
        pytest.param([202011, 202012, 202101, 202102], 202101, id="months"),
        pytest.param([202011, 202012, 202101, 202102], "202101", id="months-and-text"),
        pytest.param([202011.0, 202012.0, 202101.0, 202102.0], 202101.0, id="floats"),
        pytest.param([20201130, 20201231, 20210131, 20210228], 20210131, id="days"),
    ],
)
def test_months_and_days_written_as_numbers_are_one_period_apart(times, cohort):
    never = None if isinstance(cohort, str) else 0
    rows = {"unit": list("aaaabbbb"), "time": times * 2, "y": [1.0] * 8}
    rows["cohort"] = [cohort] * 4 + [never] * 4
    found = read_panel(pa.table(rows), COLUMNS)
    assert found.timeline.times.tolist() == [0, 1, 2, 3]
    assert found.timeline.labels[2] == str(int(cohort))
    assert found.cohort.tolist() == [2, np.inf]


def test_numbers_that_are_no_months_stay_numbers():
    for times in ([202011, 202113], [202011, 202012], [2020, 2021], [19000101.5, 20000101.5]):
        found = read_panel(table(time=times * 2, cohort=[0] * 4), COLUMNS)
        assert found.timeline.times.tolist() == times


def test_a_negative_month_is_not_taken_for_an_early_one():
    rows = {"time": [202012, 202101] * 2, "cohort": [202101, 202101, -1, -1]}
    with pytest.raises(BadCell, match=r"row 3, .*write never as 0"):
        read_panel(table(**rows), COLUMNS)


def test_numbers_written_as_text_are_ordered_as_numbers():
    found = read_panel(table(time=["9", "10"] * 2, cohort=["10", "10", "", ""]), COLUMNS)
    assert found.timeline.times.tolist() == [9, 10]
    assert found.cohort.tolist() == [10, np.inf]


def test_text_of_any_kind_of_arrow_is_text():
    views = {name: pa.array(values, pa.string_view()) for name, values in
             {"unit": ["a", "a", "b", "b"], "time": ["2001", "2002"] * 2,
              "cohort": ["2002", "2002", "never", "never"]}.items()}  # fmt: skip
    found = read_panel(table(**views), COLUMNS)
    assert found.cohort.tolist() == [1, np.inf]


def test_a_column_that_is_there_twice_is_named():
    twice = pa.Table.from_arrays([*table().columns, table()["y"]], [*table().column_names, "y"])
    with pytest.raises(BadInput, match="more than one column 'y'"):
        read_panel(twice, COLUMNS)


def test_people_asked_anew_each_time_are_no_panel():
    rows = {"who": [1, 2, 3, 4], "time": [1, 1, 2, 2], "from": [2, 0, 2, 0], "y": [1.0, 2, 3, 4]}
    asked = read_panel(pa.table(rows), Columns("who", "time", "from", "y"))
    with pytest.raises(BadInput, match="each of the 4 units is observed once"):
        asked.balanced()


def test_an_incomplete_panel_says_which_unit_is_missing_when():
    found = read_panel(table().slice(0, 3), COLUMNS)
    with pytest.raises(BadInput, match=r"1 of 2 units .* the first is 'b' at 2"):
        found.balanced(refuse=True)
    kept = found.balanced()
    assert (kept.cohort.size, kept.rows) == (1, 3)
    assert kept.coverage == pytest.approx(2 / 3)
