"""What stands on a Shopify order and is no sale of goods: gift cards, tips, money given back."""

from typing import Any

from tuttuno.intake.nested import at, first, text, things
from tuttuno.intake.sums import NoAmount, amount

GIFT_CARD = "a gift card sold: paid in advance, sold when it is spent"
TIP = "a tip"
MONEY_BACK = "money given back without goods"

REFUSALS = (GIFT_CARD, TIP, MONEY_BACK)

#: The key that REST gives to tips alone, though what it holds may be null.
_TIP = "tip_payment_gateway"

#: Orders of these states were never paid, though nobody cancelled them.
_UNPAID = frozenset({"voided", "expired"})


def no_goods(line: object) -> str:
    """Say why a line is no sale of goods; empty where it is one.

    A gift card is a debt until it is spent: counted twice otherwise, when sold and when it pays.
    """
    if "true" in {text(line, "gift_card"), text(line, "is_gift_card")}:
        return GIFT_CARD
    is_tip = isinstance(at(line, "tip"), dict) or (isinstance(line, dict) and _TIP in line)
    return TIP if is_tip else ""


def given_back(refund: dict[str, Any]) -> int:
    """Count the sums that a refund gives back for no line: goodwill, shipping, differences.

    Shipping is among the adjustments until the version 2024-10, and then beside them; for a time
    it was both.
    """
    sums = things(refund, "order_adjustments")
    kinds = {(text(each, "kind") or "").lower() for each in sums}
    told = [
        first(text(each, "amount"), text(each, "amount_set", "shop_money", "amount"))
        for each in sums
    ]
    if "shipping_refund" not in kinds:
        told += [
            text(each, "subtotal_amount_set", "shop_money", "amount")
            for each in things(refund, "refund_shipping_lines")
        ]
    return sum(map(_is_sum, told))


def shop_currency(refund: dict[str, Any]) -> str | None:
    """The currency of a refund's amounts; its transactions tell that in which she was paid back."""
    sets = [at(each, "subtotal_set") for each in things(refund, "refund_line_items")]
    sets += [at(refund, key) for key in ("total_refunded_set", "total_duties_set")]
    told = (text(each, "shop_money", "currency_code") for each in sets)
    return first(*told, text(refund, "transactions", 0, "currency"))


def never_paid(order: dict[str, Any]) -> bool:
    """True where the payment was voided or has expired: nothing was bought."""
    state = first(text(order, "financial_status"), text(order, "display_financial_status"))
    return (state or "").lower() in _UNPAID


def _is_sum(told: str | None) -> bool:
    try:
        return amount(told) != 0
    except NoAmount:
        return told is not None
