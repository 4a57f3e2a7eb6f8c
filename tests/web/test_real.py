"""The pages over a real project: every measure, both languages, from a number to a receipt."""

import re

import pytest
from starlette.testclient import TestClient
from web_fakes import token_of

from tests.projects import SILENT_IN_A_SMALL_SHOP
from tuttuno.measures.ask import Ask
from tuttuno.measures.catalog import MEASURES
from tuttuno.tasks.open_account import open_account
from tuttuno.tasks.show_receipt import Sale
from tuttuno.vault import audit
from tuttuno.web.app import create_app
from tuttuno.web.locale import speeches
from tuttuno.web.notes import noted
from tuttuno.web.workplace import Workplace


@pytest.fixture(scope="module")
def place(shop, tmp_path_factory):
    """The project copied once: signing in writes to its vault."""
    with shop.copied(tmp_path_factory.mktemp("pages")) as workspace:
        yield workspace


@pytest.fixture(scope="module")
def reader(place):
    password = open_account("admin", "admin", vault=place.vault)
    with TestClient(create_app(place), base_url="http://localhost") as client:
        form = {"login": "admin", "password": password, "csrf": token_of(client.get("/login"))}
        assert client.post("/login", data=form).url.path == "/"
        yield client


def title_of(page):
    return re.sub(r"\s+", " ", re.search(r"<h1>(.*?)</h1>", page.text, re.DOTALL)[1]).strip()


@pytest.mark.parametrize("language", ["en", "it"])
@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_has_a_page_with_a_finding_a_picture_and_a_table(reader, name, language):
    reader.cookies.set("language", language)
    page = reader.get(f"/measures/{name}")
    assert page.status_code == 200
    assert title_of(page).endswith(".")
    if name not in SILENT_IN_A_SMALL_SHOP:
        assert '<svg class="chart at-920"' in page.text
        assert 'id="rows-title"' in page.text


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_can_be_split_by_all_that_its_page_offers(reader, place, name):
    for dimension in Workplace(place).dimensions(name)[::9]:
        page = reader.get(f"/measures/{name}?by={dimension.name}")
        assert page.status_code == 200, f"{name} by {dimension.name}"


@pytest.mark.parametrize("name", MEASURES)
def test_every_note_of_a_measure_is_said_in_italian(place, name):
    italian, desk = speeches()["it"], Workplace(place)
    for ask in (Ask(), Ask(all_time=True), Ask(where=(("province", "MI"),))):
        for note in desk.answer(name, ask)[1].notes:
            assert noted(note, italian) != note


def test_the_overview_answers_its_questions(reader):
    reader.cookies.set("language", "en")
    page = reader.get("/")
    assert "No answer yet" not in page.text
    assert page.text.count('class="picture small"') >= 8


def test_a_number_leads_down_to_people_to_a_card_and_to_a_receipt(reader):
    reader.cookies.set("language", "en")
    page = reader.get("/measures/channel_class")
    behind = re.search(r'href="(/measures/channel_class/people\?class=both[^"]*)"', page.text)[1]
    people = reader.get(behind.replace("&amp;", "&"))
    card = reader.get(re.search(r'href="(/people/\d+)"', people.text)[1])
    receipt = reader.get(re.search(r'href="(/people/\d+/receipts/[^"]+)"', card.text)[1])
    assert receipt.status_code == 200
    assert "As the source told it." in receipt.text


def test_as_many_people_are_behind_a_class_as_the_class_counts(place):
    desk = Workplace(place)
    _release, answer = desk.answer("channel_class", Ask())
    both = sum(row["persons"] for row in answer.rows if row["class"] == "both")
    people = desk.people("channel_class", {"class": "both"}, Ask(), actor="anna")
    assert people.total == both
    spent = [one.net_online + one.net_store for one in people.buyers]
    assert spent == sorted(spent, reverse=True)


def test_the_lines_of_a_receipt_add_up_to_what_its_card_says(place):
    desk = Workplace(place)
    people = desk.people("channel_class", {"class": "both"}, Ask(), actor="anna")
    person = people.buyers[0].person_id
    for event in desk.card(person, actor="anna").timeline[:5]:
        receipt = desk.receipt(person, Sale(event.source, event.sale_id, event.month), actor="anna")
        assert sum(line.net for line in receipt.lines) == pytest.approx(receipt.net)


def test_looking_at_people_is_recorded(place):
    Workplace(place).people("channel_class", {"class": "both"}, Ask(), actor="carla")
    with place.vault.read() as con:
        looks = [line for line in audit.entries(con, limit=50) if line.actor == "carla"]
    assert [line.action for line in looks] == ["person.list"]


def test_going_back_to_a_release_that_is_served_already_changes_nothing(reader):
    page = reader.get("/releases")
    answer = reader.post("/releases/1/current", data={"csrf": token_of(page)})
    assert answer.status_code == 200
    assert "Everybody reads release 1" in answer.text


def test_what_came_in_is_accounted_for(reader):
    assert "Every record that came in is accounted for." in reader.get("/intake").text
    assert reader.get("/quarantine").status_code == 200
