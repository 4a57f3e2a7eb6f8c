"""The page of an effect: the number never without its doubt, the refusal in its place."""

import re

import pytest
from web_fakes import DIVERTED

from tuttuno.chart.draw import draw_effect
from tuttuno.chart.effect_pictures import effect_pictures
from tuttuno.chart.effect_words import amount, naive, paragraphs, title
from tuttuno.chart.picture import Events
from tuttuno.chart.voice import PlainVoice
from tuttuno.studies.study import NUMBERS

VOICE = PlainVoice()


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def told(**more):
    return {**DIVERTED, **more}


REFUSED = told(
    estimate=None, low=None, high=None, refused="99 treated are too few",
    diagnostics={k: v for k, v in DIVERTED["diagnostics"].items() if k not in NUMBERS},
)  # fmt: skip


def test_title_number_rung_interval_and_size_stand_together(admin):
    text = text_of(admin.get("/effects/cannibalisation"))
    assert "Of 100 orders that members newly place online, about 35 were lost" in text
    assert "35%" in text
    assert "C Before and after, against others" in text
    assert "95% interval 29% to 41%" in text
    assert "1,413 treated, 2,440 compared with" in text
    assert "63% of those asked about take part" in text


def test_more_spending_of_both_channels_is_never_shown_without_selection(admin):
    text = text_of(admin.get("/effects/cannibalisation"))
    assert "2.1 times as much" in text
    assert "Most of that is selection" in text
    assert "multiplied their spending by 1.4" in text


def test_the_page_is_italian_for_who_chose_italian(admin):
    admin.cookies.set("language", "it")
    text = text_of(admin.get("/effects/cannibalisation"))
    assert "Di 100 nuovi ordini online dei titolari della carta, circa 35 li hanno persi" in text
    assert "In gran parte è selezione" in text


def test_what_both_channels_spend_more_is_not_told_without_the_adjusted_figure():
    alone = {**DIVERTED["diagnostics"]["naive"], "adjusted_times": None}
    plain = told(diagnostics={**DIVERTED["diagnostics"], "naive": alone})
    assert naive(plain, VOICE) == ""
    assert "Most of that is selection" in naive(DIVERTED, VOICE)


def test_a_refused_effect_has_its_reason_in_the_place_of_the_number(admin, desk):
    desk.diverted = REFUSED
    text = text_of(admin.get("/effects/cannibalisation"))
    assert "The data cannot answer this question." in text
    assert "99 treated are too few." in text
    assert "35%" not in text
    assert "times as much" not in text
    desk.diverted = {**REFUSED, "refused": "too few are treated"}
    assert "Too few are treated." in text_of(admin.get("/effects/cannibalisation"))


def test_the_overview_shows_the_diversion_with_its_interval_and_rung(admin, desk):
    text = text_of(admin.get("/"))
    assert "95% interval 29% to 41%" in text
    assert "C: Before and after, against others" in text
    desk.diverted = REFUSED
    assert "99 treated are too few" in text_of(admin.get("/"))


def test_what_is_compared_and_who_is_left_out_is_listed(admin):
    text = text_of(admin.get("/effects/cannibalisation"))
    assert "Account older than the first online order that is seen 797" in text
    assert "province: MI" in text
    assert "accounting of moves, not an effect" in text


def test_programs_get_the_promised_keys(admin):
    found = admin.get("/api/v1/effects/cannibalisation").json()
    assert list(found)[:4] == ["effect", "question", "rung", "estimate"]
    assert admin.get("/api/v1/effects").json() == {
        "effects": [{"name": "cannibalisation", "label": "Cannibalisation"}]
    }
    assert admin.get("/api/v1/effects/nothing").status_code == 404
    assert admin.get("/effects/nothing").status_code == 404


def test_before_the_first_build_the_page_says_what_will_be_here(admin, desk):
    desk.built = False
    assert "tuttuno build" in admin.get("/effects/cannibalisation").text


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (-0.1, 0.2, "cannot be told"),
        (-0.3, -0.1, "adds to what members buy"),
        (0.1, 0.3, "were lost by the stores"),
    ],
)
def test_a_title_claims_no_more_than_the_interval_allows(low, high, said):
    assert said in title(told(low=low, high=high, estimate=(low + high) / 2), VOICE)


def other(effect, **more):
    euros = {"estimate": 3.4, "low": 1.0, "high": 6.0, "total": 41_000.0}
    outcomes = [{"name": "orders_online", "estimate": 0.05, "low": 0.03, "high": 0.07}]
    diagnostics = {**DIVERTED["diagnostics"], "euros": euros, "outcomes": outcomes, **more}
    return told(effect=effect, unit="online orders per person and month", estimate=0.05,
                low=0.03, high=0.07, diagnostics=diagnostics)  # fmt: skip


def test_loyalty_is_told_a_year_and_in_money():
    plain = other("loyalty_effect", naive={"difference": 0.107})
    assert "0.6 more online orders a year" in title(plain, VOICE)
    assert "EUR 3.40 of online sales a person and month" in paragraphs(plain, VOICE)[0]
    assert "the keen ones enrol" in naive(plain, VOICE)
    assert "may as well be nothing" not in paragraphs(plain, VOICE)[0]
    plain["diagnostics"]["euros"]["low"] = -1.0
    assert "may as well be nothing" in paragraphs(plain, VOICE)[0]
    assert "cannot be told" in title(plain | {"low": -0.01}, VOICE)
    assert "order less" in title(plain | {"low": -0.3, "high": -0.1, "estimate": -0.2}, VOICE)


def test_click_and_collect_is_told_for_the_store_and_around_it():
    plain = other("click_and_collect_effect", naive={"store": {"times": 1.3}}) | {"unit": "1"}
    assert "about 5.0% more receipts" in title(plain, VOICE)
    assert "changed by 5.0%, between 3.0% and 7.0%" in paragraphs(plain, VOICE)[1]
    assert "1.30 times the receipts of before" in naive(plain, VOICE)
    assert "cannot be told yet" in title(plain | {"low": -0.01}, VOICE)
    assert "fewer receipts" in title(plain | {"low": -0.3, "high": -0.1, "estimate": -0.2}, VOICE)


def test_a_new_store_is_told_by_its_provinces_and_a_closing_in_its_own_words():
    crossing = {"days": 7, "online_after_store": {"share": 0.04}}
    crossing |= {"store_after_online": {"share": 0.06}, "returned_in_store": {"share": 0.35}}
    ring = {"to_km": 40.0, "estimate": 0.02, "low": -0.01, "high": 0.05}
    more = {"event": "opening", "places": ["CT", "PA"], "rings": [ring], "crossing": crossing}
    plain = other("store_role", naive={"times": 1.3}, **more) | {"unit": "1"}
    assert "Where a store opened, online orders rose by about 5.0%." in title(plain, VOICE)
    said = " ".join(paragraphs(plain, VOICE))
    assert "The provinces: CT, PA." in said
    assert "Up to 40 km away online orders changed by 2.0%" in said
    assert "Accounting, not an effect: 4.0%" in said
    assert "1.30 times the online orders of before" in naive(plain, VOICE)
    assert effect_pictures(plain, VOICE)[0].split_text == "Opening"
    assert "cannot be told" in title(plain | {"low": -0.01}, VOICE)
    refused = paragraphs(plain | {"refused": "too few"}, VOICE)
    assert refused[1].startswith("Accounting, not an effect: 4.0%")
    down = plain | {"low": -0.3, "high": -0.1, "estimate": -0.2}
    assert "Where a store opened, online orders fell by about 20.0%." in title(down, VOICE)
    down["diagnostics"]["event"] = "closing"
    assert "Where a store closed, online orders fell" in title(down, VOICE)
    assert "Where a store closed, online orders rose" in title(plain, VOICE)


def test_what_is_unknown_is_a_dash_in_every_unit():
    assert {amount(None, unit, VOICE) for unit in ("1", "EUR a month", "orders")} == {"—"}
    assert amount(1234.5, "EUR a month", VOICE) == "EUR 1,234"


def test_the_path_has_its_zero_and_the_treatment_between_two_steps():
    first = effect_pictures(DIVERTED, VOICE)[0]
    assert isinstance(first, Events)
    assert first.steps == ("-12", "-9", "-6", "0", "3", "6")
    assert first.before == 3
    assert 0 in {tick.value for tick in first.ticks}
    assert [line.label for line in first.lines] == ["Store", "Online"]


def test_a_refused_answer_still_shows_its_path_and_no_euros():
    assert len(effect_pictures(REFUSED, VOICE)) == 1
    assert "-0.100 (-0.140 to -0.060)" in draw_effect(DIVERTED)


def test_a_path_with_a_gap_draws_no_point_for_it():
    rows = DIVERTED["diagnostics"]["path"]
    gap = [*rows[:2], {**rows[2], "estimate": None}, *rows[3:]]
    plain = told(diagnostics={**DIVERTED["diagnostics"], "path": gap})
    marks = effect_pictures(plain, VOICE)[0].lines[0].marks
    assert [mark.value is None for mark in marks] == [False, False, True, False, False, False]


def test_categories_are_listed_with_what_each_side_changed_by(admin, desk):
    row = {"category": "", "store": -0.1, "online": 0.3, "estimate": 0.33, "low": 0.2, "high": 0.5}
    silent = {**row, "category": "Tools", "estimate": None, "low": None, "high": None}
    triple = {"estimate": 0.21, "low": 0.1, "high": 0.3}
    more = {"by_category": [row, silent], "alike": 0.5, "triple": triple, "naive": None}
    told_of = {**DIVERTED["diagnostics"], **more}
    desk.diverted = told(effect="cannibalisation_by_category", diagnostics=told_of)
    text = text_of(admin.get("/effects/cannibalisation"))
    assert "in no category clearly more than in the others" in text
    assert "without a category \u22120.100 0.300 33% 20% 50%" in text
    assert "Tools \u22120.100 0.300 — — —" in text
    assert "Outcome Articles" in text
    assert "where nothing is sold online 0.210 0.100 0.300" in text
