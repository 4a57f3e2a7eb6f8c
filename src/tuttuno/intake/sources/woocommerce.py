"""WooCommerce: orders, refunds and customers of its REST interface, version 3.

Amounts of lines come without tax, before (`subtotal`) and after (`total`) discounts. Moments come
twice, in the shop's time and in UTC without saying so (`_gmt`); the latter is taken.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tuttuno.intake.arrived import Broken, Documents, Row
from tuttuno.intake.connector import Codes, Connector, Made, sheet
from tuttuno.intake.documents import documents
from tuttuno.intake.mapping import Style
from tuttuno.intake.nested import first, text, things
from tuttuno.intake.section import Section
from tuttuno.intake.sums import amount, amount_or_zero, worked_out
from tuttuno.schema.exchange import PEOPLE, PICKUPS, SALES
from tuttuno.vocab import Handover

NAME = "woocommerce"

#: By what an order was made. An order by the interface may be anybody's: a project says whose.
CHANNELS = {
    "checkout": "web", "store-api": "web", "subscription": "web", "admin": "phone",
    "pos-rest-api": "store", "woocommerce-pos": "store",
}  # fmt: skip

#: Why something is no record of ours.
UNPAID = "an order that was not placed"
NO_LINES = "an order without lines"
TOLD = "a refund told by its order: its lines come with the refund itself"
MONEY_BACK = "money given back without goods"
REFUSALS = (UNPAID, NO_LINES, TOLD, MONEY_BACK)

SALE = (
    "sale_id", "line_no", "sold_at", "channel", "handover", "store_id", "record_id", "email",
    "phone", "product_id", "quantity", "gross", "discount", "net", "vat", "currency",
    "returns_sale_id", "updated_at",
)  # fmt: skip
PERSON = (
    "record_id", "email", "phone", "given_name", "family_name", "address", "postal_code", "city",
    "province", "country", "created_at", "updated_at",
)  # fmt: skip
PICKUP = ("sale_id", "store_id", "placed_at", "collected_at", "cancelled_at", "updated_at")

_NOT_PLACED = frozenset({"pending", "checkout-draft", "draft", "auto-draft"})
_UNDONE = frozenset({"cancelled", "failed", "trash"})
_PICK_UP = frozenset({"local_pickup", "pickup_location"})
_PLACES = frozenset({"pickup_location", "_pickup_location_name"})
#: What the tills of WooCommerce are called, and where one of them tells its store.
_TILLS = frozenset({"pos-rest-api", "woocommerce-pos"})
_POS_STORE = "_pos_store"
_ORDER_LINK = re.compile(r"/orders/([0-9]{1,20})/?$")


@dataclass(frozen=True, slots=True)
class _Shop:
    """What a project says about its shop.

    Attributes:
        style: Its currency fills what a refund does not tell.
        billing: True where the address on a bill belongs to the account that orders.
        store: Where its till is, if that does not tell.
    """

    style: Style
    billing: bool
    store: str = ""


def _make(section: Section, style: Style, codes: Codes) -> Made:
    billing = section.flag("billing_is_account", default=False)
    shop = _Shop(style, billing, section.text("store"))
    return Made(
        files=(
            sheet(SALES, SALE, style, codes, REFUSALS),
            sheet(PEOPLE, PERSON, style, codes, ()),
            sheet(PICKUPS, PICKUP, style, codes, ()),
        ),
        documents=Documents(
            partial(_read, shop=shop),
            endings=(".json", ".jsonl", ".ndjson"),
            extras={SALES.name: ("order_email", "order_phone")},
        ),
    )


def _read(path: Path, _folder: Path, *, shop: _Shop) -> Iterator[Row | Broken]:
    for each in documents(path, envelopes=("orders", "order", "customers", "customer")):
        if isinstance(each, Broken):
            yield each
        elif "line_items" in each.value and ("amount" in each.value or "reason" in each.value):
            yield from _refund(each.value, each.number, shop)
        elif "line_items" in each.value:
            yield from _order(each.value, each.number, shop)
        elif "username" in each.value or "is_paying_customer" in each.value:
            yield _customer(each.value, each.number)
        else:
            yield Broken("is no order, refund or customer of WooCommerce", "", each.number)


def _order(order: dict[str, Any], number: int, shop: _Shop) -> Iterator[Row]:
    lines = sorted(things(order, "line_items"), key=_by_key)
    status = text(order, "status") or ""
    if status in _NOT_PLACED or not lines:
        reason = UNPAID if status in _NOT_PLACED else NO_LINES
        yield from [Row(SALES.name, {}, number, reason)] * max(len(lines), 1)
        return
    shared = {
        "sale_id": text(order, "id"),
        "sold_at": first(_moment(order, "date_paid"), _moment(order, "date_created")),
        "channel": text(order, "created_via"),
        "handover": _handover(order),
        "store_id": _store(order, shop),
        "currency": first(text(order, "currency"), shop.style.currency),
        "updated_at": _moment(order, "date_modified"),
    }
    undone = status in _UNDONE
    for place, line in enumerate(lines, 1):
        buyer = _buyer(order, shop, kept=place == 1)
        yield Row(SALES.name, {**shared, **buyer, **_line(line, place, undone=undone)}, number)
    yield from [Row(SALES.name, {}, number, TOLD)] * len(things(order, "refunds"))
    if shared["handover"] == Handover.COLLECTED.value:
        yield _pickup(order, number, undone=undone)


def _line(line: dict[str, Any], place: int, *, undone: bool) -> dict[str, str | None]:
    values: dict[str, str | None] = {"line_no": str(place), "product_id": _product(line)}
    if undone:
        return values | {"quantity": "0", "gross": "0", "discount": "0", "net": "0", "vat": "0"}

    def sums() -> dict[str, Any]:
        net, gross = amount(text(line, "total")), amount(text(line, "subtotal"))
        vat = amount_or_zero(text(line, "total_tax"))
        return {"gross": gross, "discount": gross - net, "net": net, "vat": vat}

    return {**values, "quantity": text(line, "quantity"), **worked_out(sums, "net")}


def _refund(refund: dict[str, Any], number: int, shop: _Shop) -> Iterator[Row]:
    lines = sorted(things(refund, "line_items"), key=_by_key)
    if not lines:
        yield Row(SALES.name, {}, number, MONEY_BACK)
    link = _ORDER_LINK.search(text(refund, "_links", "up", 0, "href") or "")
    for place, line in enumerate(lines, 1):
        if text(line, "quantity") in {"0", "-0"}:
            yield Row(SALES.name, {}, number, MONEY_BACK)
            continue

        def sums(line: dict[str, Any] = line) -> dict[str, Any]:
            vat = -abs(amount_or_zero(text(line, "total_tax")))
            return {"net": -abs(amount(text(line, "total"))), "vat": vat}

        key, quantity = text(refund, "id"), text(line, "quantity")
        values = {
            "sale_id": f"refund-{key}" if key else None,
            "line_no": str(place),
            "sold_at": _moment(refund, "date_created"),
            "channel": "web",
            "product_id": _product(line),
            "quantity": f"-{quantity.lstrip('-')}" if quantity else None,
            "currency": first(text(refund, "currency"), shop.style.currency),
            "returns_sale_id": first(text(refund, "parent_id"), link[1] if link else None),
            "updated_at": _moment(refund, "date_created"),
        }
        yield Row(SALES.name, {**values, **worked_out(sums, "net")}, number)


def _customer(customer: dict[str, Any], number: int) -> Row:
    home = "billing"
    values = {
        "record_id": text(customer, "id"),
        "email": text(customer, "email"),
        "phone": text(customer, home, "phone"),
        "given_name": first(text(customer, "first_name"), text(customer, home, "first_name")),
        "family_name": first(text(customer, "last_name"), text(customer, home, "last_name")),
        "address": text(customer, home, "address_1"),
        "postal_code": text(customer, home, "postcode"),
        "city": text(customer, home, "city"),
        "province": text(customer, home, "state"),
        "country": text(customer, home, "country"),
        "created_at": _moment(customer, "date_created"),
        "updated_at": _moment(customer, "date_modified"),
    }
    return Row(PEOPLE.name, values, number)


def _buyer(order: dict[str, Any], shop: _Shop, *, kept: bool) -> dict[str, str | None]:
    """Who bought: the account, or a guest's addresses.

    The bill of an account may go to somebody else. Its addresses are kept as attributes of the
    order, and identify nobody unless the project says that they do.
    """
    account = text(order, "customer_id")
    account = None if account == "0" else account
    email, phone = text(order, "billing", "email"), text(order, "billing", "phone")
    if account is None or shop.billing:
        return {"record_id": account, "email": email, "phone": phone}
    beside = {"order_email": email, "order_phone": phone} if kept else {}
    return {"record_id": account, **beside}


def _handover(order: dict[str, Any]) -> str | None:
    methods = {text(line, "method_id") for line in things(order, "shipping_lines")}
    if methods & _PICK_UP:
        return Handover.COLLECTED.value
    return None if text(order, "created_via") in _TILLS else Handover.DELIVERED.value


def _store(order: dict[str, Any], shop: _Shop) -> str | None:
    """Where the till is that made an order; None: no till did."""
    if text(order, "created_via") not in _TILLS:
        return None
    metas = things(order, "meta_data")
    told = (text(meta, "value") for meta in metas if text(meta, "key") == _POS_STORE)
    return first(*told, shop.store)


def _place(order: dict[str, Any]) -> str | None:
    """Where a pick-up waits."""
    lines = [
        line for line in things(order, "shipping_lines") if text(line, "method_id") in _PICK_UP
    ]
    named = [
        text(meta, "value")
        for line in lines
        for meta in things(line, "meta_data")
        if text(meta, "key") in _PLACES
    ]
    return first(*named, *(text(line, "method_title") for line in lines))


def _pickup(order: dict[str, Any], number: int, *, undone: bool) -> Row:
    changed = _moment(order, "date_modified")
    values = {
        "sale_id": text(order, "id"),
        "store_id": _place(order),
        "placed_at": _moment(order, "date_created"),
        "collected_at": None if undone else _moment(order, "date_completed"),
        "cancelled_at": changed if undone else None,
        "updated_at": changed,
    }
    return Row(PICKUPS.name, values, number)


def _product(line: dict[str, Any]) -> str | None:
    variant = text(line, "variation_id")
    return first(text(line, "sku"), None if variant == "0" else variant, text(line, "product_id"))


def _moment(value: object, name: str) -> str | None:
    """A moment in UTC; in the shop's time where only that is told."""
    utc = text(value, f"{name}_gmt")
    return f"{utc.removesuffix('Z')}Z" if utc else text(value, name)


def _by_key(line: object) -> tuple[int, str]:
    key = text(line, "id") or ""
    return (len(key), key)


WOOCOMMERCE = Connector(NAME, _make, keys=("billing_is_account", "store"), channels=CHANNELS)
