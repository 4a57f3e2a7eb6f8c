"""Webhooks: who signed, what was kept, and what becomes of it in whatever order it comes."""

import base64
import hmac
import json
import os
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from tuttuno.errors import BadInput
from tuttuno.intake.section import BadMapping
from tuttuno.schema.lake import SALE_LINE
from tuttuno.tasks.drain import drain
from tuttuno.vault.inbox_claims import Claim, claimed
from tuttuno.web.app import create_app
from tuttuno.web.hooks.doors import hooks
from tuttuno.web.hooks.seals import NAMES, Forged, Names, Scheme, Seal, Writing, opened
from tuttuno.workspace import make_workspace

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
OLD, NEW = b"the secret of old", b"the secret of new"
STANDARD = "whsec_" + base64.b64encode(NEW).decode()

SETTINGS = """
[project]
name = "Shop"
[web]
hosts = ["testserver"]
[sources.shop]
format = "shopify"
[sources.shop.webhook]
secrets = ["env:HOOK_OLD", "file:keys/shop.secret"]
[sources.woo]
format = "woocommerce"
[sources.woo.webhook]
secrets = ["env:HOOK_OLD"]
[sources.own]
format = "json"
currency = "EUR"
webhook = { scheme = "standard", secrets = ["env:HOOK_STANDARD"] }
[[sources.own.documents]]
table = "sales"
columns = { sale_id = "n", line_no = "l", sold_at = "at", channel = { value = "web" }, \
product_id = "p", quantity = "q", net = "net" }
"""


@contextmanager
def _still(*_, **__):
    yield


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """A project with three sources that send webhooks."""
    made = make_workspace(tmp_path_factory.mktemp("hooks") / "project", settings=SETTINGS)
    (made.root / "keys" / "shop.secret").write_bytes(NEW + b"\n")
    return made


@pytest.fixture(scope="module")
def door(workspace):
    """A sender before the open doors of the project; nothing is drained while tests look."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("tuttuno.web.live.Drainer", _still)
        patched.setenv("HOOK_OLD", OLD.decode())
        patched.setenv("HOOK_STANDARD", STANDARD)
        app = create_app(workspace, clock=lambda: NOW)
        with TestClient(app, raise_server_exceptions=False) as client:
            yield client


def signed(body: bytes, secret: bytes = NEW, *, delivery: str = "d-1", **more: str) -> dict:
    """The headers of Shopify, as `hmac` alone works them out."""
    digest = base64.b64encode(hmac.new(secret, body, sha256).digest()).decode()
    return {"X-Shopify-Hmac-Sha256": digest, "X-Shopify-Webhook-Id": delivery,
            "X-Shopify-Topic": "orders/create", **more}  # fmt: skip


def kept(workspace) -> dict:
    inbox = workspace.inbox()
    with inbox.read() as con:
        found = {each.message_id: each for each in claimed(con, Claim(0, 1, 10**9))}
    inbox.close()
    return found


def test_a_recorded_delivery_is_opened_by_its_secret_and_by_no_other(shared: Path):
    path = shared / "data" / "shopify" / "signed_orders_partially_fulfilled.json"
    told = json.loads(path.read_text("utf-8"))
    headers = {name.lower(): value for name, value in told["headers"].items()}
    body = told["body"].encode()
    names = NAMES[Scheme.SHOPIFY]
    seal = Seal(Scheme.SHOPIFY, (OLD, told["secret"].encode()), names)
    found = opened(seal, headers, body, NOW)
    assert (found.message, found.topic) == (
        "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        "orders/partially_fulfilled",
    )
    assert found.sent_at == datetime(2026, 11, 20, 10, tzinfo=UTC)
    for other in (body + b" ", body.replace(b"jon@", b"jan@"), b""):
        with pytest.raises(Forged):
            opened(seal, headers, other, NOW)
    with pytest.raises(Forged):
        opened(Seal(Scheme.SHOPIFY, (OLD,), names), headers, body, NOW)


def standard(body: bytes, *, at: datetime = NOW, key: bytes = NEW, message: str = "msg_1") -> dict:
    """The headers of Standard Webhooks; the example of its specification is a test of its own."""
    moment = str(int(at.timestamp()))
    text = f"{message}.{moment}.".encode() + body
    digest = base64.b64encode(hmac.new(key, text, sha256).digest()).decode()
    return {"webhook-id": message, "webhook-timestamp": moment, "webhook-signature":
            f"v1,{digest}"}  # fmt: skip


def test_the_example_of_standard_webhooks_is_opened():
    # From the specification: secret, id, moment and body, and the signature they must have.
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    seal = Seal(Scheme.STANDARD, (secret,), NAMES[Scheme.STANDARD])
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    at = datetime.fromtimestamp(1614265330, UTC)
    assert opened(seal, headers, b'{"test": 2432232314}', at).message == headers["webhook-id"]


@pytest.mark.parametrize(
    ("away", "holds"), [(0, True), (299, True), (300, True), (301, False), (-300, True),
                        (-301, False), (10**6, False)],
)  # fmt: skip
def test_a_signed_moment_holds_for_five_minutes(away, holds):
    seal = Seal(Scheme.STANDARD, (OLD, NEW), NAMES[Scheme.STANDARD])
    headers = standard(b"{}", at=NOW - timedelta(seconds=away))
    if holds:
        assert opened(seal, headers, b"{}", NOW).sent_at == NOW - timedelta(seconds=away)
    else:
        with pytest.raises(Forged):
            opened(seal, headers, b"{}", NOW)


@pytest.mark.parametrize("key", [OLD, NEW])
@pytest.mark.parametrize("more", ["", " v1a,xxxx", " v1,AAAA", " nonsense"])
def test_each_of_two_secrets_opens_while_both_hold(key, more):
    seal = Seal(Scheme.STANDARD, (OLD, NEW), NAMES[Scheme.STANDARD])
    headers = standard(b"{}", key=key)
    headers["webhook-signature"] = f"v1,AAAA{more} {headers['webhook-signature']}"
    assert opened(seal, headers, b"{}", NOW).message == "msg_1"


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", ["", "x", "9" * 40, "\u0661\u0662", "-1", "v1,", "v2,AAAA"])
def test_a_header_that_was_changed_opens_nothing(name, value):
    seal = Seal(Scheme.STANDARD, (NEW,), NAMES[Scheme.STANDARD])
    with pytest.raises(Forged):
        opened(seal, {**standard(b"{}"), name: value}, b"{}", NOW)


@pytest.mark.parametrize("writing", list(Writing))
def test_a_shop_of_ones_own_may_sign_as_it_likes(writing):
    names = Names("x-sign", moment="x-at")
    seal = Seal(Scheme.HMAC, (NEW,), names, writing=writing, prefix="sha256=")
    moment = str(int(NOW.timestamp()))
    digest = hmac.new(NEW, f"{moment}.".encode() + b"{}", sha256)
    told = digest.hexdigest() if writing is Writing.HEX else base64.b64encode(digest.digest())
    told = told if isinstance(told, str) else told.decode()
    assert opened(seal, {"x-sign": f"sha256={told}", "x-at": moment}, b"{}", NOW).message is None
    with pytest.raises(Forged):
        opened(seal, {"x-sign": told, "x-at": moment}, b"{}", NOW)


def test_a_delivery_is_kept_before_it_is_answered(door, workspace):
    body = b'{"id": 1, "admin_graphql_api_id": "gid://shopify/Order/1"}'
    triggered = {"X-Shopify-Triggered-At": "2026-06-01T11:59:00Z"}
    answer = door.post("/hooks/shop", content=body, headers=signed(body, **triggered))
    assert (answer.status_code, answer.json()) == (200, {"verdict": "accepted"})
    found = kept(workspace)["d-1"]
    assert (found.body, found.kind, found.source) == (body.decode(), "orders/create", "shop")
    again = door.post("/hooks/shop", content=body, headers=signed(body))
    assert again.json() == {"verdict": "duplicate"}
    other = body.replace(b" 1,", b" 2,")
    changed = door.post("/hooks/shop", content=other, headers=signed(other))
    assert (changed.status_code, changed.json()) == (200, {"verdict": "quarantined"})


@pytest.mark.parametrize(
    ("source", "headers", "status"),
    [("shop", {}, 401), ("shop", signed(b"{}", b"another secret"), 401),
     ("shop", {"X-Shopify-Hmac-Sha256": "\u00e9"}, 401), ("woo", signed(b"{}"), 401),
     ("nobody", signed(b"{}"), 404), ("own", standard(b"{}", at=NOW - timedelta(days=1)), 401)],
)  # fmt: skip
def test_what_nobody_signed_is_turned_away_and_nothing_of_it_is_kept(
    door, workspace, source, headers, status
):
    before = len(kept(workspace))
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    assert door.post(f"/hooks/{source}", content=b"{}", headers=raw).status_code == status
    assert len(kept(workspace)) == before


def test_a_delivery_may_only_be_posted(door):
    assert door.get("/hooks/shop").status_code == 405


def test_a_delivery_that_is_too_large_is_not_read_to_its_end(door):
    def endless():
        for _ in range(64):
            yield b"x" * 2**20

    assert door.post("/hooks/shop", content=endless()).status_code == 413


def test_woocommerce_asks_whether_somebody_is_there(door, workspace):
    before = len(kept(workspace))
    answer = door.post("/hooks/woo", content=b"webhook_id=5")
    assert (answer.status_code, answer.json()) == (200, {"verdict": "ping"})
    assert door.post("/hooks/shop", content=b"webhook_id=5").status_code == 401
    assert len(kept(workspace)) == before


@pytest.mark.parametrize("body", [b"\xff\xfe", b'{"a": "\x00"}', b"", b"[" * 10_000, b"null"])
def test_a_signed_body_that_is_no_document_is_kept_and_answered(door, body):
    answer = door.post("/hooks/shop", content=body, headers=signed(body, delivery=body.hex()[:9]))
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "count", [150, pytest.param(5_000, marks=[pytest.mark.slow, pytest.mark.storm])]
)
def test_no_delivery_breaks_the_door(door, count):
    @settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        body=st.binary(max_size=300),
        values=st.lists(st.text(st.characters(max_codepoint=255, min_codepoint=32)), max_size=5),
        source=st.sampled_from(["shop", "woo", "own", "x", "%00", "own%2fx"]),
        real=st.booleans(),
    )
    def holds(body, values, source, real):
        assert answered(door, body, values, source, real) in {200, 400, 401, 404}

    holds()


def answered(door, body, values, source, real) -> int:
    headers = {**standard(body), **signed(body)} if real else {}
    names = [*headers] or ["webhook-id", "webhook-timestamp", "webhook-signature"]
    headers |= dict(zip(names, values, strict=False))
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    return door.post(f"/hooks/{source}", content=body, headers=raw).status_code


def order(**more: object) -> bytes:
    line = {"id": 11, "sku": "A", "price": "10.00", "quantity": 1, "tax_lines": []}
    return json.dumps(
        {"id": 9, "admin_graphql_api_id": "gid://shopify/Order/9", "source_name": "web",
         "currency": "EUR", "created_at": "2026-05-01T10:00:00Z", "line_items": [line],
         "updated_at": "2026-05-01T10:00:00Z", **more}
    ).encode()  # fmt: skip


def test_an_update_before_its_order_and_each_of_them_twice_end_in_one_truth(tmp_path, monkeypatch):
    monkeypatch.setattr("tuttuno.web.live.Drainer", _still)
    monkeypatch.setenv("HOOK_OLD", OLD.decode())
    monkeypatch.setenv("HOOK_STANDARD", STANDARD)
    made = make_workspace(tmp_path / "project", settings=SETTINGS)
    (made.root / "keys" / "shop.secret").write_bytes(NEW)
    later = order(updated_at="2026-05-02T10:00:00Z", note="gift", line_items=[
        {"id": 11, "sku": "A", "price": "10.00", "quantity": 3, "tax_lines": []}])  # fmt: skip
    app = create_app(made, clock=lambda: NOW)
    with TestClient(app) as client:
        for number, body in enumerate([later, order(), later, order()]):
            headers = signed(body, delivery=f"d-{number % 3}")
            assert client.post("/hooks/shop", content=body, headers=headers).status_code == 200
    inbox, intake = made.inbox(), made.intake()
    drained = drain(inbox, intake, root=made.root, sources=made.settings.sources)
    assert drained.messages == 4
    rows = intake.engine.run(intake.lake.bind(intake.engine, SALE_LINE, name="asked")).to_pylist()
    assert [(row["sale_id"], row["line_no"], int(row["quantity"])) for row in rows] == [("9", 1, 3)]
    assert [each.counts.difference for each in drained.reports] == [0] * len(drained.reports)
    inbox.close()
    intake.engine.close()


def declared(tmp_path: Path, **webhook: object):
    sources = {"shop": {"format": "shopify", "webhook": webhook}}
    return hooks(sources, tmp_path, {"GOOD": "long enough", "SHORT": "x"})


@pytest.mark.parametrize(
    "secrets",
    [[], "hush-hush", "hush:hush", ["env:GOOD", "env:GOOD", "env:GOOD"], ["env:"], ["GOOD"]],
)
def test_a_secret_never_stands_in_the_settings(tmp_path, secrets):
    with pytest.raises(BadMapping) as caught:
        declared(tmp_path, secrets=secrets)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("place", "word"),
    [
        ("env:NONE", "env:NONE holds nothing"),
        ("env:SHORT", "env:SHORT is shorter than 8 signs"),
        ("file:nothing", "cannot be read"),
    ],
)
def test_a_secret_that_is_not_where_it_should_be_is_told(tmp_path, place, word):
    with pytest.raises(BadInput, match=f"secrets.*{word}"):
        declared(tmp_path, secrets=[place])


def test_a_seal_does_not_show_its_secrets(tmp_path):
    assert "long enough" not in repr(declared(tmp_path, secrets=["env:GOOD"]))


def test_only_a_source_of_documents_takes_webhooks(tmp_path):
    with pytest.raises(BadMapping, match="webhook"):
        hooks({"till": {"format": "poslog", "webhook": {}}}, tmp_path, os.environ)
