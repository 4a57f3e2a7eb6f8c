"""Lists of shops read page by page: nothing skipped, whatever breaks off or changes meanwhile."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.intake.shop_stand_in import TOKEN, moment, stand_in, written
from tuttuno.errors import BadInput
from tuttuno.intake.section import BadMapping, Section
from tuttuno.intake.sources import shop_lists
from tuttuno.intake.sources.shop_lists import shop_pull_of
from tuttuno.intake.sources.shop_pull import Paging, documents_of, fetch, watermark_of
from tuttuno.intake.sources.shop_server import Answer, NoAnswer, ShopServer, TurnedAway
from tuttuno.progress import silent

NOON = moment(180)
ORDERS = {each.name: each for each in shop_lists._SHOPIFY}["orders"]
WOO_CUSTOMERS, WOO_ORDERS = (
    replace(each, size=3, query={**each.query, "per_page": "3"}) for each in shop_lists._WOOCOMMERCE
)


@pytest.fixture
def shop():
    with stand_in() as made:
        yield made


@pytest.fixture
def waits():
    """Seconds that were waited, without waiting."""
    return []


@pytest.fixture
def read(shop, waits, tmp_path):
    """Read a list of the shop: `(key, minute of its change)` of each document of the file."""
    pulls = []

    def run(listing, *, since=None, path="admin/api/2026-01"):
        headers = {"x-shopify-access-token": TOKEN}
        server = ShopServer(f"{shop.url}/{path}", headers, waits.append, lambda: NOON)
        pulls.append(tmp_path / str(len(pulls)))
        found = fetch(listing, server, since, pulls[-1], silent)
        if found is None:
            return None
        first = moment(0)
        told = [
            (one.key, round((one.changed - first) / timedelta(minutes=1)))
            for one in documents_of(found)
        ]
        return told, found.path

    return run


def order(number, minute, **more):
    return {"id": number, "updated_at": written(moment(minute)), **more}


def woo(number, minute, second=0, **more):
    changed = written(moment(minute, second), zone=False)
    return {"id": number, "date_modified_gmt": changed, **more}


def test_every_page_is_followed_and_each_document_written_as_it_was_sent(shop, read):
    shop.lists["orders"] = [order(820982911946154508 + n, n, total="1.10") for n in range(5)]
    told, path = read(ORDERS)
    assert sorted(told) == [(str(820982911946154508 + n), n) for n in range(5)]
    lines = path.read_text("utf-8").splitlines()
    assert {json.loads(line)["order"]["total"] for line in lines} == {"1.10"}
    assert path.name == "orders-20260504T090400000000.jsonl"
    assert watermark_of([str(path), "x.csv"], "orders") == moment(4)
    assert watermark_of([str(path)], "customers") is None
    assert [query.get("status") for _, query in shop.asked] == ["any", None, None]


def test_only_what_changed_since_is_asked_for(shop, read):
    shop.lists["orders"] = [order(n, n) for n in range(5)]
    assert sorted(read(ORDERS, since=moment(3))[0]) == [("3", 3), ("4", 4)]
    assert shop.asked[0][1]["updated_at_min"] == "2026-05-04T09:03:00Z"
    assert read(ORDERS, since=moment(9)) is None


def test_a_shop_that_is_busy_is_asked_again_when_it_says(shop, read, waits):
    shop.lists["orders"] = [order(n, n) for n in range(3)]
    shop.script = [
        (429, {"Retry-After": "2.0"}), (503, {}), (500, {}),
        (429, {"Retry-After": "Mon, 04 May 2026 12:00:07 GMT"}), (502, {"Retry-After": "9999"}),
    ]  # fmt: skip
    assert len(read(ORDERS)[0]) == 3
    assert waits == [2.0, 2.0, 4.0, 7.0, 120.0]


def test_a_shop_that_never_answers_is_left_in_peace(shop, read, waits):
    shop.script = [(500, {})] * 7
    with pytest.raises(NoAnswer, match="answers 500 after 7 tries"):
        read(ORDERS)
    assert len(waits) == 6


def test_a_shop_that_is_gone_is_asked_again(shop, read, waits):
    shop.close()
    with pytest.raises(NoAnswer, match="does not answer"):
        read(ORDERS)
    assert len(waits) == 6


@pytest.mark.parametrize("status", [301, 403, 404])
def test_a_refusal_is_final(shop, read, waits, status):
    shop.script = [(status, {"Location": "https://elsewhere.example/"})]
    with pytest.raises(TurnedAway, match=str(status)):
        read(ORDERS)
    assert waits == []


def test_nobody_leads_the_secret_to_another_host(shop):
    elsewhere = "https://elsewhere.example/orders.json"
    shop.script = [(200, {"Link": f'<{elsewhere}>; rel="next"'})]
    server = ShopServer(shop.url, {"x-shopify-access-token": TOKEN})
    assert server.get("orders.json").next == elsewhere
    with pytest.raises(NoAnswer, match=r"another host: elsewhere\.example"):
        server.get(elsewhere)


class _Circle:
    """A shop whose second page says that the first one is the next."""

    url, clock = "http://127.0.0.1", staticmethod(lambda: NOON)

    def get(self, address):
        following = "orders.json?page=2" if address.endswith("json") else "orders.json"
        return Answer(b'{"orders": []}', {}, following)


def test_pages_that_lead_in_a_circle_are_noticed(tmp_path):
    listing = replace(ORDERS, query={})
    with pytest.raises(NoAnswer, match="in a circle"):
        fetch(listing, _Circle(), None, tmp_path / "circle", silent)


def test_an_order_that_changes_while_pages_are_read_pushes_none_out_of_sight(shop, read):
    shop.lists["orders"] = [woo(n, n) for n in range(8)]
    changes = iter([(0, 60), (4, 61), (1, 62)])

    def change():
        number, minute = next(changes, (None, 0))
        if number is not None:
            shop.lists["orders"][number] = woo(number, minute)

    shop.between = change
    told, path = read(WOO_ORDERS, path="wp-json/wc/v3")
    assert {key for key, _ in told} == {str(n) for n in range(8)}
    assert {("0", 60), ("4", 61), ("1", 62)} <= set(told)
    assert watermark_of([path.name], "orders") == moment(62)


def test_many_changes_of_one_second_are_all_read(shop, read):
    shop.lists["orders"] = [woo(n, 5) for n in range(10)]
    told, _ = read(WOO_ORDERS, path="wp-json/wc/v3")
    assert {key for key, _ in told} == {str(n) for n in range(10)}


def test_what_changes_behind_us_comes_with_the_next_pull(shop, read):
    shop.lists["orders"] = [order(1, 240)]
    _, path = read(ORDERS)
    assert watermark_of([path.name], "orders") == NOON


def test_refunds_come_behind_their_order(shop, read):
    shop.lists["orders"] = [woo(1, 1, refunds=[{"id": 9}]), woo(2, 2)]
    shop.lists["refunds"] = {"1": [{"id": 9, "parent_id": 1, "amount": "5.00"}]}
    told, path = read(WOO_ORDERS, path="wp-json/wc/v3")
    assert told == [("1", 1), ("2", 2)]
    assert [json.loads(line)["id"] for line in path.read_text().splitlines()] == [1, 9, 2]


def test_a_customer_who_is_deleted_while_pages_are_read_hides_nobody(shop, read):
    shop.lists["customers"] = [woo(n, n) for n in range(8)]
    gone = iter([1])

    def delete():
        if next(gone, None) is not None:
            del shop.lists["customers"][0]

    shop.between = delete
    told, _ = read(WOO_CUSTOMERS, path="wp-json/wc/v3")
    assert {key for key, _ in told} == {str(n) for n in range(8)}


def test_customers_that_did_not_change_are_left_out(shop, read):
    shop.lists["customers"] = [woo(n, n) for n in range(8)]
    told, _ = read(WOO_CUSTOMERS, since=moment(6), path="wp-json/wc/v3")
    assert told == [("6", 6), ("7", 7)]


def test_a_shop_of_ones_own_says_where_its_lists_are(shop, tmp_path):
    shop.lists["orders"] = [{"code": f"A{n}", "changed": written(moment(n))} for n in range(5)]
    said = {
        "url": f"{shop.url}/plain", "headers": {"x-shopify-access-token": "env:SHOP_KEY"},
        "lists": [{
            "name": "orders", "path": "orders", "since": "since", "changed": "changed",
            "id": "code", "envelope": "data.items", "paging": "offset", "size": 2,
            "query": {"limit": "2"},
        }],
    }  # fmt: skip
    pull = shop_pull_of(Section("pull", said), "json", root=tmp_path, environ={"SHOP_KEY": TOKEN})
    (listing,) = pull.lists
    assert listing.paging is Paging.OFFSET
    found = fetch(listing, pull.server, None, tmp_path / "pull", silent)
    assert sorted(one.key for one in documents_of(found)) == [f"A{n}" for n in range(5)]
    shop.lists["orders"].reverse()
    with pytest.raises(NoAnswer, match="in the order in which they changed"):
        fetch(listing, pull.server, None, tmp_path / "again", silent)


@pytest.mark.parametrize(
    ("format_", "said", "told"),
    [
        ("shopify", {"url": "http://shop.example"}, "pull.url` must be"),
        ("shopify", {"url": "https://a:b@shop.example"}, "pull.url` must be"),
        ("shopify", {"token": "shpat_1"}, "pull.token` must say where a secret is"),
        ("shopify", {"token": "env:T", "lists": ["carts"]}, "pull.lists` cannot be 'carts'"),
        ("shopify", {"token": "env:T", "key": "x"}, "pull.key` is not a setting"),
        ("woocommerce", {"key": "env:T", "secret": "x"}, "pull.secret` must say"),
        ("woocommerce", {"key": "env:T", "secret": "env:T", "overlap_minutes": -1}, "minutes"),
        ("json", {}, "pull.lists` is missing"),
        ("json", {"headers": {"a": "b"}}, "pull.headers.a` must say"),
        ("json", {"lists": [{"name": "orders"}]}, "path` must be"),
        ("json", {"lists": [{"name": "o", "path": "o", "changed": "c", "size": 0}]}, "size` must"),
        ("json", {"lists": [{"name": "o", "path": "o", "changed": "c", "table": "x"}]}, "table`"),
    ],
)
def test_what_cannot_be_understood_is_named(tmp_path, format_, said, told):
    section = Section("pull", {"url": "https://shop.example", **said})
    with pytest.raises(BadMapping, match=told):
        shop_pull_of(section, format_, root=tmp_path, environ={"T": "t"})


def test_a_secret_that_is_not_where_it_should_be_is_named(tmp_path):
    section = Section("pull", {"url": "https://shop.example", "token": "file:no"})
    with pytest.raises(BadInput, match="cannot be read"):
        shop_pull_of(section, "shopify", root=tmp_path, environ={})
