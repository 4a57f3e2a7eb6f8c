"""The collector: every client's way of sending, a verdict for each event, and nothing breaks it."""

import base64
import gzip
import json
import resource
import zlib
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import resources

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tuttuno.intake.section import BadMapping
from tuttuno.vault.door_hours import doors_by_hour
from tuttuno.vault.inbox_claims import Claim, claimed
from tuttuno.web.app import create_app
from tuttuno.web.collect.body import LARGEST, NoBody, TooLarge, unpacked
from tuttuno.web.collect.keys import Limits, WriteKey, write_keys
from tuttuno.workspace import make_workspace

VENDOR = resources.files("tuttuno.web") / "static" / "vendor"

SETTINGS = """
[project]
name = "Shop"
[web]
hosts = ["testserver"]
[sources.web]
format = "segment"
currency = "EUR"
write_keys = ["public-key"]
server_keys = ["server-key"]
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """A project with one source of events."""
    return make_workspace(tmp_path_factory.mktemp("collect") / "project", settings=SETTINGS)


@pytest.fixture(scope="module")
def door(workspace):
    """A browser before the open doors of the project; nothing is drained while tests look."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("tuttuno.tasks.keep_draining.PAUSE", 1e6)
        patched.setattr("tuttuno.web.live.Drainer", _still)
        with TestClient(create_app(workspace), raise_server_exceptions=False) as client:
            yield client


@contextmanager
def _still(*_, **__):
    yield


def basic(key="public-key"):
    return {"authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


def event(name, **more):
    return {"type": "track", "event": "Product Viewed", "messageId": name, "userId": "u",
            "timestamp": "2026-06-01T08:00:00Z", **more}  # fmt: skip


def verdicts(answer):
    assert answer.status_code == 200, answer.text
    return answer.json()["verdicts"]


def kept(workspace):
    inbox = workspace.inbox()
    with inbox.read() as con:
        found = {each.message_id: each for each in claimed(con, Claim(0, 1, 10**9))}
    inbox.close()
    return found


def counts(workspace):
    inbox = workspace.inbox()
    with inbox.read() as con:
        found = doors_by_hour(con, source="web")
    inbox.close()
    return found


@pytest.mark.parametrize("path", ["track", "t", "page", "p", "screen", "s", "identify", "i",
                                  "group", "g", "alias", "a"])  # fmt: skip
def test_every_single_call_is_taken_under_its_kind(door, workspace, path):
    body = event(f"single-{path}")
    del body["type"]
    assert verdicts(door.post(f"/v1/{path}", json=body, headers=basic())) == ["accepted"]
    kinds = {"t": "track", "p": "page", "s": "screen", "i": "identify", "g": "group", "a": "alias"}
    assert kept(workspace)[f"single-{path}"].kind == kinds.get(path, path)


@pytest.mark.parametrize("path", ["batch", "b", "import"])
def test_a_batch_has_a_verdict_for_each_event(door, path):
    sent = [event(f"{path}-1"), event(f"{path}-1"), event(f"{path}-1", event="Other"), path,
            event(f"{path}-2", properties={"x": "y" * 40_000})]  # fmt: skip
    answer = door.post(f"/v1/{path}", json={"batch": sent}, headers=basic())
    assert verdicts(answer) == ["accepted", "duplicate", *["quarantined"] * 3]


def test_an_event_sent_again_later_is_a_duplicate_although_its_envelope_changed(door):
    first = event("again", sentAt="2026-06-01T08:00:01Z", _metadata={"retryCount": 0})
    later = event("again", sentAt="2026-06-01T08:05:01Z", _metadata={"retryCount": 3})
    assert verdicts(door.post("/v1/t", json=first, headers=basic())) == ["accepted"]
    assert verdicts(door.post("/v1/t", json=later, headers=basic())) == ["duplicate"]


def test_an_event_without_an_id_is_known_by_its_body(door):
    body = event("x", event="No Id")
    del body["messageId"]
    assert verdicts(door.post("/v1/t", json=body, headers=basic())) == ["accepted"]
    assert verdicts(door.post("/v1/t", json=body, headers=basic())) == ["duplicate"]


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "image/gif", "",
                                  "application/x-www-form-urlencoded"])  # fmt: skip
@pytest.mark.parametrize("packed", [False, True])
def test_the_content_type_does_not_matter_and_gzip_is_known_by_its_bytes(door, kind, packed):
    body = json.dumps(event(f"kind-{kind}-{packed}")).encode()
    body = gzip.compress(body) if packed else body
    headers = {**basic(), "content-type": kind}
    assert verdicts(door.post("/v1/t", content=body, headers=headers)) == ["accepted"]


@pytest.mark.parametrize("where", ["body", "event", "query"])
def test_a_beacon_without_headers_names_its_key_elsewhere(door, where):
    body = event(f"key-in-{where}")
    if where == "body":
        answer = door.post("/v1/b", json={"batch": [body], "writeKey": "public-key"})
    elif where == "event":
        answer = door.post("/v1/b", json={"batch": [{**body, "writeKey": "public-key"}]})
    else:
        answer = door.post("/v1/t?writeKey=public-key", json=body)
    assert verdicts(answer) == ["accepted"]


@pytest.mark.parametrize(
    "told",
    [
        pytest.param("Bearer public-key", id="bearer"),
        pytest.param("Basic cHVibGljLWtleTo", id="padding-left-away"),
    ],
)
def test_a_key_is_found_however_a_header_bears_it(door, told):
    sent = door.post("/v1/t", json=event(f"by-{told}"), headers={"authorization": told})
    assert verdicts(sent) == ["accepted"]


def test_an_unknown_key_is_refused(door):
    assert door.post("/v1/t", json=event("no"), headers=basic("other")).status_code == 401
    assert door.post("/v1/t", json=event("no")).status_code == 401
    assert door.get("/v1/projects/other/settings").status_code == 404


def test_a_host_that_is_not_served_is_turned_away_before_its_key_is_read(door):
    headers = {**basic(), "host": "evil.example"}
    assert door.post("/v1/t", json=event("evil"), headers=headers).status_code == 421


def test_a_page_of_another_host_may_send(door):
    wanted = "authorization,anonymousid,sentat,content-type,traceparent"
    asked = {"access-control-request-method": "POST", "access-control-request-headers": wanted}
    answer = door.options("/v1/t", headers={**asked, "origin": "https://shop.example"})
    assert answer.status_code == 204
    allowed = answer.headers["access-control-allow-headers"]
    assert allowed == wanted, "tools of a page add headers of their own"
    sent = door.post("/v1/t", json=event("cors"), headers={**basic(), "origin": "https://x"})
    for told, page in ((answer, "https://shop.example"), (sent, "https://x")):
        assert told.headers["access-control-allow-origin"] == page, "a beacon brings cookies along"
        assert told.headers["access-control-allow-credentials"] == "true"
        assert told.headers["vary"] == "origin"
    server = door.post("/v1/t", json=event("no-page"), headers=basic())
    assert server.headers["access-control-allow-origin"] == "*"


def test_the_clients_are_told_to_send_here(door):
    found = door.get("/v1/projects/public-key/settings").json()["integrations"]["Segment.io"]
    assert (found["apiKey"], found["apiHost"]) == ("public-key", "testserver/v1")
    rudder = door.get("/sourceConfig/?writeKey=public-key", headers=basic()).json()["source"]
    assert (rudder["writeKey"], rudder["enabled"]) == ("public-key", True)


def test_the_clients_for_pages_come_from_here(door):
    segment = door.get("/analytics.js/v1/public-key/analytics.min.js")
    assert segment.content == (VENDOR / "analytics-next-1.84.3.min.js").read_bytes()
    assert door.get("/analytics.js/v1/another-key/analytics.min.js").status_code == 404
    for build in ("modern", "legacy"):
        rudder = door.get(f"/v3/{build}/rsa.min.js", headers={"origin": "https://shop.example"})
        assert rudder.headers["content-type"].startswith("text/javascript")
        assert rudder.headers["access-control-allow-origin"] == "*"
        assert (VENDOR / "rudder-analytics-3.34.1.js").read_bytes() in rudder.content


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"7", b'{"a": "\xff"}', b"\xff\xfe", b"[" * 50_000,
     b'{"batch": [' + b'{"a":' * 20_000, b"\x1f\x8bnot gzip", gzip.compress(b"{}", mtime=0)[:-4]],
)  # fmt: skip
def test_what_can_never_be_read_is_refused_and_counted(door, workspace, body):
    before = sum(each.counts.rejected for each in counts(workspace))
    for path in ("track", "batch"):
        answer = door.post(f"/v1/{path}", content=body, headers=basic())
        assert answer.status_code == 400, answer.text
    found = counts(workspace)
    assert sum(each.counts.rejected for each in found) == before + 2
    assert all(each.counts.difference == 0 for each in found)


BAD = [
    pytest.param(b'{"messageId": "%s", "a": "cut \\ud83d", "userId": "u"}', "accepted", id="half"),
    pytest.param(b'{"messageId": "%s", "a": NaN}', "quarantined", id="no-number"),
    pytest.param(b'{"messageId": "%s", "a": 1e400}', "quarantined", id="no-such-number"),
]


@pytest.mark.parametrize(("bad", "verdict"), BAD)
def test_an_event_that_is_no_json_costs_no_other(door, workspace, bad, verdict):
    name = f"nearly-{verdict}-{len(bad)}"
    good = json.dumps(event(f"good-{name}")).encode()
    told = b'{"batch": [%s, %s], "sentAt": "2026-06-01T08:00:00Z"}' % (bad % name.encode(), good)
    answer = door.post("/v1/batch", content=told, headers=basic())
    assert verdicts(answer) == [verdict, "accepted"]
    alone = bad % f"alone-{name}".encode()
    assert verdicts(door.post("/v1/t", content=alone, headers=basic())) == [verdict]
    found = kept(workspace)
    assert found[f"good-{name}"].sent_at == datetime(2026, 6, 1, 8, tzinfo=UTC)
    if verdict == "accepted":
        assert json.loads(found[name].body)["a"] == "cut \ufffd"


def test_an_event_that_was_mended_is_the_same_when_it_comes_again(door):
    good, bad = event("twice"), b'{"a": "\\ud83d"}'
    assert verdicts(door.post("/v1/t", json=good, headers=basic())) == ["accepted"]
    told = b'{"batch": [%s, %s]}' % (json.dumps(good).encode(), bad)
    for first in ("accepted", "duplicate"):
        answer = door.post("/v1/batch", content=told, headers=basic())
        assert verdicts(answer) == ["duplicate", first]


def test_a_batch_is_a_batch_wherever_it_is_sent(door):
    many = {"batch": [event("stray-1"), event("stray-2")]}
    assert verdicts(door.post("/v1/track", json=many, headers=basic())) == ["accepted"] * 2


def test_more_than_a_batch_holds_is_refused(door):
    many = {"batch": [{"a": n} for n in range(2_501)]}
    assert door.post("/v1/b", json=many, headers=basic()).status_code == 400
    large = json.dumps({"batch": [event("l", properties={"x": "y" * 600_000})]})
    assert door.post("/v1/b", content=large, headers=basic()).status_code == 413


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param(gzip.compress(b" " * 50_000_000), id="of one member"),
        pytest.param(gzip.compress(b" " * 10_000) * 5_000, id="of many members"),
        pytest.param(gzip.compress(b"") * 200, id="of empty members"),
    ],
)
def test_a_bomb_is_refused_without_being_unpacked(door, bomb):
    assert door.post("/v1/b", content=bomb, headers=basic()).status_code == 413
    with pytest.raises(TooLarge):
        unpacked(bomb)


def test_gzip_of_several_members_is_one_body():
    assert unpacked(gzip.compress(b"ab") + gzip.compress(b"c")) == b"abc"
    assert unpacked(gzip.compress(b"x" * LARGEST)) == b"x" * LARGEST
    with pytest.raises(NoBody):
        unpacked(gzip.compress(b"abc")[:-1])
    with pytest.raises(NoBody):
        unpacked(zlib.compress(b"abc"))


WORDS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["type", "event", "messageId", "userId", "anonymousId", "timestamp", "sentAt", "properties",
     "traits", "context", "batch", "writeKey"]
)  # fmt: skip
EVENTS = st.dictionaries(NAMES, WORDS, max_size=6)


BODIES = (
    st.binary(max_size=300)
    | EVENTS.map(json.dumps).map(str.encode)
    | st.lists(EVENTS | WORDS, max_size=3).map(lambda them: json.dumps({"batch": them}).encode())
)


def malformed(door, body):
    for path in ("/v1/track", "/v1/batch"):
        answer = door.post(path, content=body, headers=basic("server-key"))
        assert answer.status_code in {200, 400, 413}, (answer.status_code, body)
        verdicts = answer.json().get("verdicts", [])
        assert set(verdicts) <= {"accepted", "duplicate", "quarantined"}
        if answer.status_code == 200:
            batch = json.loads(body).get("batch")
            assert len(verdicts) == (len(batch) if isinstance(batch, list) else 1)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(BODIES)
def test_nothing_that_is_sent_breaks_the_door(door, body):
    malformed(door, body)


@pytest.mark.storm
def test_thousands_of_bodies_break_no_door_and_are_all_counted_in_bounded_memory(door, workspace):
    before, asked = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, []

    @settings(
        max_examples=5_000, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(BODIES)
    def storm(body):
        malformed(door, body)
        asked.append(1)

    storm()
    assert len(asked) == 5_000
    assert all(each.counts.difference == 0 for each in counts(workspace))
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 300


def test_a_key_that_sends_too_fast_waits_and_others_do_not(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("tuttuno.web.collect.keys.monotonic", lambda: now[0])
    limits, key = Limits(), WriteKey("web", public=True, rate=10)
    assert limits.wait("k", key, "1.2.3.4", 100) == 0
    assert limits.wait("k", key, "1.2.3.4", 20) == pytest.approx(2)
    assert limits.wait("k", key, "5.6.7.8", 20) == 0
    now[0] = 2.0
    assert limits.wait("k", key, "1.2.3.4", 20) == 0


def test_too_much_is_answered_with_the_time_to_wait(door, monkeypatch):
    monkeypatch.setattr(Limits, "wait", lambda *_: 2.5)
    answer = door.post("/v1/t", json=event("fast"), headers=basic())
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3")


def test_of_a_crowd_nobody_is_read_and_all_are_told_to_come_again(door, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr("tuttuno.intake.inbox.CROWD", 0)
        answer = door.post("/v1/track", content=b"{", headers=basic())
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "1"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json() == {"success": False, "error": "too many at once"}
    assert door.post("/v1/track", content=b"{", headers=basic()).status_code == 400


def test_a_full_inbox_is_answered_with_the_time_to_wait(door, monkeypatch):
    monkeypatch.setattr(door.app.state.inbox, "_bound", 0)
    answer = door.post("/v1/t", json=event("full"), headers=basic())
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


def test_a_key_of_two_sources_is_refused():
    twice = {"format": "segment", "write_keys": ["k"]}
    with pytest.raises(BadMapping, match="used twice"):
        write_keys({"a": twice, "b": twice})
    assert write_keys({"a": {"format": "shopify"}}) == {}


def test_what_a_public_key_says_is_marked_and_found_by_account_and_device_only(door, workspace):
    said = event("marked", anonymousId="d-9", traits={"email": "anna@example.it"})
    door.post("/v1/t", json=said, headers=basic())
    door.post("/v1/t", json={**said, "messageId": "vouched"}, headers=basic("server-key"))
    found = kept(workspace)
    assert found["marked"].about == {"public": True}
    assert found["vouched"].about == {"public": False}
    assert found["marked"].received_at <= datetime.now(UTC)


def test_the_pages_keep_their_guard(door):
    assert door.post("/login", content=b"x" * 100_000).status_code == 413
    assert door.get("/intake", follow_redirects=False).status_code == 303
    assert (
        door.post("/v1/t", json=event("h"), headers={**basic(), "host": "evil"}).status_code == 421
    )
