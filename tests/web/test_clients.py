"""The official clients against a real server that dies, refuses and comes back."""

import threading

import pytest
from rudderstack.analytics.client import Client as RudderClient
from segment.analytics.client import Client as SegmentClient

from tests.live import Answer, Asked, LiveServer, beside
from tuttuno.schema.lake import SALE_LINE, TOUCH

pytestmark = pytest.mark.slow

EVENTS = 120


@pytest.fixture
def weather(live):
    """The address of a road to the server with bad weather."""
    with beside(Road(live).answer) as address:
        yield address


class Road:
    """Hands requests on to the server, and loses or refuses some on the way."""

    def __init__(self, server: LiveServer) -> None:
        self.server, self.asked = server, 0

    def answer(self, asked: Asked) -> Answer:
        """Hand a request on; of seven one is refused, one told to wait, one answer gets lost."""
        self.asked += 1
        if self.asked % 7 == 3:
            return 500, {}, b"{}"
        if self.asked % 7 == 5:
            return 429, {"retry-after": "1"}, b"{}"
        kept = {
            name: value
            for name, value in asked.headers.items()
            if name.lower() not in {"host", "connection"}
        }
        try:
            status, body = self.server.ask("POST", asked.path, asked.body, **kept)
        except OSError:
            return 503, {}, b"{}"
        return (500, {}, b"{}") if self.asked % 7 == 6 else (status, {}, body)


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
def test_segments_python_client_loses_and_doubles_nothing(live, weather, packed):
    client = SegmentClient(
        "server-key", host=weather, gzip=packed, upload_size=7, max_retries=30, timeout=5
    )
    use(client, live)
    check(live)


def test_rudderstacks_python_client_loses_and_doubles_nothing(live, weather):
    client = RudderClient("server-key", host=weather, upload_size=7, max_retries=30, timeout=5)
    use(client, live)
    check(live)


def test_an_event_is_on_the_disk_before_it_is_answered(live):
    assert live.send([{"type": "track", "event": "A", "messageId": "1"}]) == ["accepted"]
    live.kill()
    live.drained()
    assert [row["touch_id"] for row in live.rows(TOUCH)] == ["1"]
