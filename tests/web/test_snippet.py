"""The browser client of Segment, unchanged, in Chromium, on a page of another host."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.live import free_port, make_live
from tuttuno.schema.lake import SALE_LINE, TOUCH

pytestmark = [pytest.mark.slow, pytest.mark.browser]

#: What the snippet of Segment leaves in a page: calls wait in a list until the client is there.
PAGE = """<!doctype html><title>Shop</title><script>
var analytics = window.analytics = [];
analytics._writeKey = "public-key";
analytics._cdn = "%s";  // the client finds it by itself where the address is https
analytics.methods = ["track", "page", "identify", "load", "ready"];
analytics.factory = function (name) {
  return function () { analytics.push([name].concat([].slice.call(arguments))); return analytics; };
};
analytics.methods.forEach(function (name) { analytics[name] = analytics.factory(name); });
analytics._loadOptions = {};
analytics.page("Home");
analytics.identify("anna", { email: "anna@example.it" });
analytics.track("Product Viewed", { product_id: "A" });
analytics.track("Order Completed", {
  order_id: "W-7", currency: "EUR", products: [{ product_id: "A", price: 59.9, quantity: 1 }],
});
</script>
<script src="%s/analytics.js/v1/public-key/analytics.min.js"></script>
"""


@pytest.fixture
def server(tmp_path):
    made = make_live(tmp_path / "project").start()
    yield made
    made.kill()


@pytest.fixture
def shop(server):
    """A page of the shop, on a host of its own."""
    page = (PAGE % (server.address, server.address)).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", free_port()), Handler)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield f"http://localhost:{http.server_address[1]}/"
    http.shutdown()
    http.server_close()


def test_a_page_with_the_unchanged_client_is_heard(server, shop, page):
    answers = []
    page.on("response", lambda answer: answers.append((answer.request.method, answer.url)))
    page.goto(shop)
    for _ in range(100):
        sent = [url for method, url in answers if method == "POST"]
        if len(sent) >= 4:
            break
        page.wait_for_timeout(100)
    server.stop()
    server.drained()
    assert [row["product_id"] for row in server.rows(SALE_LINE)] == ["A"]
    assert sorted(row["kind"] for row in server.rows(TOUCH)) == [
        "identify",
        "page_view",
        "product_view",
    ]
    assert {url.split("/")[2] for _, url in answers} == {
        shop.split("/")[2],
        server.address.split("/")[2],
    }
