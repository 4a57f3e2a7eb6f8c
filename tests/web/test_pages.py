"""What stands on the pages: the finding, the number, the table, and nothing that injects."""

import re
from dataclasses import replace
from datetime import date
from io import BytesIO

import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient
from web_fakes import NEXT, NOON, PASSWORD, FakeDesk, token_of

from tuttuno.vault.batches import Counts, LedgerHour
from tuttuno.web.assemble import Region, make_app


def text_of(answer):
    """Return what is read on a page, white space folded."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_the_title_is_the_finding_and_the_number_has_its_denominator(admin):
    text = text_of(admin.get("/measures/channel_class"))
    assert "A third of the buyers use both channels and make 65% of the revenue." in text
    assert "33.7% of 11,887 known buyers · 62% of the sales have a known buyer" in text


def test_the_same_page_is_written_in_italian_for_who_chose_italian(admin):
    admin.cookies.set("language", "it")
    text = text_of(admin.get("/measures/channel_class"))
    assert "I clienti che comprano in entrambi i canali sono un terzo" in text
    assert "33,7 % di 11.887 clienti conosciuti" in text.replace("\u00a0", " ")


def test_who_has_not_chosen_reads_the_language_of_the_project(desk, door):
    app = make_app(desk, door, region=Region(language="it"))
    with TestClient(app, base_url="http://localhost") as client:
        assert "Entra" in client.get("/login", headers={"accept-language": "en"}).text


def test_the_switch_of_language_holds_against_the_project(admin):
    form = {"csrf": token_of(admin.get("/")), "language": "it", "back": "/releases"}
    answer = admin.post("/preferences", data=form)
    assert answer.headers["location"] == "/releases"
    assert "Edizioni" in admin.get("/releases").text


def test_the_switch_of_colours_is_remembered(admin):
    admin.post("/preferences", data={"csrf": token_of(admin.get("/")), "theme": "dark"})
    assert '<html lang="en" data-theme="dark">' in admin.get("/").text


def test_a_language_that_we_do_not_speak_is_not_remembered(admin):
    form = {"csrf": token_of(admin.get("/")), "language": "<script>", "theme": "pink"}
    assert "set-cookie" not in admin.post("/preferences", data=form).headers


def test_a_measure_that_does_not_exist_offers_the_nearest_one(admin):
    answer = admin.get("/measures/chanel_class")
    assert answer.status_code == 404
    assert "did you mean &#39;channel_class&#39;?" in answer.text


def test_a_question_that_is_refused_says_why_in_the_place_of_the_number(admin):
    answer = admin.get("/measures/channel_class?by=store_id")
    assert answer.status_code == 400
    assert "Cannot be split by store_id; choose province" in text_of(answer)


def test_a_day_that_is_none_is_refused_with_the_way_to_write_one(admin):
    answer = admin.get("/measures/channel_class?since=31/03/2026")
    assert answer.status_code == 400
    assert "write it like 2026-03-31" in text_of(answer)


def test_a_split_value_leads_down_to_itself(admin):
    answer = admin.get("/measures/channel_class?by=province")
    assert 'href="?where=province%3AMI"' in answer.text


def test_a_class_leads_down_to_its_people(admin):
    answer = admin.get("/measures/channel_class?where=province:MI")
    assert 'href="/measures/channel_class/people?where=province%3AMI&amp;class=both' in answer.text


def test_a_person_behind_a_number_leads_to_her_card(admin, desk):
    answer = admin.get("/measures/channel_class/people?where=province:MI&class=both")
    assert "4,006 people are behind this number." in answer.text
    assert '<a href="/people/7">Anna Bianchi</a>' in answer.text
    asked = ("channel_class", (("class", "both"),), (("province", "MI"),))
    assert desk.looks[-1] == ("admin", "list", asked)


def test_who_may_not_read_people_is_not_led_to_them(sign_in):
    anna = sign_in("anna")
    assert "/people?" not in anna.get("/measures/channel_class").text
    assert anna.get("/measures/channel_class/people?class=both").status_code == 403


def test_people_who_cannot_be_listed_are_refused_with_the_reason(admin):
    answer = admin.get("/measures/monthly/people")
    assert answer.status_code == 400
    assert "the people behind monthly cannot be listed" in answer.text


def test_a_receipt_shows_every_line_and_what_it_adds_up_to(admin, desk):
    assert 'href="/people/7/receipts/till/R/17?month=2026-03"' in admin.get("/people/7").text
    answer = admin.get("/people/7/receipts/till/R/17")
    text = text_of(answer)
    assert "2 lines, on 28 Mar 2026" in text
    assert "Linen &lt;shirt&gt;" in answer.text
    assert "P9" in text
    assert "€39.90" in text
    assert desk.looks[-1] == ("admin", "receipt", (7, "till", "R/17"))


def test_a_receipt_of_somebody_else_is_gone(admin):
    assert admin.get("/people/7/receipts/till/R99").status_code == 404


def test_what_others_share_and_what_became_of_the_id_is_told(admin):
    assert 'hx-get="/people/7/why"' in admin.get("/people/7").text
    text = text_of(admin.get("/people/7/why"))
    assert "3 people seem to share it, so it ties equal names only" in text
    assert "joined with 3-1" in text


def test_a_filter_is_chosen_in_two_steps_and_taken_away_in_one(admin):
    page = admin.get("/measures/channel_class?add=province")
    assert '<option value="MI">MI</option>' in page.text
    assert '<option value="?">Unknown</option>' in page.text
    page = admin.get("/measures/channel_class?add=province&is=MI&where=store:S01")
    assert "Province: MI" in text_of(page)
    assert 'href="?where=store%3AS01" aria-label="Remove the filter Province MI"' in page.text
    assert "Store: Firenze, Via Roma" in text_of(page)


def test_what_a_source_wrote_is_text_and_never_markup(admin):
    answer = admin.get("/measures/channel_class?by=province")
    assert "&lt;script&gt;" in answer.text
    assert "<script>" not in answer.text.replace("<script defer", "")


def test_a_name_with_a_bracket_is_a_name(admin):
    assert "Anna &lt;3 Bianchi" in admin.get("/people/7").text


def test_filters_that_leave_nothing_say_so(admin):
    text = text_of(admin.get("/measures/channel_class?where=province:XX"))
    assert "Nothing can be said for this period and these filters." in text


def test_without_a_release_every_page_says_how_to_make_one(door):
    app = make_app(FakeDesk(built=False), door)
    with TestClient(app, base_url="http://localhost", follow_redirects=False) as client:
        form = {"csrf": token_of(client.get("/login")), "login": "admin"}
        client.post("/login", data={**form, "password": PASSWORD})
        for address in ("/", "/measures/channel_class", "/releases"):
            assert "tuttuno build" in client.get(address).text, address


def test_the_table_is_sorted_as_the_address_says(admin):
    page = admin.get("/measures/channel_class?sort=-persons").text
    counts = re.findall(
        r'<td class="num">([\d,]+)</td><td class="num">€', re.sub(r">\s+<", "><", page)
    )
    assert counts == ["5,280", "2,601", "1,655", "1,341", "1,010"]
    assert 'aria-sort="descending"' in page


def test_a_file_has_the_rows_of_the_page_in_its_order(admin):
    answer = admin.get("/measures/channel_class/export.csv?sort=persons")
    lines = answer.text.splitlines()
    assert lines[0] == "class,band,persons,revenue,orders"
    assert lines[1] == "both,online_led,1010,402000.0,5060"
    assert len(lines) == 6
    assert answer.headers["content-disposition"] == 'attachment; filename="channel_class.csv"'


def test_a_parquet_file_has_the_unrounded_figures(admin):
    answer = admin.get("/measures/channel_class/export.parquet")
    assert pq.read_table(BytesIO(answer.content))["revenue"].to_pylist()[0] == 310_250.5


def test_a_picture_of_the_page_is_a_file_without_ways_out_of_it(admin):
    page = admin.get("/measures/channel_class").text
    assert "/measures/channel_class/picture-1.svg" in page
    answer = admin.get("/measures/channel_class/picture-1.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.headers["content-disposition"] == 'attachment; filename="channel_class-1.svg"'
    assert answer.text.startswith("<svg xmlns=")
    assert "href" not in answer.text
    assert admin.get("/measures/channel_class/picture-99.svg").status_code == 404


def test_a_format_that_does_not_exist_is_not_found(admin):
    assert admin.get("/measures/channel_class/export.exe").status_code == 404


def test_an_api_answer_has_the_promised_keys_in_the_promised_order(admin):
    answer = admin.get("/api/v1/measures/channel_class").json()
    assert list(answer) == [
        "measure", "label", "unit", "release", "window", "coverage", "by", "rows", "notes",
    ]  # fmt: skip
    assert answer["release"] == 2


def test_an_api_refusal_is_a_problem_with_a_stable_type(admin):
    answer = admin.get("/api/v1/measures/nothing")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:tuttuno:gone"
    assert answer.json()["status"] == 404


def test_the_description_of_the_api_names_its_addresses(admin):
    paths = admin.get("/api/v1/openapi.json").json()["paths"]
    assert "/api/v1/measures/{name}" in paths
    assert not any(path.startswith("/people") for path in paths)


def test_what_is_searched_for_never_stands_in_an_address(admin):
    form = {"csrf": token_of(admin.get("/people")), "text": "7-4"}
    assert admin.post("/people", data=form).headers["location"] == "/people/7"


def test_several_people_are_listed_and_nobody_is_said_plainly(admin):
    token = token_of(admin.get("/people"))
    assert "2 people match." in admin.post("/people", data={"csrf": token, "text": "anna"}).text
    assert "Nobody matches." in admin.post("/people", data={"csrf": token, "text": "x"}).text


def test_an_id_that_was_merged_away_leads_to_the_person(admin):
    assert admin.get("/people/3").headers["location"] == "/people/7"


def test_contact_details_are_masked_until_asked_for_and_the_look_is_recorded(admin, desk):
    page = admin.get("/people/7")
    assert "anna.bianchi@example.it" not in page.text
    shown = admin.post("/people/7/reveal", data={"csrf": token_of(page)})
    assert "anna.bianchi@example.it" in shown.text
    assert ("admin", "reveal", 7) in desk.looks


def test_what_was_collected_says_where_and_what_came_back_was_not_collected(admin):
    shown = admin.get("/people/7").text
    assert shown.count("collected in Firenze") == 1
    assert "collected in Store" not in shown
    assert "collected in store" not in shown


def test_a_person_who_is_not_there_is_gone(admin):
    answer = admin.get("/people/99")
    assert answer.status_code == 404
    assert "This page is not here" in answer.text


def test_the_intake_page_says_when_a_record_is_lost(admin, desk):
    assert "Every record that came in is accounted for." in admin.get("/intake").text
    desk.lines = [LedgerHour("till", NOON, Counts(10, 7, 1))]
    assert "2 records are unaccounted for." in admin.get("/intake").text


def test_the_intake_page_adds_up_the_hours_of_a_source(admin, desk):
    desk.lines = [
        LedgerHour("till", NOON, Counts(1000, 1000)),
        LedgerHour("till", NOON, Counts(234, 234)),
    ]
    assert '<td class="num">1,234</td>' in admin.get("/intake").text


def test_going_back_to_a_release_moves_the_pointer(admin):
    admin.post("/releases/1/current", data={"csrf": token_of(admin.get("/releases"))})
    assert "Everybody reads release 1" in admin.get("/releases").text


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_the_watchman_needs_no_account(stranger, address):
    assert stranger.get(address).status_code == 200


def test_each_best_known_detail_names_its_source_and_why(admin, desk):
    assert 'hx-get="/people/7/golden"' in admin.get("/people/7").text
    answer = admin.get("/people/7/golden")
    text = text_of(answer)
    assert "told last" in text
    assert "decided by a person" in text
    assert "Anna &lt;3 Bianchi" in answer.text
    assert "Lives with 1 person" in text
    assert desk.looks[-2:] == [("admin", "golden", 7), ("admin", "household", 7)]
    admin.cookies.set("language", "it")
    assert "detto per ultimo" in text_of(admin.get("/people/7/golden"))


def test_what_may_be_next_stands_on_the_card_with_its_reason(admin, desk):
    assert 'hx-get="/people/7/next"' in admin.get("/people/7").text
    answer = admin.get("/people/7/next")
    text = text_of(answer)
    assert "usually bought again after about 30 days, so around" in text
    assert "Because of Soap: 25% of those who bought it have this too (12 people)." in text
    assert "wished for, last on" in text
    assert "listed online and in stores" in text
    assert "Coat &lt;3" in answer.text
    assert desk.looks[-1] == ("admin", "next", 7)


def test_the_card_says_that_somebody_refuses_profiling(admin, desk, monkeypatch):
    refused = replace(NEXT, refused=True, again=(), new=(), looked=())
    monkeypatch.setattr(desk, "suggest", lambda _person, **_who: refused)
    assert "She refuses profiling" in text_of(admin.get("/people/7/next"))


def test_the_lists_of_a_person_are_in_the_api(admin):
    found = admin.get("/api/v1/people/7/next").json()
    assert found["new"][0]["because"]["product_id"] == "P2"
    assert (found["again"][0]["due_on"], found["looked"][0]["signal"]) == ("2026-03-03", "wished")


def test_of_what_was_due_already_the_card_says_since_when(admin, desk, monkeypatch):
    late = replace(NEXT, as_of=date(2026, 5, 1))
    monkeypatch.setattr(desk, "suggest", lambda _person, **_who: late)
    assert "after about 30 days, which was around" in text_of(admin.get("/people/7/next"))
