"""What shops say anew comes in once, and what their webhooks had missed is named."""

import json
import shutil

import pytest

from tests.intake.shop_stand_in import SHOPIFY, TOKEN, moment, order, stand_in, written
from tuttuno.intake.sources.shop_server import NoAnswer
from tuttuno.schema.lake import SALE_LINE
from tuttuno.tasks.drain import drain
from tuttuno.tasks.pull import pull
from tuttuno.vault.inbox import Message, digest_of, put_messages
from tuttuno.workspace import make_workspace, open_workspace

SETTINGS = (
    SHOPIFY
    + """
[sources.woo]
format = "woocommerce"
currency = "EUR"
pull = {{ url = "{url}", key = "env:WOO_KEY", secret = "env:SHOP_TOKEN" }}
[sources.own]
format = "json"
currency = "EUR"
documents = [{{ table = "sales", each = "lines", columns = {{ sale_id = "code", line_no = "lines.#", sold_at = "changed", channel = {{ value = "web" }}, product_id = "lines.sku", quantity = "lines.quantity", net = "lines.net", updated_at = "changed" }} }}]
[sources.own.pull]
url = "{url}/plain"
headers = {{ x-shopify-access-token = "env:SHOP_TOKEN" }}
lists = [{{ name = "orders", path = "own", since = "since", changed = "changed", id = "code", envelope = "data.items", paging = "offset", size = 2, query = {{ limit = "2" }} }}]
"""  # noqa: E501 - a table of TOML stands on one line
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A project that nothing was taken into."""
    made = make_workspace(tmp_path_factory.mktemp("empty") / "project")
    made.vault.close()
    return made.root


@pytest.fixture
def shop():
    with stand_in() as made:
        yield made


@pytest.fixture
def place(empty, tmp_path, shop, monkeypatch):
    """A project of three shops, which are one stand-in."""
    monkeypatch.setenv("SHOP_TOKEN", TOKEN)
    monkeypatch.setenv("WOO_KEY", "ck")
    shutil.copytree(empty, tmp_path / "project")
    (tmp_path / "project" / "tuttuno.toml").write_text(SETTINGS.format(url=shop.url), "utf-8")
    made = open_workspace(tmp_path / "project")
    yield made
    made.vault.close()


def customer(number, minute):
    return {
        "id": number, "email": f"c{number}@example.it", "verified_email": True,
        "created_at": written(moment(0)), "updated_at": written(moment(minute)),
        "admin_graphql_api_id": f"gid://shopify/Customer/{number}",
    }  # fmt: skip


def told(place, document, name):
    """A webhook has come, and was taken in."""
    inbox, text = place.inbox(), json.dumps(document)
    message = Message("shopify", name, "orders/updated", moment(0), text, digest_of(text.encode()))
    with inbox.begin() as con:
        put_messages(con, [message])
    drain(inbox, place.intake(), root=place.root, sources=place.settings.sources)
    inbox.close()


def pulled(place, name="shopify"):
    done = pull(
        name, root=place.root, intake=place.intake(), sources=place.settings.sources,
        clock=lambda: moment(600),
    )  # fmt: skip
    assert [each for each in done.files if each.counts.difference or each.refused] == []
    return done


def missed(done):
    return {each.list: (each.read, each.new_ids, each.newer_ids) for each in done.missed}


def sold(place, source="shopify"):
    engine = place.embedded()
    rows = place.lake.bind(engine, SALE_LINE)
    found = engine.run(rows.filter(rows.source == source).select("sale_id", "quantity"))
    return sorted((row["sale_id"], int(row["quantity"])) for row in found.to_pylist())


def test_what_webhooks_had_missed_is_taken_in_and_named(place, shop):
    told(place, order(1, 1), "m1")
    told(place, order(2, 1), "m2")
    shop.lists["orders"] = [order(1, 1), order(2, 9, 3), order(3, 2), order(4, 595)]
    shop.lists["customers"] = [customer(7, 1)]
    done = pulled(place)
    assert missed(done) == {"customers": (1, ("7",), ()), "orders": (4, ("3",), ("2",))}
    assert sold(place) == [("1", 1), ("2", 3), ("3", 1), ("4", 1)]


def test_a_second_pull_brings_only_what_changed(place, shop):
    shop.lists["orders"] = [order(n, 60 * n) for n in range(1, 5)]
    assert missed(pulled(place))["orders"] == (4, ("4", "3", "2", "1"), ())
    again = pulled(place)
    assert missed(again)["orders"] == (1, (), ())
    assert {each.counts.accepted for each in again.files} == {0}
    shop.lists["orders"][0] = order(1, 250, refunds=[
        {"id": 77, "created_at": written(moment(250)), "refund_line_items": [
            {"id": 5, "line_item_id": 10, "quantity": 1, "subtotal": "50.00", "total_tax": "11.00",
             "line_item": {"id": 10, "sku": "CAM-01", "price": "61.00"}},
        ]},
    ])  # fmt: skip
    shop.lists["customers"] = [customer(7, 1)]
    assert missed(pulled(place))["orders"] == (2, (), ("1",))
    assert sold(place) == [("1", 1), ("2", 1), ("3", 1), ("4", 1), ("refund-77", -1)]


def test_a_pull_that_breaks_off_is_done_again_without_a_gap(place, shop):
    shop.lists["customers"] = [customer(7, 1)]
    shop.lists["orders"] = [order(n, n) for n in range(1, 6)]
    again = {"Retry-After": "0"}

    def fall():
        if len(shop.asked) == 3:
            shop.script = [(500, again)] * 7

    shop.between = fall
    with pytest.raises(NoAnswer, match="500"):
        pulled(place)
    shop.between, shop.script = lambda: None, [(429, again), (503, again)]
    done = pulled(place)
    assert missed(done)["orders"][:2] == (5, ("5", "4", "3", "2", "1"))
    assert missed(done)["customers"] == (1, (), ())
    assert len(sold(place)) == 5


def test_woocommerce_is_pulled_with_its_refunds(place, shop):
    at = {name: written(moment(5), zone=False)
          for name in ("date_created_gmt", "date_paid_gmt", "date_modified_gmt")}  # fmt: skip
    line = {"id": 1, "sku": "CAM-01", "quantity": 2, "subtotal": "90", "total": "90",
            "total_tax": "19.80"}  # fmt: skip
    shop.lists["orders"] = [{
        "id": 727, "status": "processing", "currency": "EUR", "created_via": "checkout",
        "line_items": [line], "refunds": [{"id": 726, "total": "-45"}], **at,
    }]  # fmt: skip
    shop.lists["refunds"] = {"727": [{
        "id": 726, "parent_id": 727, "date_created_gmt": at["date_paid_gmt"], "amount": "54.90",
        "line_items": [{**line, "quantity": -1, "total": "-45", "total_tax": "-9.90"}],
    }]}  # fmt: skip
    assert missed(pulled(place, "woo")) == {"orders": (1, ("727",), ())}
    assert sold(place, "woo") == [("727", 2), ("refund-726", -1)]


def test_a_shop_of_ones_own_is_pulled_as_it_declares(place, shop):
    line = {"sku": "A", "quantity": 1, "net": "10.00"}
    shop.lists["own"] = [
        {"code": f"A{n}", "changed": written(moment(n)), "lines": [line]} for n in range(5)
    ]
    assert missed(pulled(place, "own")) == {"orders": (5, ("A0", "A1", "A2", "A3", "A4"), ())}
    assert len(sold(place, "own")) == 5
    assert pulled(place, "own").missed[0].new == 0


def test_a_page_that_is_given_twice_counts_once(place, shop):
    shop.lists["orders"] = [order(n, n) for n in range(1, 6)]
    shop.repeats = 2
    done = pulled(place)
    assert len(sold(place)) == 5
    assert [(each.counts.accepted, each.counts.duplicate) for each in done.files] == [(5, 4)]
    assert missed(done)["orders"] == (9, ("5", "4", "3", "2", "1"), ())


def test_a_shop_with_nothing_new_says_so(place, shop):
    shop.lists["orders"] = []
    assert pulled(place).files == ()
