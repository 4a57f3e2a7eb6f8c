"""`tuttuno drain`, and a build that takes in first what waits."""

import json
from datetime import UTC, datetime

import pytest

from tuttuno.vault.inbox import Message, digest_of, put_messages
from tuttuno.vault.inbox_claims import Claim, claimed
from tuttuno.workspace import open_workspace

AT = datetime(2026, 5, 4, 10, tzinfo=UTC)
SERVER = {"public": False}
SETTINGS = '[project]\nname = "Shop"\n[sources.web]\nformat = "segment"\ncurrency = "EUR"\n'


@pytest.fixture
def project(tuttuno, tmp_path):
    (tmp_path / "settings.toml").write_text(SETTINGS)
    tuttuno("init", tmp_path / "project", "--from", tmp_path / "settings.toml")
    return tmp_path / "project"


def bought(name):
    lines = [{"product_id": "A", "price": 10}]
    return {"type": "track", "event": "Order Completed", "messageId": name, "userId": "u1",
            "timestamp": "2026-05-04T09:59:00Z",
            "properties": {"order_id": name, "products": lines}}  # fmt: skip


def put(project, name, body=None):
    body = body or bought(name)
    text = json.dumps(body)
    message = Message("web", name, "track", AT, text, digest_of(text.encode()), about=SERVER)
    inbox = open_workspace(project).inbox()
    with inbox.begin() as con:
        put_messages(con, [message])
    inbox.close()


def bodies(project):
    inbox = open_workspace(project).inbox()
    with inbox.read() as con:
        found = [each.message_id for each in claimed(con, Claim(0, 1, 10**9))]
    inbox.close()
    return found


def test_drain_says_what_became_of_what_waited(tuttuno, project):
    put(project, "W-1")
    said = json.loads(tuttuno("-C", project, "drain", "--json").out)
    assert [(each["table"], each["counts"]["accepted"]) for each in said] == [("sales", 1)]
    assert "0 messages" in tuttuno("-C", project, "drain").out
    assert bodies(project) == ["W-1"]


def test_a_build_holds_what_came_and_forgets_its_body(tuttuno, project):
    put(project, "W-1")
    assert tuttuno("-C", project, "build").code == 0
    found = json.loads(tuttuno("-C", project, "measure", "coverage", "--all-time", "--json").out)
    assert found["rows"][0]["sales"] == 1
    assert bodies(project) == []
    put(project, "W-1")
    assert bodies(project) == []
    assert tuttuno("-C", project, "verify").code == 0


def test_whoever_is_new_has_a_card_as_soon_as_what_came_is_drained(tuttuno, project):
    put(project, "W-1")
    assert tuttuno("-C", project, "build").code == 0
    traits = {"email": "carla@example.it", "firstName": "Carla"}
    said = {"type": "identify", "messageId": "i", "userId": "u2", "traits": traits}
    put(project, "i", {**said, "timestamp": "2026-05-04T09:59:00Z"})
    assert tuttuno("-C", project, "drain").code == 0
    assert tuttuno("-C", project, "person", "carla@example.it").code == 0
