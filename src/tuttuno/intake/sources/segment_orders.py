"""Orders, returns and pick-ups as Segment's e-commerce specification (v2) and stores tell them."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any

from tuttuno.intake.arrived import Row
from tuttuno.intake.mapping import Style
from tuttuno.intake.nested import first, text, things
from tuttuno.intake.sources.segment_event import Event
from tuttuno.intake.sums import ZERO, amount, amount_or_zero, untaxed, worked_out
from tuttuno.schema.exchange import PICKUPS, SALES
from tuttuno.vocab import Handover

SALE = (
    "sale_id", "line_no", "sold_at", "channel", "handover", "store_id", "record_id",
    "loyalty_card", "email", "phone", "product_id", "quantity", "gross", "discount", "net", "vat",
    "currency", "returns_sale_id", "associate_id", "promotion_id", "updated_at",
)  # fmt: skip
PICKUP = (
    "sale_id", "store_id", "placed_at", "promised_at", "ready_at", "collected_at", "cancelled_at",
    "cancelled_by", "expired_at", "updated_at",
)  # fmt: skip

#: The column beside ours that keeps what is odd about the time of an event.
FLAG = "time_flag"

_SOLD = frozenset({"Order Completed", "Order Updated"})
_RETURNED = frozenset(
    {"Order Refunded", "Order Cancelled", "Return Completed", "Return Accepted",
     "Return Registered"}
)  # fmt: skip
#: Events on the way of a pick-up -> the moment that they tell.
_ON_THE_WAY = {
    "Order Ready": "ready_at", "Order Collected": "collected_at", "Order Expired": "expired_at",
    "Order Cancelled": "cancelled_at",
}  # fmt: skip
_MOMENTS = ("placed_at", "promised_at", "ready_at", "collected_at", "cancelled_at", "expired_at")
_PICK_UP = frozenset({"collected", "pickup", "pick_up", "click_and_collect", "store_pickup"})
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Choices:
    """What a project says about a source of events.

    Attributes:
        style: Its currency and tax fill what an order does not tell.
        channel: Of what does not tell its own.
        product: Which key of an article is the one of the other channels.
    """

    style: Style
    channel: str = "web"
    product: str = "product_id"

    def article(self, value: Any) -> str | None:
        """Return the key of an article; the other one where the right one is missing."""
        return first(*(text(value, name) for name in (self.product, "product_id", "sku")))


def is_order(event: Event) -> bool:
    """True for what becomes rows of sales or pick-ups."""
    return event.name in _SOLD | _RETURNED | _ON_THE_WAY.keys()


def order_rows(event: Event, choices: Choices) -> Iterator[Row]:
    """Make rows of an event for which `is_order` is true."""
    if event.name in _SOLD:
        yield from _lines(event, choices, sign=1)
    if event.name in _RETURNED:
        yield from _lines(event, choices, sign=-1)
    waits = _collected(event) and event.said("store_id") is not None
    may_wait = event.name in _SOLD or event.name == "Order Cancelled"
    if waits if may_wait else event.name in _ON_THE_WAY:
        yield _pickup(event)


def _pickup(event: Event) -> Row:
    moments = {name: event.said(name) for name in _MOMENTS}
    own = _ON_THE_WAY.get(event.name, "placed_at")
    values = {
        **moments,
        own: first(moments[own], event.at),
        "sale_id": _order_id(event),
        "store_id": event.said("store_id"),
        "cancelled_by": event.said("cancelled_by"),
        "updated_at": event.at,
    }
    return Row(PICKUPS.name, values, event.number)


def _lines(event: Event, choices: Choices, *, sign: int) -> Iterator[Row]:
    shared = _shared(event, choices, back=sign < 0)
    lines = things(event.value, "properties", "products") or [{}]
    off = _discounts(event, lines)
    for place, line in enumerate(lines):
        sums = partial(_sums, line, off[place], choices, sign)
        values = {
            **shared,
            "line_no": str(place + 1),
            "product_id": choices.article(line),
            "quantity": _signed(first(text(line, "quantity"), "1"), sign),
            **worked_out(sums, "net"),
        }
        yield Row(SALES.name, values, event.number)


def _shared(event: Event, choices: Choices, *, back: bool) -> dict[str, str | None]:
    """What every line of an order or a return has in common."""
    order, store = _order_id(event), event.said("store_id")
    own = first(event.said("return_id", "refund_id"), f"{order}/{event.key}")
    return {
        "sale_id": own if back else order,
        "returns_sale_id": order if back else None,
        "sold_at": event.at,
        "updated_at": event.at,
        "channel": first(event.said("channel"), choices.channel),
        "handover": Handover.COLLECTED if _collected(event) else event.said("handover"),
        "store_id": store,
        "record_id": event.user,
        "loyalty_card": event.vouched("loyalty_card"),
        "email": event.vouched("email"),
        "phone": event.vouched("phone"),
        "currency": first((event.said("currency") or "").upper(), choices.style.currency),
        "associate_id": event.said("associate_id", "associate"),
        "promotion_id": event.said("coupon", "promotion_id"),
        FLAG: ",".join(event.flags) or None,
    }


def _order_id(event: Event) -> str | None:
    return event.said("order_id", "checkout_id")


def _collected(event: Event) -> bool:
    said = event.said("handover", "shipping_method", "fulfilment") or ""
    return said.lower().replace(" ", "_").replace("-", "_") in _PICK_UP


def _signed(number: str | None, sign: int) -> str | None:
    """Write a quantity with the sign of its row, whatever sign it was told with."""
    bare = (number or "").strip().lstrip("+-")
    return f"-{bare}" if sign < 0 and bare else bare


def _sums(
    line: dict[str, Any], off: Decimal, choices: Choices, sign: int
) -> dict[str, Decimal | None]:
    """Amounts of a line: the price is of one piece, the discount is taken off, then the tax."""
    quantity = abs(amount(first(text(line, "quantity"), "1")))
    gross = (amount(text(line, "price")) * quantity).quantize(_CENT, ROUND_HALF_UP)
    paid, tax = gross - off, choices.style.tax
    net = untaxed(paid, Decimal(str(tax.rate or 0))) if tax.included else paid
    vat = sign * (paid - net) if tax.included else None
    return {"gross": sign * gross, "discount": sign * off, "net": sign * net, "vat": vat}


def _discounts(event: Event, lines: list[dict[str, Any]]) -> list[Decimal]:
    """The discount of each line: its own, else its share of that of the order, to the cent."""
    try:
        own = [amount_or_zero(text(line, "discount")) for line in lines]
        whole = abs(amount_or_zero(event.said("discount")))
        worth = [
            amount_or_zero(text(line, "price")) * amount(first(text(line, "quantity"), "1"))
            for line in lines
        ]
    except ValueError:
        return [ZERO] * len(lines)
    total = sum(worth, ZERO)
    if any(own) or not whole or total <= 0:
        return own
    shares, before, summed = [], ZERO, ZERO
    for each in worth:
        summed += each
        upto = (whole * summed / total).quantize(_CENT, ROUND_HALF_UP)
        shares.append(upto - before)
        before = upto
    return shares
