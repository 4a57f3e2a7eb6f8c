"""The official clients against a real server that dies, refuses and comes back."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from rudderstack.analytics.client import Client as RudderClient
from segment.analytics.client import Client as SegmentClient

from tests.live import LiveServer, free_port, make_live
from tuttuno.schema.lake import SALE_LINE, TOUCH

pytestmark = pytest.mark.slow

EVENTS = 120


@pytest.fixture
def server(tmp_path):
    """A started server of a new project."""
    made = make_live(tmp_path / "project").start()
    yield made
    made.kill()


@pytest.fixture
def weather(server):
    """A road to the server with bad weather: the third answer is 500, the fifth 429."""
    road = Road(server)
    yield road
    road.close()


class Road:
    """Hands requests on to the server, and loses or refuses some on the way."""

    def __init__(self, server: LiveServer) -> None:
        self.server, self.asked = server, 0
        self.http = ThreadingHTTPServer(("127.0.0.1", free_port()), self._handler())
        self.address = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()

    def _handler(road):  # noqa: N805 - the handler inside has a `self` of its own
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                road.asked += 1
                body = self.rfile.read(int(self.headers["content-length"]))
                status, answer = road.answer(self.path, body, dict(self.headers))
                self.send_response(status)
                self.send_header("content-length", str(len(answer)))
                if status == 429:
                    self.send_header("retry-after", "1")
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler

    def answer(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """Hand a request on; the third is refused, of the fifth the answer gets lost."""
        if self.asked % 7 == 3:
            return 500, b"{}"
        if self.asked % 7 == 5:
            return 429, b"{}"
        kept = {
            name: headers[name] for name in headers if name.lower() not in {"host", "connection"}
        }
        try:
            found = self.server.ask("POST", path, body, **kept)
        except OSError:
            return 503, b"{}"
        return (500, b"{}") if self.asked % 7 == 6 else found


def sale(number):
    lines = [{"product_id": f"SKU{number % 9}", "price": 19.9, "quantity": 1 + number % 3}]
    return {"order_id": f"O-{number}", "currency": "EUR", "products": lines}


def use(client, server):
    """Send events while the server is killed and comes back."""
    pause = threading.Event()
    for number in range(EVENTS):
        who = f"u{number % 11}"
        if number % 4:
            client.track(who, "Product Viewed", {"product_id": f"SKU{number % 9}"})
        else:
            client.track(who, "Order Completed", sale(number))
        if number == EVENTS // 3:
            server.kill()
            threading.Timer(0.5, server.start, kwargs={"wait": False}).start()
        pause.wait(0.01)
    client.flush()
    client.join()


def check(server):
    server.wait()
    server.kill()
    server.drained()
    assert len(server.rows(SALE_LINE)) == EVENTS // 4
    assert len(server.rows(TOUCH)) == EVENTS - EVENTS // 4


@pytest.mark.parametrize("packed", [False, True])
def test_segments_python_client_loses_and_doubles_nothing(server, weather, packed):
    client = SegmentClient(
        "server-key", host=weather.address, gzip=packed, upload_size=7, max_retries=30, timeout=5
    )
    use(client, server)
    check(server)


def test_rudderstacks_python_client_loses_and_doubles_nothing(server, weather):
    client = RudderClient(
        "server-key", host=weather.address, upload_size=7, max_retries=30, timeout=5
    )
    use(client, server)
    check(server)


def test_an_event_is_on_the_disk_before_it_is_answered(server):
    assert server.send([{"type": "track", "event": "A", "messageId": "1"}]) == ["accepted"]
    server.kill()
    server.drained()
    assert [row["touch_id"] for row in server.rows(TOUCH)] == ["1"]
