"""The card look-up of the API: release and tail in one answer, for those who may, and together."""

import threading
from concurrent.futures import wait

import pytest
from starlette.testclient import TestClient
from web_fakes import token_of

from tests.live import SETTINGS
from tests.projects import make_release
from tuttuno.errors import NotFound, Unavailable
from tuttuno.tasks.drain import drain
from tuttuno.tasks.look_up import Question
from tuttuno.tasks.open_account import open_account
from tuttuno.web.app import create_app
from tuttuno.web.teller import FactsAtHand, LogMover, Teller, TooManyAsk
from tuttuno.workspace import make_workspace


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    text = SETTINGS.replace('hosts = ["localhost"', 'hosts = ["testserver", "localhost"')
    workspace = make_workspace(tmp_path_factory.mktemp("place") / "project", settings=text)
    yield workspace
    workspace.vault.close()


@pytest.fixture(scope="module")
def server(place):
    with TestClient(create_app(place)) as client:
        yield client


def enter(server, place, role):
    """Sign in, and return what a form must carry."""
    server.cookies.clear()
    password = open_account(role, role, vault=place.vault)
    form = {"login": role, "password": password, "csrf": token_of(server.get("/login"))}
    return {"x-csrf-token": token_of(server.post("/login", data=form))}


@pytest.fixture(scope="module")
def token(server, place):
    """An administrator, and somebody whom the release knows."""
    found = enter(server, place, "admin")
    traits = {"email": "anna@example.it", "firstName": "Anna", "lastName": "Rossi",
              "phone": "340 1000000"}  # fmt: skip
    send(server, "i", type="identify", userId="anna", anonymousId="d-anna", traits=traits)
    taken_in(place)
    make_release(place)
    return found


def send(server, name, **more):
    event = {"type": "track", "event": "Product Viewed", "messageId": name,
             "timestamp": "2026-05-04T09:59:00Z", **more}  # fmt: skip
    server.post("/v1/batch", json={"batch": [event]}, auth=("server-key", ""))


def taken_in(place):
    inbox = place.inbox()
    drain(inbox, place.intake(), root=place.root, sources=place.settings.sources, patience=30)
    inbox.close()


def look(server, token, key):
    return server.post("/api/v1/people/lookup", json={"key": key}, headers=token)


@pytest.mark.parametrize("key", ["anna@example.it", " ANNA@Example.it", "+39 340 1000000"])
def test_one_question_brings_release_and_tail(server, token, key):
    order = {"order_id": "W-9", "total": 59.9, "currency": "EUR"}
    send(server, f"o{key}", event="Order Completed", userId="anna", properties=order)
    found = look(server, token, key).json()
    (anna,) = found["people"]
    assert (anna["name"], anna["orders"], found["release"]["number"]) == ("Anna Rossi", 0, 1)
    assert (anna["tail"][0]["kind"], anna["tail"][0]["amount"]) == ("Order Completed", "59.9")
    assert found["tail"]["seen_at"] > found["release"]["at"]


def test_nobody_is_an_empty_list(server, token):
    assert look(server, token, "nobody@example.it").json()["people"] == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"key": 7}', b'{"key": "  "}', b'{"key": "' + b"x" * 201 + b'"}',
             b'{"key": "\xff"}', b'{"key": "P-000001-9"}'],
)  # fmt: skip
def test_what_cannot_be_a_question_is_refused(server, token, body):
    answer = server.post("/api/v1/people/lookup", content=body, headers=token)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:tuttuno:refused")


def test_only_who_may_see_people_and_means_it_is_answered(server, place, token):
    assert look(server, {}, "anna@example.it").status_code == 403
    kept = dict(server.cookies)
    assert look(server, enter(server, place, "analyst"), "anna@example.it").status_code == 403
    server.cookies.clear()
    assert look(server, token, "anna@example.it").status_code == 401
    server.cookies.update(kept)


def test_what_waits_is_answered_in_one_turn():
    turns, first = [], threading.Event()

    def answer(questions):
        turns.append([each.text for each in questions])
        first.wait(10)
        return [NotFound(each.text) if each.text == "2" else each for each in questions]

    teller = Teller(answer)
    asked = [teller.ask(Question(str(n), "anna")) for n in range(5)]
    first.set()
    wait(asked, 10)
    assert [each for turn in turns for each in turn] == ["0", "1", "2", "3", "4"]
    assert len(turns) <= 3
    assert asked[4].result().text == "4"
    with pytest.raises(NotFound):
        asked[2].result()


def test_whoever_waits_hears_of_trouble_and_the_next_is_answered():
    answers = iter([Unavailable("the disk is full"), None])

    def answer(questions):
        error = next(answers)
        if error:
            raise error
        return list(questions)

    teller = Teller(answer)
    with pytest.raises(Unavailable):
        teller.ask(Question("1", "anna")).result(10)
    assert teller.ask(Question("2", "anna")).result(10).text == "2"


def test_no_more_wait_than_can_be_answered_soon(monkeypatch):
    monkeypatch.setattr("tuttuno.web.teller._WAITING", 3)
    going, held = threading.Event(), threading.Event()

    def answer(questions):
        going.set()
        held.wait(10)
        return list(questions)

    teller = Teller(answer)
    asked = [teller.ask(Question("0", "anna"))]
    going.wait(10)
    asked += [teller.ask(Question(str(n), "anna")) for n in (1, 2, 3)]
    with pytest.raises(TooManyAsk):
        teller.ask(Question("4", "anna"))
    held.set()
    assert [one.result(10).text for one in asked] == ["0", "1", "2", "3"]


def test_what_looks_add_to_the_log_is_moved_once_at_a_time_and_nobody_waits(monkeypatch):
    monkeypatch.setattr("tuttuno.web.teller._MOVED", 0)
    begun, held, moved = threading.Semaphore(0), threading.Event(), []

    class Slow:
        def move_log(self):
            begun.release()
            held.wait(10)
            moved.append(len(moved))

    mover = LogMover(Slow())
    mover.soon()
    assert begun.acquire(timeout=10)
    mover.soon()
    held.set()
    wait([mover._moving], 10)
    mover.soon()
    wait([mover._moving], 10)
    assert moved == [0, 1]


@pytest.mark.usefixtures("token")
def test_the_former_release_answers_until_the_next_is_there(place):
    reading = place.reading()
    facts = FactsAtHand(place, reading)
    assert facts(1).release.number == 1
    make_release(place)
    before = facts(2).release.number
    for thread in threading.enumerate():
        if thread.name == "facts":
            thread.join(10)
    assert (before, facts(2).release.number) == (1, 2)


def test_the_tail_is_that_of_her_card_and_a_shared_device_is_nobodys(server, place):
    token = enter(server, place, "admin")
    for name in ("bruno", "carla"):
        traits = {"email": f"{name}@example.it", "firstName": name}
        send(server, name, type="identify", userId=name, anonymousId="d-both", traits=traits)
    taken_in(place)
    make_release(place)
    send(server, "shared", event="Cart Viewed", anonymousId="d-both")
    send(server, "own", event="Coupon Entered", userId="bruno")
    for name in ("bruno", "carla"):
        (person,) = look(server, token, f"{name}@example.it").json()["people"]
        card = server.get(f"/api/v1/people/{person['person']}/tail").json()["tail"]["events"]
        assert person["tail"] == card
        kinds = {each["kind"] for each in card}
        assert "Cart Viewed" not in kinds
        assert ("Coupon Entered" in kinds) == (name == "bruno")
