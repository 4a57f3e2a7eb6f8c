"""What is newest: an event is on her card before a second has passed, and every message counted."""

import re
import time

import pytest
from starlette.testclient import TestClient

from tests.live import SETTINGS
from tests.projects import make_release
from tuttuno.schema.keyed import value_key
from tuttuno.tasks.drain import drain
from tuttuno.tasks.settle_arrived import settle_arrived
from tuttuno.vault.persons import persons_by_value_key
from tuttuno.web.app import create_app
from tuttuno.web.taker import Taker
from tuttuno.workspace import make_workspace

ALERTS = """
[alerts.app]
silent_hours = 12
[alerts.web]
least_a_day = 5
"""
SERVER = ("server-key", "")
PUBLIC = ("public-key", "")


@pytest.fixture
def place(tmp_path):
    """A project with live sources."""
    workspace = make_workspace(tmp_path / "project", settings=SETTINGS + ALERTS)
    yield workspace
    workspace.vault.close()


def sent(name, **more):
    return {"type": "track", "event": "Product Viewed", "messageId": name,
            "timestamp": "2026-05-04T09:59:00Z", **more}  # fmt: skip


def send(reader, *events, auth=SERVER):
    answer = reader.post("/v1/batch", json={"batch": events}, auth=auth)
    return answer.json()["verdicts"]


def taken_in(place):
    inbox = place.inbox()
    drain(inbox, place.intake(), root=place.root, sources=place.settings.sources, patience=30)
    inbox.close()


def person(place, email):
    with place.vault.read() as con:
        return persons_by_value_key(con, value_key(place.stores.key, "email", email))


def known(reader, place, user="anna", email="anna@example.it", device="d-anna"):
    """Somebody whom the release knows."""
    traits = {"email": email, "firstName": "Anna"}
    send(reader, sent(f"i-{user}", type="identify", userId=user, anonymousId=device, traits=traits))
    taken_in(place)
    make_release(place)
    (found,) = person(place, email)
    return found


def tail(reader, who):
    return reader.get(f"/api/v1/people/{who}/tail").json()


def test_an_event_is_on_her_card_within_a_second_of_its_answer(reader, place):
    anna = known(reader, place)
    order = {"order_id": "W-9", "total": 59.9, "currency": "EUR", "channel": "store"}
    send(reader, sent("o", event="Order Completed", userId="anna", properties=order))
    answered = time.monotonic()
    found = tail(reader, anna)
    assert time.monotonic() - answered < 1
    newest = found["tail"]["events"][0]
    assert (newest["kind"], newest["amount"], newest["channel"]) == (
        "Order Completed", "59.9", "store",
    )  # fmt: skip
    assert found["release"]["number"] == 1
    page = reader.get(f"/people/{anna}/tail").text
    assert "Order Completed" in page
    assert "59.9 EUR" in page
    assert f'hx-get="/people/{anna}/tail"' in reader.get(f"/people/{anna}").text


def test_somebody_new_has_a_card_as_soon_as_the_doors_have_taken_her_in(reader, place):
    known(reader, place)
    traits = {"email": "carla@example.it", "firstName": "Carla"}
    said = {"type": "identify", "event": "", "userId": "carla", "traits": traits}
    send(reader, sent("new", **said))
    with Taker(place.root) as taker:
        taker()
    (carla,) = person(place, "carla@example.it")
    assert reader.get(f"/people/{carla}").status_code == 200
    assert [each["kind"] for each in tail(reader, carla)["tail"]["events"]] == ["identify"]


def test_before_the_first_release_nobody_is_told_apart_by_a_door(place):
    assert settle_arrived(place.vault, settings=place.build.identity) is None


def test_what_her_own_device_did_before_is_hers_and_a_shared_device_is_nobodys(reader, place):
    anna = known(reader, place)
    send(reader, sent("own", anonymousId="d-anna"), auth=PUBLIC)
    assert tail(reader, anna)["tail"]["events"][0]["kind"] == "Product Viewed"
    bruno = known(reader, place, "bruno", "bruno@example.it", "d-anna")
    send(reader, sent("whose", event="Cart Viewed", anonymousId="d-anna"), auth=PUBLIC)
    for who in (anna, bruno):
        kinds = [each["kind"] for each in tail(reader, who)["tail"]["events"]]
        assert "Cart Viewed" not in kinds


def test_a_public_key_never_makes_two_known_persons_one(reader, place):
    anna = known(reader, place)
    bruno = known(reader, place, "bruno", "bruno@example.it", "d-bruno")
    lie = {"email": "bruno@example.it", "phone": "+393401000000", "loyalty_card": "299"}
    for name in ("anna", "bruno"):
        for device in ("d-anna", "d-bruno", "d-thief"):
            said = {"userId": name, "anonymousId": device, "traits": lie, "properties": lie}
            send(reader, sent(f"{name}{device}", type="identify", **said), auth=PUBLIC)
            send(reader, sent(f"t{name}{device}", **said), auth=PUBLIC)
    send(reader, sent("alias", type="alias", userId="anna", previousId="bruno"), auth=PUBLIC)
    taken_in(place)
    make_release(place)
    assert person(place, "anna@example.it") == [anna]
    assert person(place, "bruno@example.it") == [bruno]


def test_a_source_that_is_silent_is_seen_on_the_page_in_the_api_and_in_metrics(reader):
    send(reader, sent("1"))
    assert reader.get("/api/v1/doors").json()["alarms"] == [
        {"source": "app", "trouble": "silent", "seen": None, "expected": 12.0},
        {"source": "web", "trouble": "few", "seen": 0.0, "expected": 5.0},
    ]
    page = " ".join(re.sub(r"<[^>]+>", "", reader.get("/intake/live").text).split())
    assert "app: It was never heard; a message every 12 hours is expected." in page
    assert "web: 0 messages in the last 24 hours; at least 5 are expected." in page
    metrics = reader.get("/metrics").text.splitlines()
    assert 'tuttuno_source_alarm{source="app",alarm="silent"} 1' in metrics
    assert 'tuttuno_source_alarm{source="app",alarm="few"} 0' in metrics


def test_the_doors_are_counted_on_the_page_in_the_api_and_in_metrics(reader, place):
    send(reader, sent("1"), sent("1"), sent("1", event="Other"), 7)
    reader.post("/v1/track", content=b"{", auth=SERVER)
    (hour,) = reader.get("/api/v1/doors").json()["hours"]
    assert {name: hour[name] for name in ("received", "accepted", "duplicate", "difference")} == {
        "received": 5, "accepted": 1, "duplicate": 1, "difference": 0,
    }  # fmt: skip
    assert (hour["quarantined"], hour["rejected"]) == (2, 1)
    lines = reader.get("/metrics").text.splitlines()
    assert 'tuttuno_door_messages_total{source="web",outcome="rejected"} 1' in lines
    assert 'tuttuno_door_messages_total{source="web",outcome="unaccounted"} 0' in lines
    assert "tuttuno_inbox_waiting 3" in lines
    page = reader.get("/intake/live").text
    row = re.search(r'<tr><th scope="row">web</th>(.*?)</tr>', page, re.DOTALL)[1]
    assert re.findall(r'class="num">(\d+)<', row) == ["5", "1", "1", "2", "0", "1", "0"]
    assert "3 messages wait to be taken in" in page
    assert 'hx-get="/intake/live"' in reader.get("/intake").text
    taken_in(place)
    assert "tuttuno_inbox_waiting 0" in reader.get("/metrics").text


def test_strangers_learn_nothing_from_the_metrics(place):
    with TestClient(create_app(place), client=("203.0.113.5", 1)) as stranger:
        assert stranger.get("/metrics").status_code == 403
    with TestClient(create_app(place), client=("127.0.0.1", 1)) as machine:
        assert machine.get("/metrics").status_code == 200


def test_each_look_at_the_tail_is_recorded(reader, place):
    anna = known(reader, place)
    tail(reader, anna)
    with place.vault.read() as con:
        looks = con.exec_driver_sql("select actor from audit where action = 'person.tail'").all()
    assert looks == [("admin",)]
