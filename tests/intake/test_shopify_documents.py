"""Shopify beyond the plain order: carts and drafts, tills, tips, money of two kinds, consents."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.intake.test_shopify import SHOPIFY, line, order
from tuttuno.intake.arrived import Row

AT = "2026-03-05T12:00:00+01:00"
CONSENT = {"state": "subscribed", "opt_in_level": "single_opt_in", "consent_updated_at": AT}


@pytest.fixture
def read(tmp_path: Path):
    """Rows of documents, before anything is judged."""

    def rows(*found: dict) -> list[Row]:
        path = tmp_path / "documents.jsonl"
        path.write_text("\n".join(json.dumps(each) for each in found), "utf-8")
        return list(_rows(path, tmp_path))

    return rows


def _rows(path: Path, folder: Path) -> Iterator[Row]:
    for each in SHOPIFY.documents.read(path, folder):
        assert isinstance(each, Row), each
        yield each


def values(rows: list[Row], *names: str) -> list[tuple[str | None, ...]]:
    return [tuple(row.values.get(name) for name in names) for row in rows if not row.no_record]


def refund(**more: object) -> dict:
    item = {"id": 1, "quantity": 1, "line_item": line(11, "59.90", 2), "subtotal": "59.90",
            "total_tax": "10.80"}  # fmt: skip
    return {"id": 501, "order_id": 1001, "created_at": AT, "refund_line_items": [item], **more}


@pytest.mark.parametrize(
    "beside",
    [
        {"abandoned_checkout_url": "https://shop.example/c", "token": "a", "currency": "EUR"},
        {"invoice_url": "https://shop.example/i", "currency": "EUR", "status": "open"},
        {"token": "a", "note": None},
    ],
)
def test_a_cart_a_checkout_and_a_draft_are_no_orders(read, beside):
    (row,) = read({"id": "9", "line_items": [line(1, "10.00")], "created_at": AT, **beside})
    assert row.no_record == "an object that no table has a place for"


def test_an_order_of_which_few_keys_were_asked_for_is_one(read):
    (row,) = read({"id": 9, "currency": "EUR", "line_items": [line(1, "10.00")]})
    assert row.values["sale_id"] == "9"


def test_a_tip_is_known_by_a_key_that_other_lines_do_not_have(read):
    tip = line(12, "3.00", tip_payment_gateway=None, tip_payment_method=None)
    rows = read(order(line_items=[line(11, "10.00"), tip]))
    assert [row.no_record for row in rows] == ["", "a tip"]


def test_a_refund_alone_has_the_currency_of_the_shop_not_that_of_the_card(read):
    money = {"shop_money": {"amount": "59.90", "currency_code": "CAD"}}
    found = refund(transactions=[{"currency": "USD"}])
    found["refund_line_items"][0]["subtotal_set"] = money
    assert values(read(found), "net", "currency") == [("-59.90", "CAD")]


def test_a_refund_made_by_an_app_is_not_of_the_channel_of_that_app(read):
    found = refund(transactions=[{"source_name": "1830279", "location_id": None}])
    assert values(read(found), "channel", "store_id") == [("web", None)]


def test_goods_bought_on_the_web_may_come_back_at_a_till(read):
    till = {"source_name": "pos", "location_id": 55, "currency": "EUR"}
    back = refund(transactions=[till], user_id=77)
    whole, alone = read(order(refunds=[back]))[2:], read(back)
    for rows in (whole, alone):
        assert values(rows, "channel", "store_id", "associate_id", "returns_sale_id") == [
            ("pos", "55", "77", "1001")
        ]


def test_a_refund_of_a_test_order_is_none(read):
    assert [row.no_record for row in read(refund(transactions=[{"test": True}]))] == [
        "a test order"
    ]


SHIPPING = {"subtotal_amount_set": {"shop_money": {"amount": "5.00"}}}


@pytest.mark.parametrize(
    ("beside", "rows"),
    [
        ({"refund_shipping_lines": [SHIPPING]}, 1),
        ({"refund_shipping_lines": [SHIPPING],
          "order_adjustments": [{"kind": "shipping_refund", "amount": "-5.00"}]}, 1),
        ({"refund_shipping_lines": [SHIPPING],
          "order_adjustments": [{"kind": "refund_discrepancy", "amount": "-1.00"}]}, 2),
        ({}, 1),
    ],
)  # fmt: skip
def test_shipping_that_is_given_back_is_counted_once_wherever_it_stands(read, beside, rows):
    told = read({**refund(**beside), "refund_line_items": []})
    assert [row.no_record for row in told] == ["money given back without goods"] * rows


def test_a_till_names_who_served_each_line_or_who_was_at_it(read):
    staff = [{"id": "gid://shopify/StaffMember/9", "quantity": 1}]
    lines = [line(11, "10.00", attributed_staffs=staff), line(12, "5.00", attributed_staffs=[])]
    rows = read(order(source_name="pos", location_id=55, user_id=7, line_items=lines))
    assert values(rows, "associate_id") == [("9",), ("7",)]


def test_a_subscription_is_bought_on_the_web(read):
    rows = read(order(source_name="subscription_contract_checkout_one"))
    (sales,) = (each for each in SHOPIFY.files if each.table.name == "sales")
    assert {sales.columns["channel"].map[row.values["channel"]] for row in rows} == {"web"}


def test_a_pick_up_of_graphql_is_ready_before_it_is_collected(read):
    done = [
        {"status": "SUCCESS", "displayStatus": "READY_FOR_PICKUP", "createdAt": AT,
         "updatedAt": "2026-03-05T13:00:00Z"},
    ]  # fmt: skip
    places = [{"deliveryMethod": {"methodType": "PICK_UP"}}]
    told = {"id": "gid://shopify/Order/5", "fulfillments": done, "fulfillmentOrders": places}
    rows = [row for row in read(told) if row.table == "pickups"]
    assert values(rows, "ready_at", "collected_at") == [("2026-03-05T13:00:00Z", None)]


@pytest.mark.parametrize(
    "told",
    [
        {"customer_id": 7, "email_address": "a@b.it", "email_marketing_consent": CONSENT},
        {"id": 7, "phone": "+39333", "sms_marketing_consent": CONSENT},
        {"admin_graphql_api_id": "gid://shopify/Customer/7", "sms_marketing_consent": CONSENT},
    ],
)
def test_a_consent_that_changed_says_nothing_else_of_its_customer(read, told):
    rows = read(told)
    assert {row.table for row in rows} == {"consents"}
    assert values(rows, "record_id", "granted", "at", "method") == [
        ("7", "true", AT, "single_opt_in")
    ]


def test_a_consent_that_changed_to_no_decision_is_no_record(read):
    (row,) = read({"customer_id": 7, "email_marketing_consent": {"state": "pending"}})
    assert (row.table, row.no_record) == ("consents", "a consent without a decision")


def test_graphql_keeps_consents_beside_the_address_they_are_for(read):
    email = {"emailAddress": "a@b.it", "marketingState": "SUBSCRIBED", "marketingUpdatedAt": AT,
             "marketingOptInLevel": "CONFIRMED_OPT_IN"}  # fmt: skip
    phone = {"phoneNumber": "+39333", "marketingState": "NOT_SUBSCRIBED"}
    told = {"id": "gid://shopify/Customer/7", "updatedAt": AT, "defaultEmailAddress": email}
    rows = [r for r in read({**told, "defaultPhoneNumber": phone}) if r.table == "consents"]
    assert values(rows, "channel", "granted", "at", "method") == [
        ("email", "true", AT, "confirmed_opt_in")
    ]


def test_a_refusal_holds_without_its_moment_and_a_consent_does_not(read):
    told = {"id": 7, "verified_email": True, "updated_at": AT}
    silent = {
        "email_marketing_consent": {"state": "unsubscribed", "consent_updated_at": None},
        "sms_marketing_consent": {"state": "subscribed", "consent_updated_at": None},
    }
    rows = [row for row in read(told | silent) if row.table == "consents"]
    assert values(rows, "channel", "granted", "at") == [("email", "false", AT)]
