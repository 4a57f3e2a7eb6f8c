"""Shopify's customers and locations as records, consents and stores."""

from collections.abc import Iterator
from typing import Any

from tuttuno.intake.arrived import Row
from tuttuno.intake.nested import first, text
from tuttuno.intake.sources.shopify_order import key_of
from tuttuno.schema.exchange import CONSENTS, PEOPLE, STORES

#: What Shopify keeps of a consent: the key in its documents, our contact channel.
_CONSENTS = (("email_marketing_consent", "email"), ("sms_marketing_consent", "sms"))

#: Its states that are decisions; `pending` and `not_subscribed` are none.
_DECIDED = {"subscribed": "true", "unsubscribed": "false"}


def customer_rows(customer: dict[str, Any], number: int) -> Iterator[Row]:
    """Make a record of a customer, and a consent of each decision whose moment is known."""
    record, changed = key_of(customer), text(customer, "updated_at")
    home = "default_address"
    values = {
        "record_id": record,
        "email": first(
            text(customer, "email"), text(customer, "default_email_address", "email_address")
        ),
        "phone": first(
            text(customer, "phone"),
            text(customer, "default_phone_number", "phone_number"),
            text(customer, home, "phone"),
        ),
        "given_name": text(customer, "first_name"),
        "family_name": text(customer, "last_name"),
        "address": text(customer, home, "address1"),
        "postal_code": text(customer, home, "zip"),
        "city": text(customer, home, "city"),
        "province": first(text(customer, home, "province_code"), text(customer, home, "province")),
        "country": first(
            text(customer, home, "country_code"), text(customer, home, "country_code_v2")
        ),
        "language": text(customer, "locale"),
        "created_at": text(customer, "created_at"),
        "updated_at": changed,
    }
    yield Row(PEOPLE.name, values, number)
    for key, channel in _CONSENTS:
        decided = _DECIDED.get(_word(customer, key, "state", "marketing_state"))
        moment = text(customer, key, "consent_updated_at")
        if decided and moment:
            yield Row(
                CONSENTS.name,
                {
                    "record_id": record,
                    "purpose": "marketing",
                    "channel": channel,
                    "granted": decided,
                    "at": moment,
                    "method": _word(customer, key, "opt_in_level", "marketing_opt_in_level")
                    or None,
                    "updated_at": changed,
                },
                number,
            )


def location_row(location: dict[str, Any], number: int) -> Row:
    """Make a store of a location."""
    values = {
        "store_id": key_of(location),
        "name": text(location, "name"),
        "postal_code": first(text(location, "zip"), text(location, "address", "zip")),
        "city": first(text(location, "city"), text(location, "address", "city")),
        "province": first(
            text(location, "province_code"), text(location, "address", "province_code")
        ),
        "country": first(text(location, "country_code"), text(location, "address", "country_code")),
        "updated_at": text(location, "updated_at"),
    }
    return Row(STORES.name, values, number)


def _word(customer: dict[str, Any], key: str, *names: str) -> str:
    found = first(*(text(customer, key, name) for name in names))
    return (found or "").lower()
