"""What official clients really sent, replayed byte for byte."""

import gzip
import http.client
import json
import socket
from collections import Counter

import pytest

from tests.live import make_live
from tuttuno.schema.lake import SALE_LINE, TOUCH
from tuttuno.vault.inbox_claims import Claim, claimed
from tuttuno.workspace import open_workspace

pytestmark = [pytest.mark.slow, pytest.mark.shared_data]

#: Clients of Segment and RudderStack.
CLIENTS = (
    "browser_rudder", "browser_segment", "browser_segmentbatch", "rudder_node", "rudder_python",
    "segment_node", "segment_python", "segment_python_400", "segment_python_gzip",
)  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    made = make_live(tmp_path_factory.mktemp("recorded") / "project").start()
    yield made
    made.kill()


def replay(server, recording):
    """Send the bytes of one request; return its method, status and answer."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as line:
        line.sendall(recording.read_bytes())
        method = recording.read_bytes().split(b" ", 1)[0].decode()
        answer = http.client.HTTPResponse(line, method=method)
        answer.begin()
        return method, answer.status, answer.read()


def ids(folder):
    """The ids of the events that a client has sent."""
    bodies = [each.read_bytes() for each in folder.glob("*.body")]
    plain = [gzip.decompress(each) if each.startswith(b"\x1f\x8b") else each for each in bodies]
    sent = [json.loads(each) for each in plain if each]
    return {each["messageId"] for one in sent for each in one.get("batch", [one])}


@pytest.mark.parametrize("client", CLIENTS)
def test_every_recorded_request_is_answered_and_every_event_kept_once(server, shared, client):
    recordings = sorted((shared / "data" / "sdk" / client).glob("*.http"))
    answers = [replay(server, each) for each in recordings for _ in (1, 2)]
    assert {status for method, status, _ in answers if method == "POST"} == {200}
    assert {status for method, status, _ in answers if method == "OPTIONS"} <= {204}
    assert {status for method, status, _ in answers if method == "GET"} <= {200}
    verdicts = Counter(
        verdict
        for method, _, body in answers
        if method == "POST"
        for verdict in json.loads(body)["verdicts"]
    )
    assert set(verdicts) == {"accepted", "duplicate"}
    assert verdicts["accepted"] == len(ids(shared / "data" / "sdk" / client))


def test_what_they_sent_comes_to_sales_and_touches(server):
    server.stop()
    with open_workspace(server.root).inbox().read() as con:
        kinds = Counter(each.kind for each in claimed(con, Claim(0, 1, 10**9)))
    server.drained()
    assert {row["source"] for row in server.rows(TOUCH)} == {"web"}
    assert len(server.rows(TOUCH)) >= kinds["page"] + kinds["identify"]
    assert {row["sale_id"] for row in server.rows(SALE_LINE)} == {"W-1001"}
