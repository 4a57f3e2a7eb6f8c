"""Shopify's orders as sales: lines, refunds, and the way of a pick-up to the counter."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from tuttuno.intake.arrived import Row
from tuttuno.intake.mapping import Style
from tuttuno.intake.nested import at, first, text, things
from tuttuno.intake.sources.shopify_money import (
    MONEY_BACK,
    given_back,
    never_paid,
    no_goods,
    shop_currency,
)
from tuttuno.intake.sources.shopify_place import (
    TILL,
    associate_of,
    given_back_at,
    key_of,
    place_of,
    till_of,
)
from tuttuno.intake.sums import (
    ZERO,
    amount,
    amount_or_zero,
    cents,
    untaxed,
    without_tax,
    worked_out,
)
from tuttuno.schema.exchange import PICKUPS, SALES
from tuttuno.vocab import Handover

#: Why something is no record of ours.
TEST = "a test order"
NO_LINES = "an order without lines"
UNUSED = "an object that no table has a place for"
LONE = "a fulfilment alone: its order brings it"
CHILD = "a child that no table has a place for"

SALE = (
    "sale_id", "line_no", "sold_at", "channel", "handover", "store_id", "record_id", "email",
    "phone", "product_id", "quantity", "gross", "discount", "net", "vat", "currency",
    "returns_sale_id", "associate_id", "updated_at",
)  # fmt: skip
PICKUP = (
    "sale_id", "store_id", "placed_at", "ready_at", "collected_at", "cancelled_at", "cancelled_by",
    "updated_at",
)  # fmt: skip

_PICK_UP = frozenset({"pick_up", "pickup", "pick-up", "local_pickup"})
_CANCELLED_BY = {"customer": "customer", "inventory": "retailer", "declined": "retailer",
                 "fraud": "retailer", "staff": "retailer"}  # fmt: skip
_READY = frozenset({"ready_for_pickup"})


@dataclass(frozen=True, slots=True)
class Choices:
    """What a project says about its shop.

    Attributes:
        style: Its currency and tax fill what an order does not tell.
        product: Which key of an article is the one of the other channels: `sku`, `variant` or
            `product`.
        pickup: Titles or codes of shipping lines that mean local pick-up.
    """

    style: Style
    product: str = "sku"
    pickup: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Order:
    """What every row of an order has in common."""

    value: dict[str, Any]
    number: int
    choices: Choices

    @property
    def key(self) -> str | None:
        return key_of(self.value)

    @property
    def cancelled(self) -> bool:
        return text(self.value, "cancelled_at") is not None or never_paid(self.value)

    @property
    def tax_included(self) -> bool:
        return text(self.value, "taxes_included") == "true"

    def shared(self) -> dict[str, str | None]:
        value = self.value
        return {
            "channel": first(
                text(value, "source_name"),
                text(value, "channel_information", "channel_definition", "handle"),
            ),
            "store_id": place_of(value) if _is_pickup(self) else till_of(value),
            "currency": first(
                text(value, "currency"), text(value, "currency_code"), self.choices.style.currency
            ),
            "updated_at": text(value, "updated_at"),
            **_buyer(value),
        }


def order_rows(value: dict[str, Any], number: int, choices: Choices) -> Iterator[Row]:
    """Make rows of an order: its lines, what was refunded of them, its pick-up."""
    order = _Order(value, number, choices)
    lines = sorted(things(value, "line_items"), key=_by_key)
    if text(value, "test") == "true":
        yield from [Row(SALES.name, {}, number, TEST)] * max(len(lines), 1)
        return
    if not lines:
        yield Row(SALES.name, {}, number, NO_LINES)
    shared, handed = order.shared(), _handover(order)
    sold_at = first(text(value, "processed_at"), text(value, "created_at"))
    for place, line in enumerate(lines, 1):
        if why := no_goods(line):
            yield Row(SALES.name, {}, number, why)
            continue
        values = {**shared, "sale_id": order.key, "line_no": str(place), "sold_at": sold_at}
        values |= {"handover": handed, "product_id": _product(line, choices)}
        values["associate_id"] = associate_of(line, value)
        values |= _line_sums(line, order)
        yield Row(SALES.name, values, number)
    for refund in things(value, "refunds"):
        yield from _refund_rows(refund, order, shared)
    if handed == Handover.COLLECTED.value:
        yield _pickup_row(order)


def lone_refund_rows(refund: dict[str, Any], number: int, choices: Choices) -> Iterator[Row]:
    """Make rows of a refund that came without its order.

    It knows less than its order does: neither who, nor how it was taxed, nor where it was sold. So
    it is dated a second before its own moment, and yields to what the order says of it.
    """
    if any(text(each, "test") == "true" for each in things(refund, "transactions")):
        told = max(len(things(refund, "refund_line_items")), 1)
        yield from [Row(SALES.name, {}, number, TEST)] * told
        return
    order_id = first(text(refund, "order_id"), key_of(at(refund, "order")))
    order = _Order({"id": order_id, "taxes_included": choices.style.tax.included}, number, choices)
    shared = {
        "channel": "web",
        "currency": first(shop_currency(refund), choices.style.currency),
        "updated_at": _a_second_before(text(refund, "created_at")),
    }
    rows = list(_refund_rows(refund, order, shared))
    yield from rows or [Row(SALES.name, {}, number, MONEY_BACK)]


def _a_second_before(moment: str | None) -> str | None:
    try:
        return (datetime.fromisoformat(moment or "") - timedelta(seconds=1)).isoformat()
    except (ValueError, OverflowError):
        return None


def _refund_rows(
    refund: dict[str, Any], order: _Order, shared: dict[str, str | None]
) -> Iterator[Row]:
    """Lines that came back; what was given back without goods is no line, and counted."""
    yield from [Row(SALES.name, {}, order.number, MONEY_BACK)] * given_back(refund)
    key, made = key_of(refund), text(refund, "created_at")
    lines = {key_of(line): line for line in things(order.value, "line_items")}
    counter, numbers = given_back_at(refund), count(1)
    for item in sorted(things(refund, "refund_line_items"), key=_by_key):
        line_key = first(key_of(at(item, "line_item")), text(item, "line_item_id"))
        line = lines.get(line_key) or at(item, "line_item") or {}
        place = str(next(numbers))
        if why := no_goods(line):
            yield Row(SALES.name, {}, order.number, why)
            continue
        values = {
            **shared,
            **counter,
            "associate_id": associate_of({}, refund) if counter else None,
            "sale_id": f"refund-{key}" if key else None,
            "line_no": place,
            "sold_at": first(text(refund, "processed_at"), made),
            "product_id": _product(line, order.choices),
            "returns_sale_id": order.key,
        }
        yield Row(SALES.name, values | _refund_sums(item, line, order), order.number)


def _line_sums(line: dict[str, Any], order: _Order) -> dict[str, str | None]:
    quantity = text(line, "quantity")
    if order.cancelled:
        return _nothing(quantity)

    def sums() -> dict[str, Decimal | None]:
        gross = _price(line) * amount(quantity)
        paid = gross - _discount(line)
        tax = _tax(line, paid, order)
        return without_tax(gross, paid, tax, included=order.tax_included)

    return {"quantity": quantity, **worked_out(sums, "net")}


def _refund_sums(
    item: dict[str, Any], line: dict[str, Any], order: _Order
) -> dict[str, str | None]:
    quantity = text(item, "quantity")
    if order.cancelled:
        return _nothing(quantity)

    def sums() -> dict[str, Decimal | None]:
        whole = max(amount_or_zero(text(line, "quantity")), amount(quantity), Decimal(1))
        share = amount(quantity) / whole
        told = first(text(item, "subtotal"), _money(item, "subtotal_set"))
        paid = amount(told) if told else _price(line) * amount(quantity) - _discount(line) * share
        taxed = first(text(item, "total_tax"), _money(item, "total_tax_set"))
        tax = amount(taxed) if taxed else _tax(line, paid, order, share=share)
        found = without_tax(None, paid, tax, included=order.tax_included)
        return {name: None if value is None else -value for name, value in found.items()}

    minus = f"-{quantity}" if quantity and not quantity.startswith("-") else quantity
    return {"quantity": minus, **worked_out(sums, "net")}


def _nothing(quantity: str | None) -> dict[str, str | None]:
    """What is left of a line of a cancelled order: it was never bought."""
    zero = cents(ZERO)
    return {"quantity": quantity and "0", "gross": zero, "discount": zero, "net": zero, "vat": zero}


def _price(line: dict[str, Any]) -> Decimal:
    return amount(first(text(line, "price"), _money(line, "original_unit_price_set")))


def _discount(line: dict[str, Any]) -> Decimal:
    """What is taken off a line: its shares of all discounts, those of the whole order included."""
    shares = things(line, "discount_allocations")
    if shares:
        found = (
            first(text(each, "amount"), _money(each, "allocated_amount_set")) for each in shares
        )
        return sum((amount(each) for each in found), ZERO)
    return amount_or_zero(first(text(line, "total_discount"), _money(line, "total_discount_set")))


def _tax(
    line: dict[str, Any], paid: Decimal, order: _Order, *, share: Decimal = Decimal(1)
) -> Decimal | None:
    """The tax of a line; None where nobody says, and it is not in the price."""
    if isinstance(at(line, "tax_lines"), list):
        found = (
            first(text(each, "price"), _money(each, "price_set"))
            for each in things(line, "tax_lines")
        )
        return sum((amount(each) for each in found), ZERO) * share
    if not order.tax_included:
        return None
    rates = [amount(text(each, "rate")) for each in things(order.value, "tax_lines")]
    rate = sum(rates, ZERO) if rates else _declared_rate(order)
    return paid - untaxed(paid, rate)


def _declared_rate(order: _Order) -> Decimal:
    rate = order.choices.style.tax.rate
    return amount(None if rate is None else str(rate))


def _money(value: object, key: str) -> str | None:
    return text(value, key, "shop_money", "amount")


def _product(line: object, choices: Choices) -> str | None:
    keys: dict[str, Callable[[], str | None]] = {
        "sku": lambda: first(text(line, "sku"), text(line, "variant", "sku")),
        "variant": lambda: first(text(line, "variant_id"), key_of(at(line, "variant"))),
        "product": lambda: first(text(line, "product_id"), key_of(at(line, "product"))),
    }
    wanted = keys.pop(choices.product)()
    return first(wanted, *(other() for other in keys.values()), text(line, "title"))


def _buyer(order: dict[str, Any]) -> dict[str, str | None]:
    """Who bought: the customer's key, and one address of each kind.

    An order may carry another address than its customer. It is kept as an attribute of the sale,
    never as an identifier: somebody ordered for somebody, and that makes them no one person.
    """
    found: dict[str, str | None] = {"record_id": key_of(at(order, "customer"))}
    for name in ("email", "phone"):
        own, other = text(order, "customer", name), text(order, name)
        same = own and other and own.casefold() == other.casefold()
        found[name] = own or other
        found[f"order_{name}"] = other if own and not same else None
    return found


def _handover(order: _Order) -> str | None:
    value = order.value
    if _is_pickup(order):
        return Handover.COLLECTED.value
    if text(value, "source_name") == TILL:
        sent = things(value, "shipping_lines")
        return (Handover.SHIPPED_FROM_STORE if sent else Handover.CARRIED).value
    return Handover.DELIVERED.value


def _is_pickup(order: _Order) -> bool:
    value = order.value
    methods = [
        text(each, "delivery_method", "method_type") for each in things(value, "fulfillment_orders")
    ]
    lines = things(value, "shipping_lines")
    methods += [text(each, "delivery_category") for each in lines]
    named = {text(each, key) for each in lines for key in ("code", "title")} - {None}
    return bool(
        {(each or "").lower() for each in methods} & _PICK_UP or named & {*order.choices.pickup}
    )


def _pickup_row(order: _Order) -> Row:
    value = order.value
    done = [each for each in things(value, "fulfillments") if _succeeded(each)]
    ready = [each for each in done if _is_ready(each)]
    taken = [each for each in done if each not in ready]
    cancelled = text(value, "cancelled_at")
    reason = (text(value, "cancel_reason") or "").lower()
    values = {
        "sale_id": order.key,
        "store_id": place_of(value),
        "placed_at": first(text(value, "processed_at"), text(value, "created_at")),
        "ready_at": text(ready[0], "updated_at") if ready else None,
        "collected_at": text(taken[-1], "created_at") if taken and not cancelled else None,
        "cancelled_at": cancelled,
        "cancelled_by": _CANCELLED_BY.get(reason) if cancelled else None,
        "updated_at": text(value, "updated_at"),
    }
    return Row(PICKUPS.name, values, order.number)


def _is_ready(fulfillment: object) -> bool:
    told = first(text(fulfillment, "shipment_status"), text(fulfillment, "display_status"))
    return (told or "").lower() in _READY


def _succeeded(fulfillment: object) -> bool:
    return (text(fulfillment, "status") or "").lower() == "success"


def _by_key(value: object) -> tuple[int, str]:
    """Keys grow, so lines keep their numbers when an order gets another one."""
    key = key_of(value) or ""
    return (len(key), key)
