"""Steps of months counted back from a day."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tuttuno.measures.spans import edges, months_before, whole_months_between

DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))


@given(DAYS, st.integers(1, 40))
def test_as_many_months_fit_as_were_counted_back(day, months):
    assert whole_months_between(months_before(day, months), day) == months


@given(DAYS, DAYS)
def test_one_month_more_would_not_fit(since, until):
    if since < until:
        months = whole_months_between(since, until)
        assert months_before(until, months) >= since > months_before(until, months + 1)


def test_steps_meet_without_a_gap():
    days = edges(date(2026, 5, 31), months=1, count=3)
    assert days == (date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31))
