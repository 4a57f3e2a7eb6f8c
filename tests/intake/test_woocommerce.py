"""WooCommerce: orders, refunds and customers as its interface sends them."""

import json
from decimal import Decimal

import pytest

from tests.intake.hostile import spoilt_lines
from tests.intake.project import Project
from tuttuno.schema.lake import PICKUP, SALE_LINE
from tuttuno.tasks.ingest import mapping_for
from tuttuno.vault.batches import Counts

WOO = mapping_for("woocommerce", None, sources={})


def order(**more: object) -> dict:
    return {
        "id": 727, "number": "727", "status": "processing", "currency": "EUR",
        "created_via": "checkout", "prices_include_tax": True, "customer_id": 0,
        "date_created": "2026-03-22T16:28:02", "date_created_gmt": "2026-03-22T15:28:02",
        "date_paid_gmt": "2026-03-22T15:28:08", "date_modified_gmt": "2026-03-22T15:28:08",
        "billing": {"email": "john@example.it", "phone": "340 1000000"},
        "line_items": [
            {"id": 316, "product_id": 22, "variation_id": 23, "sku": "Bar3", "quantity": 1,
             "subtotal": "12.00", "total": "10.80", "total_tax": "2.38"},
            {"id": 315, "product_id": 93, "variation_id": 0, "sku": "", "quantity": 2,
             "subtotal": "6.00", "total": "6.00", "total_tax": "1.32"},
        ],
        "shipping_lines": [{"id": 317, "method_id": "flat_rate", "total": "10.00"}],
        **more,
    }  # fmt: skip


REFUND = {
    "id": 726, "parent_id": 727, "date_created_gmt": "2026-03-25T10:00:00", "amount": "13.18",
    "reason": "", "line_items": [
        {"id": 400, "product_id": 22, "variation_id": 23, "sku": "Bar3", "quantity": -1,
         "subtotal": "-12.00", "total": "-10.80", "total_tax": "-2.38"}],
}  # fmt: skip


def take(project: Project, *found: object, mapping=WOO):
    project.given += 1
    text = json.dumps(list(found), indent=1)
    reports = project.take(project.write(f"{project.given}.json", text), mapping=mapping)
    return {each.table: each.counts for each in reports}


def test_an_order_comes_in_without_tax_to_the_cent(project: Project):
    assert take(project, order()) == {"sales": Counts(received=2, accepted=2)}
    rows = project.rows(SALE_LINE, "line_no", "product_id", "gross", "discount", "net", "vat")
    assert rows == [
        (1, "93", Decimal("6.00"), Decimal("0.00"), Decimal("6.00"), Decimal("1.32")),
        (2, "Bar3", Decimal("12.00"), Decimal("1.20"), Decimal("10.80"), Decimal("2.38")),
    ]
    assert {str(each) for each in project.rows(SALE_LINE, "sold_at")} == {"2026-03-22 15:28:08"}


def test_a_guest_is_known_by_her_addresses_and_an_account_by_its_key(project: Project):
    take(project, order(), order(id=728, customer_id=25))
    assert project.record("woocommerce", "0") is None
    assert project.identifiers("woocommerce", "25") == []
    project_says = {"woo": {"format": "woocommerce", "billing_is_account": True}}
    take(project, order(customer_id=25), mapping=mapping_for("woo", None, sources=project_says))
    assert project.identifiers("woo", "25") == [
        ("email", "john@example.it"),
        ("phone", "+393401000000"),
    ]
    assert project.rows(SALE_LINE, "record_key").count(None) == 0


@pytest.mark.parametrize("status", ["pending", "checkout-draft"])
def test_an_order_that_was_not_placed_is_none(project: Project, status):
    assert take(project, order(status=status)) == {"sales": Counts(received=2, rejected=2)}


def test_an_order_that_was_cancelled_was_never_bought(project: Project):
    late = {"status": "cancelled", "date_modified_gmt": "2026-03-23T00:00:00"}
    take(project, order())
    take(project, order(**late))
    take(project, order())
    assert set(project.rows(SALE_LINE, "quantity", "net")) == {(Decimal(0), Decimal(0))}


@pytest.mark.parametrize("link", [{}, {"parent_id": None, "_links": {"up": [
    {"href": "https://shop.example/wp-json/wc/v3/orders/727"}]}}])  # fmt: skip
def test_a_refund_names_the_order_it_undoes(project: Project, link):
    take(project, {**REFUND, "currency": "EUR", **link})
    assert project.rows(SALE_LINE, "sale_id", "quantity", "net", "vat", "returns_sale_id") == [
        ("refund-726", Decimal(-1), Decimal("-10.80"), Decimal("-2.38"), "727")
    ]


def test_a_refund_does_not_tell_its_currency_and_none_is_guessed(project: Project):
    take(project, REFUND)
    assert project.faults() == [(1, "currency", "required", None)]


def test_a_pick_up_waits_where_the_order_says(project: Project):
    lines = [{"method_id": "pickup_location", "method_title": "Ritiro",
              "meta_data": [{"key": "pickup_location", "value": "Duomo"}]}]  # fmt: skip
    shop = {"woocommerce": {"format": "woocommerce", "stores": {"Duomo": "MI01"}}}
    mapping = mapping_for("woocommerce", None, sources=shop)
    take(project, order(shipping_lines=lines), mapping=mapping)
    done = {"status": "completed", "date_completed_gmt": "2026-03-24T09:00:00",
            "date_modified_gmt": "2026-03-24T09:00:00"}  # fmt: skip
    take(project, order(shipping_lines=lines, **done), mapping=mapping)
    (row,) = project.rows(PICKUP, "store_id", "placed_at", "collected_at")
    assert [str(each) for each in row] == ["MI01", "2026-03-22 15:28:02", "2026-03-24 09:00:00"]
    assert set(project.rows(SALE_LINE, "handover")) == {"collected"}


def test_a_sale_of_the_till_is_in_its_store(project: Project):
    declared = {"woo": {"format": "woocommerce", "store": "MI01", "stores": {"4": "RM02"}}}
    mapping = mapping_for("woo", None, sources=declared)
    pos = order(created_via="pos-rest-api")
    other = order(id=728, created_via="woocommerce-pos", meta_data=[
        {"key": "_pos_user", "value": "1"}, {"key": "_pos_store", "value": "4"}])  # fmt: skip
    assert take(project, pos, other, order(id=729), mapping=mapping)["sales"].accepted == 6
    assert set(project.rows(SALE_LINE, "sale_id", "channel", "store_id")) == {
        ("727", "store", "MI01"),
        ("728", "store", "RM02"),
        ("729", "web", None),
    }


@pytest.mark.parametrize(
    "lines", [[], [{"id": 400, "sku": "Bar3", "quantity": 0, "total": "-5.00"}]]
)
def test_money_given_back_for_no_piece_is_counted_and_takes_no_goods_back(project, lines):
    report = take(project, {**REFUND, "line_items": lines}, order())
    assert report == {"sales": Counts(received=3, accepted=2, rejected=1)}


def test_a_customer_is_a_record(project: Project):
    customer = {
        "id": 25,
        "username": "john",
        "email": "john@example.it",
        "date_modified_gmt": "2026-03-01T00:00:00",
        "billing": {"postcode": "20123"},
    }
    assert take(project, customer) == {"people": Counts(received=1, accepted=1)}
    assert project.record("woocommerce", "25").fields["postal_code"] == "20123"


@pytest.mark.parametrize(
    ("seed", "count"), [(0, 300), (1, 300), pytest.param(2, 2_500, marks=pytest.mark.slow)]
)
def test_documents_gone_wrong_are_accounted_for(project: Project, seed, count):
    for document in (order(), REFUND):
        project.given += 1
        path = project.files / f"{project.given}.jsonl"
        text = spoilt_lines(document, count, seed)
        path.write_bytes(text.encode(errors="surrogatepass"))
    reports = project.take(mapping=WOO)
    assert sum(each.counts.received for each in reports) >= 2 * count
    assert len(project.quarantine()) == sum(each.counts.quarantined for each in reports) > 50
    project.law()


def test_a_refund_that_an_order_tells_without_its_lines_is_counted(project: Project):
    told = order(refunds=[{"id": 726, "reason": "", "total": "-13.18"}])
    assert take(project, told) == {"sales": Counts(received=3, accepted=2, rejected=1)}
