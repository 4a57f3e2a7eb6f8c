"""The exchange format, version 1: what a retailer may hand over as CSV or Parquet.

Every other reader maps its source onto these tables, so that checks, quarantine rules and
the documentation are written once. See docs/reference/exchange.md, made from this file.
"""

from tuttuno.schema.table import Column, Personal, Table
from tuttuno.vocab import (
    Arm,
    CancelledBy,
    Channel,
    ContactChannel,
    Gender,
    Handover,
    IdentifierType,
    PointsKind,
    Purpose,
)

DIRECT, TRAIT = Personal.DIRECT, Personal.TRAIT

_SOURCE = Column("!string", "The system that tells us.")
_RECORD = Column(
    "string",
    "The source's own key for the person.",
    personal=DIRECT,
    identifier=IdentifierType.ACCOUNT,
)
_RECORD_REQUIRED = Column(
    "!string",
    "The source's own key for the person.",
    personal=DIRECT,
    identifier=IdentifierType.ACCOUNT,
)
_EMAIL = Column("string", "E-mail address.", personal=DIRECT, identifier=IdentifierType.EMAIL)
_PHONE = Column(
    "string",
    "Phone number, in any spelling; national ones belong to the record's or the store's country.",
    personal=DIRECT,
    identifier=IdentifierType.PHONE,
)
_CARD = Column(
    "string", "Loyalty card number.", personal=DIRECT, identifier=IdentifierType.LOYALTY_CARD
)
_CARD_REQUIRED = Column(
    "!string", "Loyalty card number.", personal=DIRECT, identifier=IdentifierType.LOYALTY_CARD
)
_DEVICE = Column(
    "string", "Browser or app installation.", personal=DIRECT, identifier=IdentifierType.DEVICE
)
_HANDLE = Column(
    "string",
    "`network:handle` on a social network.",
    personal=DIRECT,
    identifier=IdentifierType.SOCIAL_HANDLE,
)
_UPDATED = Column(
    "timestamp(6)",
    "When the source last changed this row; a later one replaces an earlier one.",
)
_COUNTRY = Column("string", "Country, ISO 3166-1 alpha-2.", personal=TRAIT)
_CURRENCY = Column("!string", "Currency, ISO 4217.")


def _when(doc: str, *, required: bool = False) -> Column:
    """A moment: UTC in tables; without an offset it is read in the store's time zone."""
    return Column("!timestamp(6)" if required else "timestamp(6)", doc)


def _money(doc: str, *, required: bool = False) -> Column:
    return Column("!decimal(14, 2)" if required else "decimal(14, 2)", doc, unit="EUR")


PEOPLE = Table(
    name="people",
    doc="What one source knows of one person.",
    grain=("source", "record_id"),
    columns={
        "source": _SOURCE,
        "record_id": _RECORD_REQUIRED,
        "email": _EMAIL,
        "phone": _PHONE,
        "given_name": Column("string", "Given name.", personal=DIRECT),
        "family_name": Column("string", "Family name.", personal=DIRECT),
        "birth_date": Column("date", "Date of birth.", personal=DIRECT, low="1850-01-01"),
        "gender": Column("string", "As stated.", personal=TRAIT, words=Gender),
        "address": Column("string", "Street and number.", personal=DIRECT),
        "postal_code": Column("string", "Postal code (in Italy: CAP).", personal=TRAIT),
        "city": Column("string", "Town.", personal=DIRECT),
        "province": Column("string", "Province or state.", personal=TRAIT),
        "country": _COUNTRY,
        "language": Column("string", "Language, BCP 47.", personal=TRAIT),
        "loyalty_card": _CARD,
        "tax_code": Column(
            "string",
            "Tax code (in Italy: codice fiscale).",
            personal=DIRECT,
            identifier=IdentifierType.TAX_CODE,
        ),
        "device_ids": Column(
            "string",
            "Browsers and app installations, `|` between them.",
            personal=DIRECT,
            identifier=IdentifierType.DEVICE,
            many=True,
        ),
        "social_handles": Column(
            "string",
            "`network:handle`, `|` between them.",
            personal=DIRECT,
            identifier=IdentifierType.SOCIAL_HANDLE,
            many=True,
        ),
        "home_store_id": Column("string", "The store she calls hers.", personal=TRAIT),
        "created_at": _when("When the source first knew her."),
        "updated_at": _UPDATED,
    },
)

SALES = Table(
    name="sales",
    doc="One product on one receipt or order; a return is a line with negative quantity. "
    "A sale with no key of a person is an anonymous receipt and stays in every denominator.",
    grain=("source", "sale_id", "line_no"),
    columns={
        "source": _SOURCE,
        "sale_id": Column("!string", "The source's receipt or order number."),
        "line_no": Column("!int32", "Position on the receipt.", low="0"),
        "sold_at": _when("When the customer paid.", required=True),
        "channel": Column("!string", "Where the customer decided and paid.", words=Channel),
        "handover": Column("string", "How the goods reached her.", words=Handover),
        "store_id": Column("string", "The store; required where the channel is `store`."),
        "record_id": _RECORD,
        "loyalty_card": _CARD,
        "email": _EMAIL,
        "phone": _PHONE,
        "payment_token": Column(
            "string",
            "Token of the payment card; weak, never an identity on its own.",
            personal=DIRECT,
            identifier=IdentifierType.PAYMENT_TOKEN,
        ),
        "product_id": Column("!string", "Key into `products`."),
        "quantity": Column("!decimal(12, 3)", "Pieces; negative for a return.", unit="piece"),
        "gross": _money("Line total at list price."),
        "discount": _money("Line total of discounts."),
        "net": Column(
            "!decimal(14, 2)",
            "Line total after discounts, without VAT, with the sign of the quantity.",
            unit="EUR",
        ),
        "vat": _money("Value added tax of the line."),
        "currency": _CURRENCY,
        "returns_sale_id": Column("string", "The sale that this line undoes."),
        "associate_id": Column("string", "Who served."),
        "promotion_id": Column("string", "The promotion applied."),
        "updated_at": _UPDATED,
    },
)

PICKUPS = Table(
    name="pickups",
    doc="The way of one click & collect order from placed to collected, cancelled or expired.",
    grain=("source", "sale_id"),
    columns={
        "source": _SOURCE,
        "sale_id": Column("!string", "The order, key into `sales`."),
        "store_id": Column("!string", "Where it waits."),
        "placed_at": _when("When it was ordered.", required=True),
        "promised_at": _when("When it was promised to be ready."),
        "ready_at": _when("When it was ready."),
        "collected_at": _when("When she took it."),
        "cancelled_at": _when("When it was cancelled."),
        "cancelled_by": Column("string", "Who cancelled.", words=CancelledBy),
        "expired_at": _when("When the store stopped waiting."),
        "updated_at": _UPDATED,
    },
)

PRODUCTS = Table(
    name="products",
    doc="One article that can be sold.",
    grain=("product_id",),
    columns={
        "product_id": Column("!string", "The article's key, the same in every channel."),
        "name": Column("string", "Name on the shelf."),
        "brand": Column("string", "Brand."),
        "category": Column("string", "Path in the category tree, `a > b > c`."),
        "gtin": Column("string", "GS1 article number."),
        "cost": _money("Purchase cost of one piece."),
        "listed_online_since": Column("date", "First day for sale online; null: unknown."),
        "listed_in_store_since": Column("date", "First day for sale in stores; null: unknown."),
        "updated_at": _UPDATED,
    },
)

STORES = Table(
    name="stores",
    doc="One physical store.",
    grain=("store_id",),
    columns={
        "store_id": Column("!string", "The store's key."),
        "name": Column("string", "Name over the door."),
        "brand": Column("string", "Banner it trades under."),
        "postal_code": Column("string", "Postal code."),
        "city": Column("string", "Town."),
        "province": Column("string", "Province or state."),
        "country": Column("string", "Country, ISO 3166-1 alpha-2."),
        "latitude": Column("float64", "WGS 84.", unit="degree", low="-90", high="90"),
        "longitude": Column("float64", "WGS 84.", unit="degree", low="-180", high="180"),
        "opened_on": Column("date", "First day of trading."),
        "closed_on": Column("date", "Last day of trading; null while open."),
        "collect_since": Column("date", "First day of click & collect; null: not offered."),
        "timezone": Column("string", "IANA time zone; null: the project's."),
        "updated_at": _UPDATED,
    },
)

MEMBERSHIPS = Table(
    name="memberships",
    doc="One loyalty card of one programme.",
    grain=("source", "programme", "card"),
    columns={
        "source": _SOURCE,
        "programme": Column("!string", "The loyalty programme."),
        "card": _CARD_REQUIRED,
        "record_id": _RECORD,
        "enrolled_at": _when("When she joined.", required=True),
        "enrolled_channel": Column("string", "Where she joined.", words=Channel),
        "store_id": Column("string", "The store that enrolled her."),
        "tier": Column("string", "Level in the programme."),
        "left_at": _when("When she left."),
        "updated_at": _UPDATED,
    },
)

POINTS = Table(
    name="points",
    doc="One movement of a loyalty balance.",
    grain=("source", "movement_id"),
    columns={
        "source": _SOURCE,
        "movement_id": Column("!string", "The source's own key for the movement."),
        "programme": Column("!string", "The loyalty programme."),
        "card": _CARD_REQUIRED,
        "at": _when("When it was booked.", required=True),
        "kind": Column("!string", "Why the balance moved.", words=PointsKind),
        "points": Column("!int64", "Signed number of points.", unit="point"),
        "sale_id": Column("string", "The sale that caused it."),
        "updated_at": _UPDATED,
    },
)

CONSENTS = Table(
    name="consents",
    doc="One decision of a person on one use of her data.",
    grain=("source", "record_id", "purpose", "channel", "at"),
    columns={
        "source": _SOURCE,
        "record_id": _RECORD_REQUIRED,
        "purpose": Column("!string", "What the data may be used for.", words=Purpose),
        "channel": Column("string", "By which means; null is `any`.", words=ContactChannel),
        "granted": Column("!boolean", "True when she agreed, false when she refused."),
        "at": _when("When she decided.", required=True),
        "controller": Column("string", "The company she told."),
        "notice_version": Column("string", "The privacy notice she saw."),
        "method": Column("string", "How she told us: form, double opt-in, paper, call."),
        "evidence": Column("string", "Where the proof is.", personal=DIRECT),
        "updated_at": _UPDATED,
    },
)

TOUCHES = Table(
    name="touches",
    doc="One contact that is not a sale: a view, a cart, a call, a visit, a like.",
    grain=("source", "touch_id"),
    columns={
        "source": _SOURCE,
        "touch_id": Column("!string", "The source's own key for the touch."),
        "at": _when("When it happened.", required=True),
        "kind": Column("!string", "What happened, e.g. `product_view`, `store_visit`."),
        "channel": Column("string", "Where it happened."),
        "record_id": _RECORD,
        "email": _EMAIL,
        "device_id": _DEVICE,
        "social_handle": _HANDLE,
        "store_id": Column("string", "The store concerned."),
        "product_id": Column("string", "The article concerned."),
        "campaign_id": Column("string", "The campaign concerned."),
        "properties": Column("json", "Whatever else the source says.", personal=DIRECT),
        "updated_at": _UPDATED,
    },
)

CONTACTS = Table(
    name="contacts",
    doc="One message sent to one person, or deliberately not sent.",
    grain=("source", "contact_id"),
    columns={
        "source": _SOURCE,
        "contact_id": Column("!string", "The source's own key for the contact."),
        "campaign_id": Column("!string", "The campaign."),
        "at": _when("When it was sent.", required=True),
        "channel": Column("!string", "By which means it was sent."),
        "record_id": _RECORD_REQUIRED,
        "arm": Column("string", "Side of the experiment; null: no experiment.", words=Arm),
        "cost": _money("What it cost to send."),
        "updated_at": _UPDATED,
    },
)

FISCAL_TOTALS = Table(
    name="fiscal_totals",
    doc="What one cash register told the tax office of one day, for one rate of tax.",
    grain=("source", "register_id", "closing", "line_no"),
    columns={
        "source": _SOURCE,
        "register_id": Column("!string", "The register's serial number."),
        "closing": Column("!string", "The register's number of the closing."),
        "line_no": Column("!int32", "Position in the closing, from 1.", low="1"),
        "store_id": Column("!string", "The store whose register it is."),
        "closed_at": _when("When the register was closed.", required=True),
        "day": Column("!date", "The day of trading that it closes, in the store's time zone."),
        "rate": Column("string", "Rate of tax in per cent, or the reason why there is none."),
        "net": _money("Sales without tax, returns and voids taken off.", required=True),
        "vat": _money("Tax on them; null: not told apart, and then part of `net`."),
        "returned": _money("Returns of the day, without tax."),
        "voided": _money("Voided receipts of the day, without tax."),
        "receipts": Column("int32", "Receipts of the whole closing, on its first line."),
        "currency": _CURRENCY,
        "updated_at": _UPDATED,
    },
)

#: In the order in which a folder is read: what others refer to comes first.
EXCHANGE: tuple[Table, ...] = (
    STORES,
    PRODUCTS,
    PEOPLE,
    MEMBERSHIPS,
    CONSENTS,
    SALES,
    PICKUPS,
    POINTS,
    TOUCHES,
    CONTACTS,
    FISCAL_TOTALS,
)
