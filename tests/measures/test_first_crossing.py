"""When buyers of one side first buy on the other: by hand, beside a library, and in simulation."""

from datetime import date

import numpy as np
import pytest
from statsmodels.duration.survfunc import CumIncidenceRight

from tests.measures.scenario import Shop, asked
from tuttuno.measures.life_table import life_table
from tuttuno.measures.survival import OPEN, incidence

CROSSED, LAPSED = 1, 2
YEARS = {"since": date(2024, 1, 1), "until": date(2026, 1, 1)}

SHOP = """
    anna   2024-03-10  store  -          5.00
    anna   2024-03-20  web    delivered  5.00
    bruno  2024-03-01  store  -          5.00
    bruno  2024-06-30  store  -          5.00
    bruno  2024-08-01  web    collected  5.00
    carla  2024-05-01  store  -          5.00
    carla  2025-04-01  web    delivered  5.00
    dario  2025-09-01  store  -          5.00
    elena  2025-10-01  web    delivered  5.00
    elena  2025-12-31  store  -          5.00
    franco 2025-02-01  web    delivered  5.00
    franco 2025-02-01  store  -          5.00
"""


def table(found, side="store", cohort="all", column="crossed"):
    rows = [row for row in found.rows if (row["from"], row["began"]) == (side, cohort)]
    return {row["age"]: row[column] for row in rows if row[column]}


def test_each_waits_until_she_crosses_lapses_or_the_window_ends(duck):
    found = asked("first_crossing", SHOP, duck, **YEARS)
    # anna in her first month, bruno five months later; carla was silent for six before she
    # came back, and counts as gone; dario is still waiting
    assert table(found) == {0: 1, 5: 1}
    assert table(found, column="lapsed") == {6: 1}
    assert table(found, column="persons") == {0: 4, 1: 3, 2: 3, 3: 3, 4: 2, 5: 2, 6: 1}
    assert table(found, column="crossed_share")[5] == pytest.approx(1 / 4 + 3 / 4 / 2)
    assert table(found, "online") == {2: 1}


def test_who_begins_on_both_sides_has_nothing_to_cross_and_is_counted_apart(duck):
    notes = asked("first_crossing", SHOP, duck, **YEARS).notes
    assert any(note.startswith("1 buyers bought on both sides on their first") for note in notes)


def test_cohorts_are_years_of_the_first_purchase(duck):
    found = asked("first_crossing", SHOP, duck, **YEARS)
    assert table(found, cohort="2024", column="persons")[0] == 3
    assert table(found, cohort="2025", column="persons")[0] == 1
    assert {row["began"] for row in asked("first_crossing", SHOP, duck, since=date(2025, 1, 1),
            until=date(2026, 1, 1)).rows} == {"all"}  # fmt: skip


def test_the_first_purchase_ever_counts_and_not_the_first_of_the_window(duck):
    found = asked("first_crossing", SHOP, duck, since=date(2024, 4, 1), until=date(2026, 1, 1))
    assert table(found, column="persons")[0] == 2  # carla and dario


def test_a_month_that_the_end_cuts_is_not_watched(duck):
    found = asked("first_crossing", SHOP, duck, since=date(2024, 1, 1), until=date(2025, 12, 31))
    assert table(found, "online") == {}
    assert table(found, "online", column="persons") == {0: 1, 1: 1}


def test_by_handover_to_collect_is_to_come_to_the_store(duck):
    found = asked("first_crossing", SHOP, duck, view="fulfilment", **YEARS)
    assert table(found) == {0: 1}


@pytest.mark.parametrize("ask", [{}, {"where": (("source", "s"),)}, {"by": ("source",)}])
def test_the_panel_and_the_purchases_tell_the_same(duck, ask):
    found = asked("first_crossing", SHOP, duck, **YEARS, **ask)
    assert table(found) == {0: 1, 5: 1}


def test_silence_longer_than_the_window_is_said_to_be_unseen(duck):
    found = asked("first_crossing", SHOP, duck, since=date(2025, 8, 1), until=date(2026, 1, 1))
    assert any("nobody can be seen to lapse" in note for note in found.notes)


def waits(draw, persons=400, months=24):
    """Who crosses with 3 % a month and lapses with 5 %, watched for different times."""
    cross = draw.geometric(0.03, persons) - 1
    lapse = draw.geometric(0.05, persons)
    end = draw.integers(3, months, persons)
    cause = np.where((cross < lapse) & (cross <= end), CROSSED, np.where(lapse <= end, LAPSED, 0))
    month = np.where(cause == CROSSED, cross, np.where(cause == LAPSED, lapse, end))
    return month, cause


def test_shares_and_errors_are_those_of_a_library():
    month, cause = waits(np.random.default_rng(1))
    ours = life_table(month, cause, np.ones(len(month)), several=(CROSSED, LAPSED))
    theirs = CumIncidenceRight(month + 1.0, cause)
    at = theirs.times.astype(int) - 1
    for each in (CROSSED, LAPSED):
        assert ours.share[each][at] == pytest.approx(theirs.cinc[each - 1], abs=1e-12)
        assert ours.error[each][at] == pytest.approx(theirs.cinc_se[each - 1], rel=1e-9)
    alone = incidence(month.tolist(), cause.tolist(), [1] * len(month), cause=CROSSED)
    assert [alone.by(m) for m in range(12)] == pytest.approx(list(ours.share[CROSSED][:12]))


def truth(month):
    """Share that has crossed by the end of a month: while neither had happened before."""
    stay = 0.97 * 0.95
    # lapse comes from month 1 on; of both in one month the lapse counts
    return 0.03 + sum(0.97 * 0.95 * stay ** (m - 1) * 0.03 for m in range(1, month + 1))


def test_intervals_hold_the_truth_as_often_as_they_say():
    draw, held = np.random.default_rng(2), []
    for _ in range(400):
        month, cause = waits(draw)
        found = life_table(month, cause, np.ones(len(month)), several=(CROSSED, LAPSED))
        held += [low <= truth(at) <= high for at in (6, 12)
                 for low, high in [found.between(CROSSED, at)]]  # fmt: skip
    assert np.mean(held) == pytest.approx(0.95, abs=0.025)


def test_nothing_sold_is_no_table(duck):
    shop = Shop("- 2024-03-10 store - 5.00")
    assert asked("first_crossing", shop, duck, **YEARS).rows == ()


def test_a_table_without_anybody_is_empty():
    found = life_table([], [], [], several=(CROSSED, OPEN))
    assert len(found.at_risk) == 0


def test_six_months_of_silence_are_six_without_a_purchase(duck):
    five = "gina 2024-01-31 store - 5.00\ngina 2024-07-01 web - 5.00"
    six = "ugo 2024-01-31 store - 5.00\nugo 2024-08-01 web - 5.00"
    found = asked("first_crossing", f"{five}\n{six}", duck, **YEARS)
    assert (table(found), table(found, column="lapsed")) == ({6: 1}, {6: 1})


def test_who_begins_in_a_month_that_is_cut_is_not_watched_at_all(duck):
    late = "late 2025-12-01 store - 5.00\nearly 2025-11-01 store - 5.00"
    found = asked("first_crossing", late, duck, since=date(2025, 1, 1), until=date(2025, 12, 20))
    assert table(found, column="persons") == {0: 1}
