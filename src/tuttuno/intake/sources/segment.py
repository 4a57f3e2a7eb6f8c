"""Segment's events: what pages, apps, tills and servers track, as sales, touches and persons.

The specification of the calls and of e-commerce (version 2) is Segment's; RudderStack sends the
same. Stores add `channel`, `store_id`, `associate_id` and `loyalty_card` to the properties.
What a public key says of a person's e-mail, telephone, card or consent is kept and never counts:
anybody can read such a key from a page, and could make himself somebody else.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import msgspec

from tuttuno.intake.arrived import Broken, Documents, Row
from tuttuno.intake.connector import Codes, Connector, Made, sheet
from tuttuno.intake.documents import documents
from tuttuno.intake.mapping import Style
from tuttuno.intake.nested import at, first, text
from tuttuno.intake.section import BadMapping, Section
from tuttuno.intake.sources.segment_event import Event, event_of, snake
from tuttuno.intake.sources.segment_orders import (
    FLAG,
    PICKUP,
    SALE,
    Choices,
    is_order,
    order_rows,
)
from tuttuno.schema.exchange import CONSENTS, PEOPLE, PICKUPS, SALES, TOUCHES
from tuttuno.vocab import Channel

NAME = "segment"

TOUCH = (
    "touch_id", "at", "kind", "channel", "record_id", "email", "device_id", "store_id",
    "product_id", "campaign_id", "properties", "updated_at",
)  # fmt: skip
PERSON = (
    "record_id", "email", "phone", "given_name", "family_name", "birth_date", "gender", "address",
    "postal_code", "city", "province", "country", "language", "loyalty_card", "device_ids",
    "created_at", "updated_at",
)  # fmt: skip
CONSENT = (
    "record_id", "purpose", "channel", "granted", "at", "controller", "notice_version", "method",
    "evidence", "updated_at",
)  # fmt: skip

#: Settings of a source of events beside those of every connector.
KEYS = ("write_keys", "server_keys", "rate", "channel", "product")

#: Events that the measures know under another word.
_KINDS = {
    "Product Viewed": "product_view", "Product List Viewed": "list_view",
    "Products Searched": "search", "Product Added": "cart_add", "Product Removed": "cart_remove",
    "Cart Viewed": "cart_view", "Checkout Started": "checkout_start", "Email Opened": "email_open",
    "Store Visited": "store_visit", "Loyalty Card Scanned": "card_scan",
}  # fmt: skip
_CALLS = {"page": "page_view", "screen": "screen_view"}
_CONSENTS = {
    "Consent Given": "true", "Consent Granted": "true", "Consent Withdrawn": "false",
    "Consent Refused": "false", "Consent Updated": "",
}  # fmt: skip
_GENDERS = {"m": "male", "f": "female", "male": "male", "female": "female", "other": "other"}
_NAMING = ("email", "phone", "given_name", "family_name", "loyalty_card")
_STORE_EVENTS = frozenset({"Loyalty Card Scanned", "Store Visited"})


def _make(section: Section, style: Style, codes: Codes) -> Made:
    if style.tax.included and style.tax.rate is None:
        raise BadMapping(section.at("tax"), "needs `rate`: events do not tell it line by line")
    channel = section.text("channel", Channel.WEB)
    if channel not in set(Channel):
        raise BadMapping(
            section.at("channel"), f"cannot be {channel!r}", hint=f"known: {', '.join(Channel)}"
        )
    choices = Choices(style, channel, section.text("product", "product_id"))
    return Made(
        files=(
            sheet(TOUCHES, TOUCH, style, codes, ()),
            sheet(SALES, SALE, style, codes, ()),
            sheet(PEOPLE, PERSON, style, codes, ()),
            sheet(CONSENTS, CONSENT, style, codes, ()),
            sheet(PICKUPS, PICKUP, style, codes, ()),
        ),
        documents=Documents(
            read=partial(_read, choices=choices),
            endings=(".json", ".jsonl", ".ndjson"),
            extras={TOUCHES.name: (FLAG,), SALES.name: (FLAG,)},
        ),
    )


SEGMENT = Connector(NAME, _make, keys=KEYS)


def _read(path: Path, _folder: Path, *, choices: Choices) -> Iterator[Row | Broken]:
    for each in documents(path, envelopes=("batch",)):
        if isinstance(each, Broken):
            yield each
        else:
            yield from event_rows(event_of(each), choices)


def event_rows(event: Event, choices: Choices) -> Iterator[Row]:
    """Make rows of one event; every event comes to at least one."""
    if event.kind == "track" and is_order(event):
        yield from order_rows(event, choices)
        return
    if event.kind == "track" and event.name in _CONSENTS and _may_decide(event):
        yield _consent(event)
        return
    yield _touch(event, choices)
    person = _person(event)
    if person is not None:
        yield person


def _touch(event: Event, choices: Choices) -> Row:
    said = at(event.value, "properties") or event.traits
    usual = Channel.STORE if event.name in _STORE_EVENTS else choices.channel
    device = text(event.value, "previousId") if event.kind == "alias" else event.device
    values = {
        "touch_id": event.key,
        "at": event.at,
        "updated_at": event.at,
        "kind": _kind(event),
        "channel": first(event.said("channel"), usual),
        "record_id": first(event.user, _card_record(event)),
        "email": event.vouched("email"),
        "device_id": device,
        "store_id": event.said("store_id"),
        "product_id": choices.article(at(event.value, "properties")),
        "campaign_id": first(
            text(event.value, "context", "campaign", "id"),
            text(event.value, "context", "campaign", "name"),
        ),
        "properties": msgspec.json.encode(said).decode() if said else None,
        FLAG: ",".join(event.flags) or None,
    }
    return Row(TOUCHES.name, values, event.number)


def _kind(event: Event) -> str:
    if event.kind == "track":
        return _KINDS.get(event.name) or snake(event.name) or "track"
    return _CALLS.get(event.kind, event.kind or "track")


def _card_record(event: Event) -> str | None:
    """The record of a card that was shown: it is her own until an account is known."""
    card = event.vouched("loyalty_card")
    return f"card:{card}" if card and event.name == "Loyalty Card Scanned" else None


def _person(event: Event) -> Row | None:
    """What a trusted sender says of a person; None where it says nothing that names her."""
    card = _card_record(event)
    if card is not None:
        values = {"record_id": card, "loyalty_card": event.vouched("loyalty_card")}
        return Row(PEOPLE.name, {**values, "updated_at": event.at}, event.number)
    if event.kind != "identify" or not event.trusted or event.user is None:
        return None
    traits = {
        "email": event.vouched("email"),
        "phone": event.vouched("phone"),
        "given_name": event.vouched("firstName", "first_name"),
        "family_name": event.vouched("lastName", "last_name"),
        "loyalty_card": event.vouched("loyalty_card", "loyaltyCard"),
    }
    if not any(traits[name] for name in _NAMING):
        return None
    values = {**traits, **_particulars(event)}
    return Row(PEOPLE.name, {**values, "record_id": event.user}, event.number)


def _particulars(event: Event) -> dict[str, str | None]:
    traits = event.traits
    country = text(traits, "address", "country") or ""
    return {
        "birth_date": (event.vouched("birthday") or "")[:10] or None,
        "gender": _GENDERS.get((event.vouched("gender") or "").lower()),
        "address": text(traits, "address", "street"),
        "postal_code": first(
            text(traits, "address", "postalCode"), text(traits, "address", "postal_code")
        ),
        "city": text(traits, "address", "city"),
        "province": text(traits, "address", "state"),
        "country": country.upper() if len(country) == 2 else None,
        "language": event.vouched("language"),
        "device_ids": event.device,
        "created_at": event.vouched("createdAt", "created_at"),
        "updated_at": event.at,
    }


def _may_decide(event: Event) -> bool:
    """A refusal counts whoever sends it; an agreement only where somebody vouches for it."""
    return event.trusted or _granted(event) == "false"


def _granted(event: Event) -> str | None:
    return _CONSENTS[event.name] or event.said("granted")


def _consent(event: Event) -> Row:
    values = {
        "record_id": event.user,
        "purpose": event.said("purpose"),
        "channel": event.said("channel"),
        "granted": _granted(event),
        "at": event.at,
        "controller": event.said("controller"),
        "notice_version": event.said("notice_version"),
        "method": event.said("method"),
        "evidence": event.key,
        "updated_at": event.at,
    }
    return Row(CONSENTS.name, values, event.number)
