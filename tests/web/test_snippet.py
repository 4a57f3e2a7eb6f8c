"""The browser clients of Segment and RudderStack, unchanged, in Chromium, on a page elsewhere."""

import pytest

from tests.live import beside
from tuttuno.schema.lake import SALE_LINE, TOUCH
from tuttuno.vault.door_hours import doors_by_hour
from tuttuno.workspace import open_workspace

pytestmark = [pytest.mark.slow, pytest.mark.browser]

#: Products that a visitor looks at, one after the other.
SEEN = 20

#: What the snippet of Segment leaves in a page: calls wait in a list until the client is there.
SEGMENT = """
var analytics = window.analytics = [];
analytics._writeKey = "public-key";
analytics._cdn = "{server}";  // the client finds it by itself where the address is https
analytics.methods = ["track", "page", "identify", "load", "ready"];
analytics.factory = function (name) {
  return function () { analytics.push([name].concat([].slice.call(arguments))); return analytics; };
};
analytics.methods.forEach(function (name) { analytics[name] = analytics.factory(name); });
analytics._loadOptions = {};
var sdk = "{server}/analytics.js/v1/public-key/analytics.min.js";
"""

#: What that of RudderStack leaves: a build for the browser's age, and `load` waits like the rest.
RUDDERSTACK = """
var analytics = window.rudderanalytics = [];
["load", "page", "track", "identify", "ready"].forEach(function (name) {
  analytics[name] = function () { analytics.push([name].concat([].slice.call(arguments))); };
});
window.rudderAnalyticsBuildType = "modern";
analytics.load("public-key", "{server}", { configUrl: "{server}" });
var sdk = "{server}/v3/" + window.rudderAnalyticsBuildType + "/rsa.min.js";
"""

PAGE = """<!doctype html><title>Shop</title><script>
{snippet}
var script = document.createElement("script");
script.async = true;
script.src = sdk;
document.head.appendChild(script);
analytics.page("Home");
analytics.identify("anna", { email: "anna@example.it" });
for (var n = 0; n < {seen}; n++) analytics.track("Product Viewed", { product_id: "A" + n });
analytics.track("Order Completed", {
  order_id: "W-7", currency: "EUR", products: [{ product_id: "A", price: 59.9, quantity: 1 }],
});
</script>
"""


@pytest.fixture
def shop(live, request):
    """A page of the shop, on a host of its own."""
    page = PAGE.replace("{snippet}", request.param).replace("{seen}", str(SEEN))
    page = page.replace("{server}", live.address).encode()
    with beside(lambda _: (200, {"content-type": "text/html"}, page)) as address:
        yield address.replace("127.0.0.1", "localhost")


def visit(page, shop, events):
    """Open the page until all its events were answered; return the hosts that were asked."""
    hosts, kept = set(), []
    page.on("request", lambda asked: hosts.add(asked.url.split("/")[2]))
    page.on("response", lambda said: kept.append(said.request.method == "POST" and said.ok))
    page.goto(f"{shop}/")
    for _ in range(100):
        if sum(kept) >= events:
            break
        page.wait_for_timeout(100)
    return hosts


def received(live):
    """What the doors counted, and how many of it were accepted."""
    workspace = open_workspace(live.root)
    inbox = workspace.inbox()
    with inbox.read() as con:
        hours = doors_by_hour(con)
    inbox.close()
    workspace.vault.close()
    return [sum(getattr(each.counts, name) for each in hours) for name in ("received", "accepted")]


@pytest.mark.parametrize("shop", [SEGMENT, RUDDERSTACK], ids=["segment", "rudder"], indirect=True)
def test_a_page_with_the_unchanged_client_is_heard(live, shop, page):
    hosts = visit(page, shop, SEEN + 3)
    live.stop()
    live.drained()
    assert received(live) == [SEEN + 3, SEEN + 3]
    assert [row["product_id"] for row in live.rows(SALE_LINE)] == ["A"]
    touches = live.rows(TOUCH)
    viewed = [row["product_id"] for row in touches if row["kind"] == "product_view"]
    assert sorted(viewed) == sorted(f"A{n}" for n in range(SEEN))
    others = sorted(row["kind"] for row in touches if row["kind"] != "product_view")
    assert others == ["identify", "page_view"]
    assert {shop, live.address} == {f"http://{host}" for host in hosts}
