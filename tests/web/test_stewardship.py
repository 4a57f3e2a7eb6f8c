"""The pages and the API of the steward, over a real project that is changed and put back."""

import re

import pytest
from starlette.testclient import TestClient
from web_fakes import token_of

from tuttuno.tasks.open_account import open_account
from tuttuno.vault import audit
from tuttuno.vault.records import find_record_by_key
from tuttuno.web.app import create_app


@pytest.fixture
def place(doubtful_shop, tmp_path):
    with doubtful_shop.copied(tmp_path) as workspace:
        yield workspace


@pytest.fixture
def steward(place):
    """A browser of an admin."""
    password = open_account("admin", "admin", vault=place.vault)
    with TestClient(create_app(place), base_url="http://localhost") as client:
        form = {"login": "admin", "password": password, "csrf": token_of(client.get("/login"))}
        client.post("/login", data=form)
        yield client


@pytest.fixture
def pairs(steward):
    return steward.get("/api/v1/stewardship").json()["pairs"]


def post(steward, path, **said):
    token = token_of(steward.get("/stewardship"))
    return steward.post(path, data={"csrf": token, **said})


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_the_queue_is_on_the_page_in_both_languages(steward, pairs):
    said = {"en": "should be looked at.", "it": "da guardare."}
    for language, words in said.items():
        steward.cookies.set("language", language)
        answer = steward.get("/stewardship")
        assert answer.status_code == 200
        assert words in text_of(answer)
        assert pairs[0]["one"]["record_key"] in answer.text


def test_two_records_stand_side_by_side_and_the_points_add_up(steward, pairs, place):
    ends = {end: pairs[0][end]["record_key"] for end in ("one", "other")}
    answer = steward.get("/stewardship/pair", params=ends)
    fall = steward.get("/api/v1/stewardship/pair", params=ends).json()["waterfall"]
    told = re.findall(r'<td class="num">([^<]*)</td><td class="num">([^<]*)</td>', answer.text)
    points = [float(bits.replace("\u2212", "-")) for bits, _ in told]
    sums = [float(total.replace("\u2212", "-")) for _, total in told]
    assert sums == pytest.approx([sum(points[: at + 1]) for at in range(len(points))], abs=0.1)
    assert sums[-1] == pytest.approx(fall["weight"], abs=0.05)
    with place.vault.read() as con:
        assert audit.entries(con, actor="admin", limit=2)[0].action == "steward.compare"


def test_contact_details_stay_masked_beside_each_other(steward, pairs, place):
    ends = {end: pairs[0][end]["record_key"] for end in ("one", "other")}
    page = steward.get("/stewardship/pair", params=ends).text
    with place.vault.read() as con:
        for key in ends.values():
            told = find_record_by_key(con, key).fields
            for name in ("email", "phone", "loyalty_card"):
                assert told[name] is None or told[name] not in page


def test_records_are_split_off_and_put_back_from_the_pages(steward, pairs):
    pair = next(one for one in pairs if one["joined"])
    person = pair["one"]["person_id"]
    page = steward.get(f"/stewardship/people/{person}")
    assert pair["other"]["record_key"] in page.text
    answer = post(
        steward, "/stewardship/split", person=pair["one"]["shown_id"],
        record=pair["other"]["record_key"], reason="another person",
    )  # fmt: skip
    assert re.fullmatch(r"/people/\d+", answer.url.path)
    assert "another person" in steward.get("/stewardship").text
    number = steward.get("/api/v1/stewardship/decisions").json()["decisions"][0]["decision_no"]
    post(steward, "/stewardship/undo", decision=str(number), reason="a mistake")
    assert steward.get("/api/v1/stewardship/decisions").json() == {"decisions": []}
    again = steward.get("/api/v1/stewardship").json()["pairs"]
    assert pair in again


def test_two_people_are_merged_and_parted_from_the_pages(steward, pairs):
    one, other = next((p["one"], p["other"]) for p in pairs if not p["joined"])
    ends = {"one": one["record_key"], "other": other["record_key"]}
    ids = sorted((one["person_id"], other["person_id"]))
    answer = post(steward, "/stewardship/merge", **ends, reason="she called")
    assert answer.url.path == f"/people/{ids[0]}"
    assert steward.get(f"/people/{ids[1]}").url.path == f"/people/{ids[0]}"
    post(steward, "/stewardship/never", **ends, reason="it was her sister")
    assert steward.get(f"/people/{ids[1]}").url.path == f"/people/{ids[1]}"


def test_a_program_decides_with_the_token_of_its_session(steward, pairs):
    token = token_of(steward.get("/stewardship"))
    ends = {end: pairs[0][end]["record_key"] for end in ("one", "other")}
    said = {**ends, "reason": "looked at the receipts"}
    assert steward.post("/api/v1/stewardship/never", json=said).status_code == 403
    done = steward.post(
        "/api/v1/stewardship/never", json=said, headers={"x-csrf-token": token}
    ).json()
    asked = {"decision": done["decision"], "reason": "no"}
    undone = steward.post(
        "/api/v1/stewardship/undo", json=asked, headers={"x-csrf-token": token}
    ).json()
    assert undone["decision"] == done["decision"]


def test_a_decision_without_a_reason_changes_nothing(steward, pairs):
    ends = {end: pairs[0][end]["record_key"] for end in ("one", "other")}
    answer = post(steward, "/stewardship/never", **ends, reason="")
    assert answer.status_code == 400
    assert "needs a reason" in text_of(answer)


def test_a_detail_is_pinned_from_the_page_and_taken_back(steward):
    found = next(
        record
        for person in range(1, 60)
        for detail in steward.get(f"/api/v1/people/{person}/golden").json()["details"]
        for record in [{"person": person, "field": detail["field"], **detail["records"][-1]}]
        if len(detail["records"]) > 1
    )
    said = {"detail": found["field"], "record": found["record_key"], "reason": "she showed it"}
    assert found["record_key"] in steward.get(f"/people/{found['person']}/golden").text
    answer = post(steward, "/stewardship/pin", **said)
    assert answer.url.path == f"/people/{found['person']}/golden"
    assert "decided by a person" in text_of(answer)
    assert "of one record" in text_of(steward.get("/stewardship"))
    pinned = steward.get("/api/v1/stewardship/decisions").json()["decisions"][0]
    post(steward, "/stewardship/undo", decision=str(pinned["decision_no"]), reason="a mistake")
    assert "decided by a person" not in text_of(steward.get(answer.url.path))
