"""Where something of Shopify happened and who served: tills, the places of pick-ups, keys."""

import re
from typing import Any

from tuttuno.intake.nested import at, first, text, things

#: The channel of orders, and of refunds, that are made at the counter.
TILL = "pos"

_GID = re.compile(r"gid://shopify/([A-Za-z]{1,60})/([0-9A-Za-z-]{1,64})")


def kind_and_key(gid: str) -> tuple[str, str]:
    """Take a global id apart; two empty texts: it is none.

    >>> kind_and_key("gid://shopify/Order/42")
    ('Order', '42')
    """
    found = _GID.match(gid)
    return (found[1], found[2]) if found else ("", "")


def key_of(value: object) -> str | None:
    """Return the key of an object: the end of its gid, because numbers beyond 2^53 come rounded."""
    for name in ("admin_graphql_api_id", "id"):
        found = text(value, name) or ""
        _, key = kind_and_key(found)
        if key or name == "id":
            return key or found or None
    return None


def place_of(order: dict[str, Any]) -> str | None:
    """Where a pick-up waits."""
    waiting = [
        first(
            text(each, "assigned_location_id"),
            key_of(at(each, "assigned_location", "location")),
        )
        for each in things(order, "fulfillment_orders")
    ]
    handed = [text(each, "location_id") for each in things(order, "fulfillments")]
    return first(*waiting, *handed, till_of(order))


def till_of(order: dict[str, Any]) -> str | None:
    """The place whose till made an order; None: no till did."""
    return first(text(order, "location_id"), key_of(at(order, "retail_location")))


def given_back_at(refund: dict[str, Any]) -> dict[str, str | None]:
    """The till that gave the money back, wherever the goods were bought; empty: it was none."""
    for each in things(refund, "transactions"):
        place = text(each, "location_id")
        if text(each, "source_name") == TILL and place:
            return {"channel": TILL, "store_id": place}
    return {}


def associate_of(line: dict[str, Any], sold: dict[str, Any]) -> str | None:
    """Who served: whom the till names for the line, or else who was at it."""
    return first(
        key_of(at(line, "attributed_staffs", 0)),
        key_of(at(line, "staff_member")),
        text(sold, "user_id"),
        key_of(at(sold, "staff_member")),
    )
