"""Shopify: recordings of its interfaces, a shop's day in every order, and whatever goes wrong."""

import json
import random
from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest

from tests.intake.hostile import spoilt_lines
from tests.intake.project import Project
from tuttuno.intake.section import BadMapping
from tuttuno.schema.lake import PICKUP, SALE_LINE, STORE_SITE
from tuttuno.tasks.ingest import mapping_for
from tuttuno.vault.batches import Counts

SHOPIFY = mapping_for("shopify", None, sources={})


def line(number: int, price: str, quantity: int = 1, **more: object) -> dict:
    return {
        "id": number,
        "admin_graphql_api_id": f"gid://shopify/LineItem/{number}",
        "sku": f"SKU-{number}",
        "price": price,
        "quantity": quantity,
        "tax_lines": [],
        **more,
    }


def order(**more: object) -> dict:
    return {
        "id": 1001,
        "admin_graphql_api_id": "gid://shopify/Order/1001",
        "source_name": "web",
        "currency": "EUR",
        "created_at": "2026-03-01T10:00:00+01:00",
        "processed_at": "2026-03-01T10:00:00+01:00",
        "updated_at": "2026-03-01T10:00:00+01:00",
        "taxes_included": True,
        "email": "anna@example.it",
        "customer": {"id": 7, "email": "anna@example.it"},
        "line_items": [line(12, "24.40"), line(11, "59.90", 2)],
        **more,
    }


def take(project: Project, *found: dict, mapping=SHOPIFY, name="orders.jsonl"):
    project.given += 1
    text = "\n".join(json.dumps(each) for each in found)
    return project.take(project.write(f"{project.given}_{name}", text), mapping=mapping)


def bodies(shared: Path, name: str) -> dict:
    return json.loads((shared / "data" / "shopify" / name).read_text("utf-8"))


@pytest.mark.shared_data
def test_a_recorded_order_comes_in_to_the_cent(project: Project, shared: Path):
    project.take(shared / "data" / "shopify" / "pyapi_order.json", mapping=SHOPIFY)
    raw = bodies(shared, "pyapi_order.json")["order"]
    told = sorted(
        (each["sku"], Decimal(each["price"]) * each["quantity"]) for each in raw["line_items"]
    )
    assert project.rows(SALE_LINE, "product_id", "net") == told
    assert set(project.rows(SALE_LINE, "sale_id", "channel", "currency")) == {
        (str(raw["id"]), "web", "USD")
    }
    assert project.record("shopify", "207119551").fields["given_name"] == "Bob"
    project.law()


@pytest.mark.shared_data
def test_every_recording_is_accounted_for(project: Project, shared: Path):
    folder = shared / "data" / "shopify"
    names = ["bulk_orders_sample.jsonl", "pyapi_orders.json", "pyapi_refund.json",
             "pyapi_fulfillment.json", "pyapi_customer.json", "pyapi_locations.json"]  # fmt: skip
    reports = project.take(*(folder / name for name in names), mapping=SHOPIFY)
    became = {(Path(each.file).name, each.table): each.counts for each in reports}
    assert became == {
        # The sample asks for neither moments nor prices, so its lines cannot be sales.
        ("bulk_orders_sample.jsonl", "sales"): Counts(received=2, quarantined=2),
        ("pyapi_orders.json", "sales"): Counts(received=1, rejected=1),
        ("pyapi_orders.json", "people"): Counts(received=1, accepted=1),
        ("pyapi_refund.json", "sales"): Counts(received=2, accepted=2),
        ("pyapi_fulfillment.json", "sales"): Counts(received=1, rejected=1),
        ("pyapi_customer.json", "people"): Counts(received=1, duplicate=1),
        ("pyapi_locations.json", "stores"): Counts(received=2, accepted=2),
    }
    assert project.rows(STORE_SITE, "store_id", "country") == [
        ("1034478814", "DE"),
        ("487838322", "US"),
    ]


@pytest.mark.shared_data
def test_an_id_beyond_double_precision_is_read_from_the_gid(project: Project, shared: Path):
    body = json.loads(bodies(shared, "signed_orders_partially_fulfilled.json")["body"])
    assert body["id"] == 820982911946154500
    take(project, {**body, "test": False, "cancelled_at": None})
    assert set(project.rows(SALE_LINE, "sale_id")) == {"820982911946154508"}
    assert project.identifiers("shopify", "115310627314723954") == [("email", "john@example.com")]


@pytest.mark.shared_data
def test_a_test_order_is_no_sale(project: Project, shared: Path):
    body = json.loads(bodies(shared, "signed_orders_partially_fulfilled.json")["body"])
    (report,) = take(project, body)
    assert report.counts == Counts(received=2, rejected=2)


def test_two_addresses_on_one_order_tie_nobody_together(project: Project):
    moment = "2026-01-01T00:00:00Z"
    other = {"id": 8, "verified_email": True, "email": "bob@example.it", "updated_at": moment}
    customer = {"id": 7, "email": "Anna@example.it"}
    take(project, order(email="bob@example.it", phone="+39 340 1000000", customer=customer), other)
    assert project.identifiers("shopify", "7") == [
        ("email", "anna@example.it"),
        ("phone", "+393401000000"),
    ]
    assert project.identifiers("shopify", "8") == [("email", "bob@example.it")]


def test_tax_in_the_price_is_taken_out_as_the_order_says(project: Project):
    lines = [
        line(1, "61.00", 2, tax_lines=[{"price": "20.20", "rate": 0.22}],
             discount_allocations=[{"amount": "6.00"}, {"amount": "4.00"}]),
        line(2, "12.20", 1, tax_lines=[{"price": "2.20", "rate": 0.22}], total_discount="0.00"),
    ]  # fmt: skip
    take(project, order(line_items=lines, total_price="124.20"))
    assert project.rows(SALE_LINE, "line_no", "gross", "discount", "net", "vat") == [
        (1, Decimal("100.00"), Decimal("8.20"), Decimal("91.80"), Decimal("20.20")),
        (2, Decimal("10.00"), Decimal("0.00"), Decimal("10.00"), Decimal("2.20")),
    ]


def test_tax_that_only_the_order_tells_is_that_of_its_lines(project: Project):
    untold = {key: value for key, value in line(1, "59.90").items() if key != "tax_lines"}
    take(project, order(line_items=[untold], tax_lines=[{"price": "10.80", "rate": 0.22}]))
    assert project.rows(SALE_LINE, "net", "vat") == [(Decimal("49.10"), Decimal("10.80"))]


def test_tax_that_nobody_tells_is_not_guessed(project: Project):
    untold = {key: value for key, value in line(1, "59.90").items() if key != "tax_lines"}
    take(project, order(line_items=[untold]))
    assert project.faults() == [(1, "net", "required", None)]
    declared = mapping_for(
        "shop", None, sources={"shop": {"format": "shopify", "tax": {"rate": 0.22}}}
    )
    take(project, order(line_items=[untold]), mapping=declared)
    assert project.rows(SALE_LINE, "source", "net") == [("shop", Decimal("49.10"))]


def test_an_order_that_was_cancelled_was_never_bought(project: Project):
    take(project, order())
    cancelled = {"cancelled_at": "2026-03-02T09:00:00Z", "updated_at": "2026-03-02T09:00:00Z"}
    take(project, order(**cancelled))
    take(project, order())
    assert set(project.rows(SALE_LINE, "quantity", "net")) == {(Decimal(0), Decimal(0))}


REFUND = {
    "id": 501,
    "order_id": 1001,
    "created_at": "2026-03-05T12:00:00+01:00",
    "refund_line_items": [
        {"id": 1, "quantity": 1, "line_item_id": 11, "line_item": line(11, "59.90", 2),
         "subtotal": "59.90", "total_tax": "10.80"}
    ],
    "transactions": [{"currency": "EUR", "source_name": "web"}],
}  # fmt: skip
LATER = {"refunds": [REFUND], "updated_at": "2026-03-05T12:00:00+01:00"}


@pytest.mark.parametrize("way", [*permutations((order(), order(**LATER), REFUND))])
def test_the_order_in_which_deliveries_arrive_does_not_matter(project: Project, way):
    for each in way:
        take(project, each)
    assert project.rows(SALE_LINE, "sale_id", "line_no", "quantity", "net", "returns_sale_id") == [
        ("1001", 1, Decimal(2), Decimal("119.80"), None),
        ("1001", 2, Decimal(1), Decimal("24.40"), None),
        ("refund-501", 1, Decimal(-1), Decimal("-49.10"), "1001"),
    ]
    assert project.rows(SALE_LINE, "record_key").count(None) == 0
    assert project.quarantine() == []


def bulk(shuffle: int = 0) -> list[dict]:
    """The order above and a thousand others as GraphQL writes them into a bulk file."""

    def money(amount: str) -> dict:
        return {"shopMoney": {"amount": amount, "currencyCode": "EUR"}}

    lines: list[dict] = []
    for number in (1001, *range(2000, 3000)):
        gid = f"gid://shopify/Order/{number}"
        moment = "2026-03-01T09:00:00Z"
        lines.append(
            {"id": gid, "sourceName": "web", "currencyCode": "EUR", "taxesIncluded": True,
             "createdAt": moment, "processedAt": moment, "updatedAt": moment,
             "email": "anna@example.it",
             "customer": {"id": "gid://shopify/Customer/7", "email": "anna@example.it"}}
        )  # fmt: skip
        for key, price, quantity in ((11, "59.90", 2), (12, "24.40", 1)):
            unique = key if number == 1001 else number * 100 + key
            lines.append(
                {"id": f"gid://shopify/LineItem/{unique}", "sku": f"SKU-{key}",
                 "quantity": quantity, "originalUnitPriceSet": money(price), "taxLines": [],
                 "discountAllocations": [], "__parentId": gid}
            )  # fmt: skip
    if shuffle:
        random.Random(shuffle).shuffle(lines)  # noqa: S311 - a seed, to be repeated
    return lines


def test_a_bulk_file_confirms_what_webhooks_told(project: Project):
    take(project, order())
    (report,) = take(project, *bulk())
    assert report.counts == Counts(received=2_002, accepted=2_000, duplicate=2)


def test_children_may_stand_anywhere_in_a_bulk_file(project: Project, monkeypatch):
    take(project, *bulk())
    monkeypatch.setattr("tuttuno.intake.families.HEAP", 10_000)
    (report,) = take(project, *bulk(shuffle=3))
    assert report.counts == Counts(received=2_002, duplicate=2_002)


def test_a_child_without_its_parent_waits_in_quarantine(project: Project):
    lines = bulk()[:3]
    (report,) = take(project, *lines, {**lines[1], "__parentId": "gid://shopify/Order/9"})
    assert report.counts == Counts(received=3, accepted=2, quarantined=1)
    assert "gid://shopify/Order/9" in project.quarantine()[0].message


def test_a_pick_up_is_followed_to_the_counter(project: Project):
    waiting = order(
        shipping_lines=[{"title": "Milano Duomo", "code": "Milano Duomo"}],
        fulfillment_orders=[
            {"assigned_location_id": 55, "delivery_method": {"method_type": "pick_up"}}
        ],
    )
    stores = {"shop": {"format": "shopify", "stores": {"55": "MI01"}}}
    shop = mapping_for("shop", None, sources=stores)
    take(project, waiting, mapping=shop)
    assert project.rows(PICKUP, "store_id", "ready_at", "collected_at") == [("MI01", None, None)]
    ready = {
        "status": "success",
        "shipment_status": "ready_for_pickup",
        "created_at": "2026-03-01T15:00:00Z",
        "updated_at": "2026-03-01T16:00:00Z",
    }
    taken = {"status": "success", "created_at": "2026-03-02T17:00:00Z"}
    done = {**waiting, "fulfillments": [ready, taken], "updated_at": "2026-03-02T17:00:01Z"}
    take(project, done, mapping=shop)
    (row,) = project.table(PICKUP).to_pylist()
    assert [str(row[name]) for name in ("placed_at", "ready_at", "collected_at")] == [
        "2026-03-01 09:00:00", "2026-03-01 16:00:00", "2026-03-02 17:00:00",
    ]  # fmt: skip
    assert set(project.rows(SALE_LINE, "handover", "channel", "store_id")) == {
        ("collected", "web", "MI01")
    }


def test_a_shipping_line_may_be_declared_to_be_a_pick_up(project: Project):
    sources = {"shop": {"format": "shopify", "pickup": ["Ritiro in negozio"]}}
    shop = mapping_for("shop", None, sources=sources)
    take(project, order(shipping_lines=[{"title": "Ritiro in negozio"}]), mapping=shop)
    assert set(project.rows(SALE_LINE, "handover")) == {"collected"}
    # Where it waits is not told, and no store is guessed.
    assert project.faults() == [(1, "store_id", "required", None)]


def test_a_till_of_the_shop_sells_in_a_store(project: Project):
    take(project, order(source_name="pos", location_id=55))
    assert set(project.rows(SALE_LINE, "channel", "handover", "store_id")) == {
        ("store", "carried", "55")
    }


def test_a_channel_that_nobody_knows_waits_until_it_is_declared(project: Project):
    take(project, order(source_name="580111"))
    assert {fault[1:] for fault in project.faults()} == {("channel", "vocabulary", "580111")}
    known = {"shopify": {"format": "shopify", "channels": {"580111": "marketplace"}}}
    (report,) = project.retry(mapping_for("shopify", None, sources=known))
    assert report.counts == Counts(received=2, accepted=2)
    assert set(project.rows(SALE_LINE, "channel")) == {"marketplace"}


def test_consents_are_decisions_with_a_moment_and_nothing_else(project: Project):
    customer = {
        "id": 7, "verified_email": True, "updated_at": "2026-03-01T00:00:00Z",
        "email_marketing_consent": {
            "state": "subscribed", "opt_in_level": "confirmed_opt_in",
            "consent_updated_at": "2026-02-01T00:00:00Z"},
        "sms_marketing_consent": {"state": "not_subscribed", "consent_updated_at": None},
    }  # fmt: skip
    reports = {each.table: each.counts for each in take(project, customer)}
    assert reports == {
        "people": Counts(received=1, accepted=1),
        "consents": Counts(received=1, accepted=1),
    }


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ({"channels": {"1": "shop"}}, "sources.s.channels.1"),
        ({"product": "title"}, "sources.s.product"),
        ({"stroe": {}}, "sources.s.stroe"),
        ({"country": "Italy"}, "sources.s.country"),
    ],
)
def test_a_setting_that_cannot_be_is_named(section, key):
    with pytest.raises(BadMapping, match=key):
        mapping_for("s", None, sources={"s": {"format": "shopify", **section}})


def test_a_format_that_nobody_knows_is_named():
    with pytest.raises(BadMapping, match=r"sources\.s\.format"):
        mapping_for("s", None, sources={"s": {"format": "shopfy"}})


WHOLE = order(
    refunds=[REFUND],
    fulfillments=[{"status": "success", "location_id": 5}],
    shipping_lines=[{"code": "x", "delivery_category": "pickup"}],
    customer={"id": 7, "email": "a@b.it", "updated_at": "2026-01-01T00:00:00Z"},
)


@pytest.mark.parametrize(
    ("seed", "count"), [(0, 300), (1, 300), pytest.param(2, 1_700, marks=pytest.mark.slow)]
)
def test_documents_gone_wrong_are_accounted_for(project: Project, seed, count):
    for document in (WHOLE, REFUND, WHOLE["customer"]):
        text = spoilt_lines(document, count, seed)
        project.given += 1
        path = project.files / f"{project.given}.jsonl"
        path.write_bytes(text.encode(errors="surrogatepass"))
    reports = project.take(mapping=SHOPIFY)
    assert [each.refused for each in reports if each.refused] == []
    assert sum(each.counts.received for each in reports) >= 3 * count
    quarantined = sum(each.counts.quarantined for each in reports)
    assert len(project.quarantine()) == quarantined > 100
    project.law()


def test_a_gift_card_and_a_tip_are_no_goods_and_the_other_lines_keep_their_numbers(project):
    lines = [
        line(11, "10.00"),
        line(12, "50.00", gift_card=True),
        line(13, "2.00", tip={"payment_gateway": "cash"}),
        line(14, "20.00", gift_card=False, tip=None),
    ]
    (report, *_) = take(project, order(line_items=lines))
    assert report.counts == Counts(received=4, accepted=2, rejected=2)
    found = project.rows(SALE_LINE, "line_no", "net")
    assert found == [(1, Decimal("10.00")), (4, Decimal("20.00"))]


@pytest.mark.parametrize(
    ("adjustments", "rejected"),
    [
        ([], 0),
        ([{"kind": "refund_discrepancy", "amount": "-5.00"}], 1),
        ([{"kind": "shipping_refund", "amount_set": {"shop_money": {"amount": "-4.90"}}}], 1),
        ([{"kind": "refund_discrepancy", "amount": "0.00"}], 0),
    ],
)
def test_money_given_back_without_goods_is_counted(project, adjustments, rejected):
    refund = {"id": 5, "created_at": "2026-03-02T10:00:00Z", "refund_line_items": [],
              "order_adjustments": adjustments}  # fmt: skip
    (report, *_) = take(project, order(refunds=[refund]))
    assert report.counts == Counts(received=2 + rejected, accepted=2, rejected=rejected)


@pytest.mark.parametrize(
    "told", [{"financial_status": "voided"}, {"display_financial_status": "EXPIRED"}]
)
def test_an_order_whose_payment_was_voided_bought_nothing(project, told):
    take(project, order(**told))
    assert project.rows(SALE_LINE, "quantity", "net") == [(0, Decimal(0)), (0, Decimal(0))]
