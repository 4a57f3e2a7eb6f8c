"""Shopify's customers and locations as records, consents and stores."""

from collections.abc import Iterator
from typing import Any

from tuttuno.intake.arrived import Row
from tuttuno.intake.nested import at, first, text
from tuttuno.intake.sources.shopify_place import key_of
from tuttuno.schema.exchange import CONSENTS, PEOPLE, STORES

#: Our contact channel -> the keys under which Shopify keeps a consent: as it was, and as it is.
_CONSENTS = {
    "email": ("email_marketing_consent", "default_email_address"),
    "sms": ("sms_marketing_consent", "default_phone_number"),
}

#: Why a consent that changed is no record.
UNDECIDED = "a consent without a decision"

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
    yield from _consents(customer, record, changed, number)


def is_consent(value: dict[str, Any]) -> bool:
    """Tell the document of a consent that changed from that of a customer who has some."""
    told = any(key in value for keys in _CONSENTS.values() for key in keys)
    return told and not value.keys() & {"created_at", "updated_at"}


def consent_rows(value: dict[str, Any], number: int) -> Iterator[Row]:
    """Make consents of a document that tells nothing else of its customer."""
    record = first(text(value, "customer_id"), key_of(value))
    rows = list(_consents(value, record, None, number))
    yield from rows or [Row(CONSENTS.name, {}, number, UNDECIDED)]


def _consents(
    customer: dict[str, Any], record: str | None, changed: str | None, number: int
) -> Iterator[Row]:
    """A consent needs its moment, which is its proof; a refusal holds without one."""
    for channel, keys in _CONSENTS.items():
        told = next((at(customer, key) for key in keys if _decided(at(customer, key))), None)
        granted = _decided(told)
        moment = first(text(told, "consent_updated_at"), text(told, "marketing_updated_at"))
        if granted == "false":
            moment = moment or changed
        if granted and moment:
            values = {
                "record_id": record,
                "purpose": "marketing",
                "channel": channel,
                "granted": granted,
                "at": moment,
                "method": _word(told, "opt_in_level", "marketing_opt_in_level") or None,
                "updated_at": changed or moment,
            }
            yield Row(CONSENTS.name, values, number)


def _decided(consent: object) -> str:
    return _DECIDED.get(_word(consent, "state", "marketing_state"), "")


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


def _word(consent: object, *names: str) -> str:
    found = first(*(text(consent, name) for name in names))
    return (found or "").lower()
