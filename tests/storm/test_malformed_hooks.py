"""Five thousand malformed deliveries to every webhook: kept and answered, or told why not."""

import base64
import hmac
import json
import random
import resource
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from starlette.testclient import TestClient

from tests.intake.hostile import spoilt
from tests.storm.test_malformed import MOST_MB, ORDER, torn
from tuttuno.tasks.drain import drain
from tuttuno.tasks.verify import verify
from tuttuno.vault.door_hours import doors_by_hour
from tuttuno.web.app import create_app
from tuttuno.workspace import make_workspace

pytestmark = pytest.mark.storm

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECRET = b"the secret of all"
COUNT = 5_000

SETTINGS = """
[project]
name = "Shop"
[web]
hosts = ["testserver"]
[sources.shopify]
format = "shopify"
webhook = { secrets = ["env:HOOK"] }
[sources.woocommerce]
format = "woocommerce"
webhook = { secrets = ["env:HOOK"] }
[sources.standard]
format = "json"
currency = "EUR"
webhook = { scheme = "standard", secrets = ["env:HOOK_STANDARD"] }
[[sources.standard.documents]]
table = "sales"
columns = { sale_id = "id", line_no = { value = "1" }, sold_at = "created_at", \
channel = { value = "web" }, product_id = "email", quantity = { value = "1" }, net = "id" }
[sources.hmac]
format = "json"
currency = "EUR"
webhook = { scheme = "hmac", id_header = "X-Delivery", secrets = ["env:HOOK"] }
[[sources.hmac.documents]]
table = "sales"
columns = { sale_id = "id", line_no = { value = "1" }, sold_at = "created_at", \
channel = { value = "web" }, product_id = "email", quantity = { value = "1" }, net = "id" }
"""

#: An order of WooCommerce, as far as it is read.
PLACED = {
    "id": 7, "number": "7", "status": "completed", "currency": "EUR", "customer_id": 3,
    "date_created_gmt": "2026-03-01T10:00:00", "date_modified_gmt": "2026-03-01T11:00:00",
    "prices_include_tax": True, "billing": {"email": "anna@example.it", "phone": "3401000000"},
    "line_items": [{"id": 1, "product_id": 5, "sku": "A", "quantity": 2, "subtotal": "20.00",
                    "subtotal_tax": "4.40", "total": "20.00", "total_tax": "4.40"}],
    "refunds": [{"id": 9, "total": "-5.00"}], "coupon_lines": [], "meta_data": [],
}  # fmt: skip


def packed(key: bytes, text: bytes) -> str:
    return base64.b64encode(hmac.new(key, text, sha256).digest()).decode()


def by_shopify(body, name):
    return {"X-Shopify-Hmac-Sha256": packed(SECRET, body), "X-Shopify-Webhook-Id": name,
            "X-Shopify-Topic": "orders/create"}  # fmt: skip


def by_woocommerce(body, name):
    return {"X-WC-Webhook-Signature": packed(SECRET, body), "X-WC-Webhook-Delivery-ID": name,
            "X-WC-Webhook-Topic": "order.created"}  # fmt: skip


def by_standard(body, name):
    moment = str(int(NOW.timestamp()))
    signed = packed(SECRET, f"{name}.{moment}.".encode() + body)
    return {"webhook-id": name, "webhook-timestamp": moment, "webhook-signature": f"v1,{signed}"}


def by_hmac(body, name):
    return {"X-Signature": packed(SECRET, body), "X-Delivery": name}


DOORS = {
    "shopify": (by_shopify, ORDER),
    "woocommerce": (by_woocommerce, PLACED),
    "standard": (by_standard, ORDER),
    "hmac": (by_hmac, ORDER),
}


def malformed(document, chance):
    """One body: spoilt inside, torn, cut, no text, much too deep, or another thing altogether."""
    text = json.dumps(spoilt(document, chance))
    kind = chance.random()
    if kind < 0.6:
        return text.encode()
    if kind < 0.85:
        return torn(text, chance).encode(errors="surrogatepass")
    if kind < 0.95:
        return text.encode()[: chance.randrange(len(text))]
    odd = (b"", b"null", b"[]", b"7", b"[" * 20_000, b'{"a":' * 5_000, chance.randbytes(300))
    return chance.choice(odd)


@contextmanager
def _still(*_, **__):
    yield


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr("tuttuno.web.live.Drainer", _still)
    monkeypatch.setenv("HOOK", SECRET.decode())
    monkeypatch.setenv("HOOK_STANDARD", "whsec_" + base64.b64encode(SECRET).decode())
    made = make_workspace(tmp_path / "project", settings=SETTINGS)
    yield made
    made.vault.close()


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def send_all(place, door):
    sign, document = DOORS[door]
    chance, answers = random.Random(door), Counter()  # noqa: S311 - a seed
    app = create_app(place, clock=lambda: NOW)
    with TestClient(app, raise_server_exceptions=False) as client:
        for number in range(COUNT):
            body = malformed(document, chance)
            headers = sign(body, f"{door}-{number}")
            answer = client.post(f"/hooks/{door}", content=body, headers=headers)
            answers[answer.status_code, answer.json().get("verdict")] += 1
    return answers


@pytest.mark.parametrize("door", DOORS)
def test_malformed_deliveries_are_all_kept_answered_and_accounted_for(place, door):
    before = peak_mb()
    answers = send_all(place, door)
    assert {status for status, _ in answers} == {200}
    assert {verdict for _, verdict in answers} <= {"accepted", "quarantined"}
    inbox, intake = place.inbox(), place.intake()
    drained = drain(inbox, intake, root=place.root, sources=place.settings.sources)
    assert drained.messages == COUNT
    with inbox.read() as con:
        (hour,) = doors_by_hour(con)
    assert (hour.counts.received, hour.counts.difference) == (COUNT, 0)
    assert [each for each in drained.reports if each.counts.difference] == []
    found = verify(place.stores, intake.engine, inbox=inbox)
    assert found.sound, [finding for finding in found.findings if finding.broken]
    inbox.close()
    intake.engine.close()
    assert peak_mb() - before < MOST_MB
