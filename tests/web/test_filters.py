"""The address of a page is the whole question, and every link keeps the rest of it."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from tuttuno.measures.ask import Ask
from tuttuno.web.filters import Filters, NotADay, NotAFilter, read_filters, shifted
from tuttuno.web.ways import Ways

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1)
DIMENSIONS = st.sampled_from(["province", "store", "brand"])
ASKS = st.builds(
    Ask,
    by=st.lists(DIMENSIONS, max_size=2, unique=True).map(tuple),
    where=st.lists(st.tuples(DIMENSIONS, WORDS), max_size=3).map(tuple),
    view=st.sampled_from(["demand", "fulfilment"]),
    all_time=st.booleans(),
)


@given(ASKS, st.sampled_from(["", "persons", "-persons"]))
def test_an_address_is_read_back_as_it_was_written(ask, sort):
    filters = Filters(ask, sort)
    assert read_filters(QueryParams(filters.query()[1:])) == filters


def test_days_are_read_back_too():
    filters = Filters(Ask(since=date(2025, 1, 1), until=date(2025, 2, 1)))
    assert filters.query() == "?since=2025-01-01&until=2025-02-01"
    assert read_filters(QueryParams(filters.query()[1:])) == filters


@pytest.mark.parametrize(
    ("since", "until", "direction", "moved"),
    [
        pytest.param("2025-04-01", "2026-04-01", -1, ("2024-04-01", "2025-04-01"), id="year"),
        pytest.param("2024-02-01", "2024-03-01", 1, ("2024-03-01", "2024-04-01"), id="month"),
        pytest.param("2025-12-01", "2026-01-01", 1, ("2026-01-01", "2026-02-01"), id="new-year"),
        pytest.param("2025-03-03", "2025-03-10", -1, ("2025-02-24", "2025-03-03"), id="week"),
    ],
)
def test_a_period_moves_by_its_own_length(since, until, direction, moved):
    days = shifted(date.fromisoformat(since), date.fromisoformat(until), direction)
    assert tuple(day.isoformat() for day in days) == moved


@given(st.dates(date(2001, 1, 1), date(2050, 1, 1)), st.integers(1, 900))
def test_going_back_undoes_going_on(since, length):
    until = date.fromordinal(since.toordinal() + length)
    later = shifted(since, until, 1)
    # days that happen to land on whole months go on in months
    assume((since.day, until.day) == (1, 1) or (later[0].day, later[1].day) != (1, 1))
    assert shifted(*later, -1) == (since, until)


def test_a_filter_replaces_the_one_on_the_same_thing():
    filters = Filters(Ask(where=(("province", "MI"), ("brand", "B")), by=("province",)))
    assert filters.narrowed("province", "RM") == "?where=brand%3AB&where=province%3ARM"


def test_taking_a_filter_away_keeps_the_others():
    filters = Filters(Ask(where=(("province", "MI"), ("brand", "B"))))
    assert filters.widened("province", "MI") == "?where=brand%3AB"


def test_a_row_of_a_month_leads_to_that_month():
    ways = Ways("coverage", Filters(Ask(by=("month",))), {"province"})
    assert ways.of({"month": "2026-02"}) == "?since=2026-02-01&until=2026-03-01"


def test_words_that_nothing_can_be_filtered_by_lead_nowhere():
    ways = Ways("online_exclusives", Filters.none(), {"province"}, {})
    assert ways.of({"past": "once_in_store"}) == ""
    assert ways.of({"all": "all"}) == "/measures/online_exclusives/people"


def test_a_class_of_a_province_leads_to_the_people_of_both():
    ways = Ways("channel_class", Filters.none(), {"province"}, {"class": ("both",)})
    address = ways.of({"province": None, "class": "both"})
    assert address == "/measures/channel_class/people?where=province%3A&class=both"


def test_sorting_twice_turns_the_order_round():
    assert Filters(Ask()).sorted_by("net") == "?sort=-net"
    assert Filters(Ask(), "-net").sorted_by("net") == "?sort=net"


def test_all_time_wins_over_days():
    asked = read_filters(QueryParams("all_time=1&since=2026-01-01")).asked
    assert asked == Ask(all_time=True)


def test_a_day_must_be_a_day():
    with pytest.raises(NotADay, match="since is not a day: '31/3'"):
        read_filters(QueryParams("since=31/3"))


@pytest.mark.parametrize("text", ["province", ":MI"])
def test_a_filter_needs_a_dimension_and_a_colon(text):
    with pytest.raises(NotAFilter):
        read_filters(QueryParams({"where": text}))
