"""Shopify: orders, refunds, customers, pick-ups and locations, from bulk files, REST or webhooks.

A bulk file has a line for each object, and children name their parent; REST and webhooks send an
order with everything in it. Both come to the same rows, so a night's bulk file confirms what a
day's webhooks have told. Facts about what Shopify sends, and the shape of its documents: the
Admin API reference of GraphQL and REST, 2026-01.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from tuttuno.intake.arrived import Broken, Documents, Row
from tuttuno.intake.connector import Codes, Connector, Made, sheet
from tuttuno.intake.documents import Document, documents
from tuttuno.intake.families import Family, Heaps, Piece
from tuttuno.intake.mapping import Style
from tuttuno.intake.nested import at, snake, text
from tuttuno.intake.section import BadMapping, Section
from tuttuno.intake.sources import shopify_money, shopify_order
from tuttuno.intake.sources.shopify_order import CHILD, LONE, NO_LINES, TEST, UNUSED, Choices
from tuttuno.intake.sources.shopify_people import (
    UNDECIDED,
    consent_rows,
    customer_rows,
    is_consent,
    location_row,
)
from tuttuno.intake.sources.shopify_place import kind_and_key
from tuttuno.schema.exchange import CONSENTS, PEOPLE, PICKUPS, SALES, STORES

NAME = "shopify"

#: What Shopify calls the places where orders are made; apps have numbers, which a project names.
CHANNELS = {
    "web": "web", "subscription_contract": "web", "subscription_contract_checkout_one": "web",
    "pos": "store", "iphone": "app", "android": "app", "shopify_draft_order": "phone",
    "facebook": "social", "instagram": "social", "tiktok": "social",
    "amazon": "marketplace", "ebay": "marketplace",
}  # fmt: skip

_KINDS = {
    "order": "order", "orders": "order", "customer": "customer", "customers": "customer",
    "refund": "refund", "refunds": "refund", "fulfillment": "fulfillment",
    "fulfillments": "fulfillment", "location": "location", "locations": "location",
}  # fmt: skip
#: Children of an order in a bulk file -> the key under which REST has them.
_CHILDREN = {
    "LineItem": "line_items", "Refund": "refunds", "Fulfillment": "fulfillments",
    "FulfillmentOrder": "fulfillment_orders", "ShippingLine": "shipping_lines",
}  # fmt: skip
#: Keys by which a document without a name of its own kind is known. Carts, checkouts and drafts
#: have lines as orders have, and are none.
_MARKS = (
    ("abandoned_checkout_url", "checkout"), ("invoice_url", "draft"),
    ("refund_line_items", "refund"), ("financial_status", "order"), ("order_number", "order"),
    ("display_financial_status", "order"), ("display_fulfillment_status", "order"),
    ("tracking_numbers", "fulfillment"), ("verified_email", "customer"),
    ("orders_count", "customer"), ("number_of_orders", "customer"), ("address1", "location"),
)  # fmt: skip
#: An order tells its currency, a cart only those of its lines.
_CURRENCY = frozenset({"currency", "currency_code"})
_PRODUCTS = ("sku", "variant", "product")
_REFUSALS = (TEST, NO_LINES, UNUSED, LONE, CHILD, UNDECIDED, *shopify_money.REFUSALS)


def _make(section: Section, style: Style, codes: Codes) -> Made:
    product = section.text("product", "sku")
    if product not in _PRODUCTS:
        hint = f"known: {', '.join(_PRODUCTS)}"
        raise BadMapping(section.at("product"), f"cannot be {product!r}", hint=hint)
    choices = Choices(style, product, section.texts("pickup"))
    return Made(
        files=(
            sheet(SALES, shopify_order.SALE, style, codes, _REFUSALS),
            sheet(PEOPLE, PEOPLE_COLUMNS, style, codes, ()),
            sheet(CONSENTS, CONSENT_COLUMNS, style, codes, (UNDECIDED,)),
            sheet(PICKUPS, shopify_order.PICKUP, style, codes, ()),
            sheet(STORES, STORE_COLUMNS, style, codes, ()),
        ),
        documents=Documents(
            read=partial(_read, choices=choices),
            endings=(".json", ".jsonl", ".ndjson"),
            refusals=_REFUSALS,
            extras={SALES.name: ("order_email", "order_phone")},
        ),
    )


PEOPLE_COLUMNS = (
    "record_id", "email", "phone", "given_name", "family_name", "address", "postal_code", "city",
    "province", "country", "language", "created_at", "updated_at",
)  # fmt: skip
CONSENT_COLUMNS = ("record_id", "purpose", "channel", "granted", "at", "method", "updated_at")
STORE_COLUMNS = ("store_id", "name", "postal_code", "city", "province", "country", "updated_at")


def _read(path: Path, folder: Path, *, choices: Choices) -> Iterator[Row | Broken]:
    """What has no children elsewhere at once; what comes apart, when all of it is there."""
    for each in _apart(path, folder):
        if isinstance(each, Family):
            yield from _family(each, choices)
        elif isinstance(each, Broken):
            yield each
        else:
            yield from _rows(each.value, each.number, _kind(each), choices)


def _apart(path: Path, folder: Path) -> Iterator[Document | Broken | Family]:
    """Documents of bulk files lie apart only until the file ends; others are not kept back."""
    with Heaps.of(path, folder) as heaps:
        for each in documents(path, envelopes=_KINDS):
            piece = None if isinstance(each, Broken) else _piece(each)
            if piece is None:
                yield each
            else:
                heaps.deal(piece)
        yield from heaps.families()


def _piece(document: Document) -> Piece | None:
    """A line of a bulk file; None for a document that is whole."""
    own, parent = text(document.value, "id") or "", text(document.value, "__parentId") or ""
    if not parent and not own.startswith("gid://"):
        return None
    return Piece(document.number, own or f"{parent} {document.number}", parent, document.value)


def _family(family: Family, choices: Choices) -> Iterator[Row | Broken]:
    parent = family.parent
    if parent is None:
        for child in family.children:
            # The children of children (a return's lines) are none of ours, and say so by their
            # parent, which is no order.
            if kind_and_key(child.parent)[0] in {"Order", ""}:
                yield Broken(
                    f"has a parent that is not in the file: {child.parent}", "", child.number
                )
            else:
                yield Row(SALES.name, {}, child.number, CHILD)
        return
    value = snake(parent.value)
    kind = kind_and_key(parent.key)[0].lower()
    for child in family.children:
        name = _CHILDREN.get(kind_and_key(child.key)[0]) if kind == "order" else None
        if name is None:
            yield Row(SALES.name, {}, child.number, CHILD)
        else:
            listed = value.get(name)
            value[name] = [*(listed if isinstance(listed, list) else []), snake(child.value)]
    yield from _rows(value, parent.number, kind, choices)


def _rows(
    value: dict[str, Any], number: int, kind: str, choices: Choices
) -> Iterator[Row | Broken]:
    if kind == "order":
        yield from shopify_order.order_rows(value, number, choices)
        customer = at(value, "customer")
        # Without the moment of its last change a customer inside an order is an excerpt.
        if isinstance(customer, dict) and text(customer, "updated_at"):
            yield from customer_rows(customer, number)
    elif kind == "customer":
        yield from customer_rows(value, number)
    elif kind == "consent":
        yield from consent_rows(value, number)
    elif kind == "refund":
        yield from shopify_order.lone_refund_rows(value, number, choices)
    elif kind == "location":
        yield location_row(value, number)
    elif kind == "fulfillment":
        yield Row(SALES.name, {}, number, LONE)
    elif kind:
        yield Row(SALES.name, {}, number, UNUSED)
    else:
        yield Broken("is no order, customer, refund, fulfilment or location of Shopify", "", number)


def _kind(document: Document) -> str:
    if document.kind:
        return _KINDS[document.kind]
    if is_consent(document.value):
        return "consent"
    named = kind_and_key(text(document.value, "admin_graphql_api_id") or "")[0].lower()
    if named:
        return named
    marked = next((kind for mark, kind in _MARKS if mark in document.value), "")
    if not marked and "line_items" in document.value:
        return "order" if document.value.keys() & _CURRENCY else "cart"
    return marked


SHOPIFY = Connector(NAME, _make, keys=("product", "pickup"), channels=CHANNELS)
