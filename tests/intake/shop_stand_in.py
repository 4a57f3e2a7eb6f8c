"""A server that pages as Shopify's, WooCommerce's and a plain shop's interfaces document it."""

import json
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlsplit

TOKEN = "shpat-for-tests"  # noqa: S105 - of a stand-in

#: The settings of a project that asks it; the stand-in knows its `url`.
SHOPIFY = """
[project]
name = "Shop"
[sources.shopify]
format = "shopify"
currency = "EUR"
tax = {{ included = true, rate = 0.22 }}
pull = {{ url = "{url}", token = "env:SHOP_TOKEN", every_hours = 6 }}
"""


class ShopStandIn(ThreadingHTTPServer):
    """Documents by the last word of their path.

    Attributes:
        lists: Name -> documents, as they are now.
        script: Answers given before any other: status, headers.
        asked: Each question that was answered with documents: path and parameters.
        between: Called after each page, to change what there is.
        page: Documents that Shopify puts on a page.
        repeats: Pages that Shopify gives once more, under another address.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lists, self.script, self.asked, self.page = {}, [], [], 2
        self.repeats = 0
        self.between = lambda: None
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def close(self):
        self.shutdown()
        self.server_close()


@contextmanager
def stand_in(**lists: list[dict[str, object]]) -> Iterator[ShopStandIn]:
    """A shop that has some documents, for as long as it is needed."""
    made = ShopStandIn()
    made.lists.update(lists)
    yield made
    made.close()


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        """Say nothing."""

    def do_GET(self):
        at = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(at.query).items()}
        if self.server.script:
            status, headers = self.server.script.pop(0)
            self._answer(status, {"errors": "not now"}, headers)
            return
        if not self._known():
            self._answer(401, {"errors": "who are you?"}, {})
            return
        self.server.asked.append((at.path, query))
        shops = {"admin": self._shopify, "wp-json": self._woocommerce, "plain": self._plain}
        shops[at.path.split("/")[1]](at.path, query)
        self.server.between()

    def _known(self):
        told = self.headers.get("authorization", "").removeprefix("Basic ")
        basic = b64decode(told).decode() if told and not told.startswith("Bearer") else ""
        return TOKEN in (self.headers.get("x-shopify-access-token"), basic.partition(":")[2], told)

    def _shopify(self, path, query):
        """Newest id first; a cursor holds what was asked for and the last id that was given."""
        name = path.rpartition("/")[2].removesuffix(".json")
        told = json.loads(bytes.fromhex(query["page_info"])) if "page_info" in query else query
        since, below = told.get("updated_at_min", ""), int(told.get("below", 10**18))
        found = sorted(self.server.lists.get(name, ()), key=lambda one: -one["id"])
        found = [one for one in found if one["id"] < below and one["updated_at"] >= since]
        page, headers = found[: self.server.page], {}
        if len(found) > len(page):
            again, self.server.repeats = self.server.repeats, max(self.server.repeats - 1, 0)
            going = {"updated_at_min": since, "below": below if again else page[-1]["id"]}
            cursor = json.dumps({**going, "again": again}).encode().hex()
            following = f"{self.server.url}{path}?limit=250&page_info={quote(cursor)}"
            before = f'<{self.server.url}{path}?page_info=0>; rel="previous"'
            headers["Link"] = f'{before}, <{following}>; rel="next"'
        self._answer(200, {name: page}, headers)

    def _woocommerce(self, path, query):
        name = path.rpartition("/")[2]
        if name == "refunds":
            self._answer(200, self.server.lists["refunds"].get(path.split("/")[-2], []), {})
            return
        found = list(self.server.lists.get(name, ()))
        if "modified_after" in query:
            assert query["dates_are_gmt"] == "true"
            found = [one for one in found if one["date_modified_gmt"] > query["modified_after"]]
        by = "id" if query["orderby"] == "id" else "date_modified_gmt"
        found.sort(key=lambda one: (one[by], one["id"]))
        size = int(query["per_page"])
        start = int(query.get("offset", (int(query.get("page", 1)) - 1) * size))
        self._answer(200, found[start : start + size], {"X-WP-Total": str(len(found))})

    def _plain(self, path, query):
        found = self.server.lists.get(path.rpartition("/")[2], [])
        found = [one for one in found if one["changed"] >= query.get("since", "")]
        start, size = int(query["offset"]), int(query["limit"])
        self._answer(200, {"data": {"items": found[start : start + size]}}, {})

    def _answer(self, status, value, headers):
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, said in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, said)
        self.end_headers()
        self.wfile.write(body)


def written(at, *, zone=True):
    """A moment as Shopify writes it, or as WooCommerce does."""
    assert at.tzinfo is UTC
    return at.strftime("%Y-%m-%dT%H:%M:%SZ" if zone else "%Y-%m-%dT%H:%M:%S")


def moment(minute, second=0):
    """A moment on the day of the tests."""
    return datetime(2026, 5, 4, 9 + minute // 60, minute % 60, second, tzinfo=UTC)


def order(number, minute, quantity=1, **more):
    """An order as Shopify's REST interface writes it, changed on some minute of the day."""
    at = written(moment(minute))
    return {
        "id": number, "admin_graphql_api_id": f"gid://shopify/Order/{number}", "currency": "EUR",
        "source_name": "web", "created_at": at, "processed_at": at, "updated_at": at,
        "taxes_included": True, "line_items": [
            {"id": number * 10, "sku": "CAM-01", "quantity": quantity, "price": "61.00"},
        ], **more,
    }  # fmt: skip
