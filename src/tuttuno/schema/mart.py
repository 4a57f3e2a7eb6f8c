"""The customer mart: what the measures read, keyed by person and never by name."""

from enum import StrEnum

from tuttuno.schema.lake import SALE_LINE
from tuttuno.schema.reach import REACH
from tuttuno.schema.table import Column, Personal, Table
from tuttuno.vocab import Channel, Gender, Handover, Signal

_PERSON = Column("int64", "The person; null for an anonymous sale.", personal=Personal.TRAIT)
_PERSON_REQUIRED = Column("!int64", "The person.", personal=Personal.TRAIT)
_MONTH = Column("!string", "`YYYY-MM` of the local day.")
_NET = Column("!decimal(14, 2)", "Net of discounts, VAT and returns.", unit="EUR")
_QUANTITY = Column("!decimal(12, 3)", "Pieces sold less pieces returned.", unit="piece")


def _count(doc: str) -> Column:
    return Column("!int64", doc, unit="order")


def _trait(spelling: str, doc: str, *, words: type[StrEnum] | None = None) -> Column:
    return Column(spelling, doc, personal=Personal.TRAIT, words=words)


PERSON_OF_RECORD = Table(
    name="person_of_record",
    doc="Which person a record belongs to, as the identity run of the build decided. "
    "Made from the vault for one build and never kept in the lake.",
    grain=("record_key",),
    columns={
        "record_key": Column("!string", "The record.", personal=Personal.TRAIT),
        "person_id": _PERSON_REQUIRED,
    },
)

PURCHASE = Table(
    name="purchase",
    doc="The part of one receipt or order that belongs to one channel. A return belongs to the "
    "channel of the sale it undoes, where that is known, so one receipt can have two rows; only "
    "the row with something bought counts as an order. Anonymous ones have no person; an anonymous "
    "receipt that takes back what one known person bought is hers.",
    grain=("source", "sale_id", "channel"),
    columns={
        "source": SALE_LINE.columns["source"],
        "sale_id": SALE_LINE.columns["sale_id"],
        "channel": Column("!string", "Where she decided and paid.", words=Channel),
        "person_id": _PERSON,
        "sold_at": SALE_LINE.columns["sold_at"],
        "sold_on": SALE_LINE.columns["sold_on"],
        "month": _MONTH,
        "online": Column("!boolean", "True where the channel is online."),
        "handover": Column("!string", "How the goods reached her.", words=Handover),
        "store_id": Column("string", "The store that sold, or hands over; null: none."),
        "document_channel": Column(
            "!string", "Channel of the receipt itself: where a return was made.", words=Channel
        ),
        "orders": _count("1 when something was bought, 0 for a return alone."),
        "lines": Column("!int64", "Lines bought.", unit="line"),
        "quantity": _QUANTITY,
        "net": _NET,
        "returned": Column(
            "!decimal(14, 2)", "Net value of returned lines; never positive.", unit="EUR"
        ),
        "discount": Column("!decimal(14, 2)", "Discounts given.", unit="EUR"),
        "currency": SALE_LINE.columns["currency"],
    },
    partition=("month",),
    order=("person_id",),
)

PERSON = Table(
    name="person",
    doc="One person as all sources together know her, without anything that names or reaches her.",
    grain=("person_id",),
    columns={
        "person_id": _PERSON_REQUIRED,
        "records": Column("!int64", "Records that are this person.", unit="record"),
        "sources": Column("!int64", "Different systems that know her.", unit="source"),
        "birth_year": _trait("int32", "Year of birth."),
        "age_band": _trait("string", "Age in steps at the last sale of the release, e.g. `35-44`."),
        "generation": _trait("string", "Birth cohort by its usual name, e.g. `millennial`."),
        "gender": _trait("string", "As stated.", words=Gender),
        "postal_code": _trait("string", "Postal code."),
        "province": _trait("string", "Province or state."),
        "country": _trait("string", "Country, ISO 3166-1 alpha-2."),
        "language": _trait("string", "Language, BCP 47."),
        "home_store_id": _trait("string", "The store she buys in most, else the one she named."),
        "known_since": _trait("timestamp(6)", "When the first source knew her."),
        "online_since": _trait("timestamp(6)", "When a source that sells online first knew her."),
        "member": Column("!boolean", "True when she holds a loyalty card that has not lapsed."),
        "enrolled_on": _trait("date", "First day in the loyalty programme."),
        "tier": _trait("string", "Level in the loyalty programme."),
        "first_on": _trait("date", "First purchase in any channel."),
        "last_on": _trait("date", "Last purchase in any channel."),
        "first_online_on": _trait("date", "First purchase online."),
        "last_online_on": _trait("date", "Last purchase online."),
        "first_store_on": _trait("date", "First purchase not online."),
        "last_store_on": _trait("date", "Last purchase not online."),
        "orders": _count("Orders in any channel."),
        "orders_online": _count("Orders online."),
        "orders_store": _count("Orders not online."),
        "net": _NET,
        "net_online": _NET,
        "net_store": _NET,
    },
    order=("person_id",),
)

PERSON_MONTH = Table(
    name="person_month",
    doc="What one person bought in one month, by channel.",
    grain=("person_id", "month"),
    columns={
        "person_id": _PERSON_REQUIRED,
        "month": _MONTH,
        "first_on": Column("date", "First order of the month; null: only returns."),
        "last_on": Column("date", "Last order of the month; null: only returns."),
        "orders": _count("Orders in any channel."),
        "orders_online": _count("Orders online."),
        "orders_store": _count("Orders not online."),
        "orders_collected": _count("Online orders collected in a store."),
        "first_online_on": Column("date", "First online order of the month."),
        "last_online_on": Column("date", "Last online order of the month."),
        "first_store_on": Column("date", "First order of the month not online."),
        "last_store_on": Column("date", "Last order of the month not online."),
        "quantity": _QUANTITY,
        "net": _NET,
        "net_online": _NET,
        "net_store": _NET,
        "net_collected": _NET,
    },
    partition=("month",),
    order=("person_id",),
)

PRODUCT_CHANNEL = Table(
    name="product_channel",
    doc="What one person (null: all anonymous sales together) bought of one product in one "
    "channel in one month; returns that name their sale are taken from that sale's channel.",
    grain=("month", "person_id", "product_id", "channel"),
    columns={
        "month": _MONTH,
        "person_id": _PERSON,
        "product_id": SALE_LINE.columns["product_id"],
        "channel": Column("!string", "Where she decided and paid.", words=Channel),
        "online": Column("!boolean", "True where the channel is online."),
        "first_on": Column("date", "First day bought in the month; null: only returns."),
        "last_on": Column("date", "Last day bought in the month; null: only returns."),
        "lines": Column("!int64", "Lines bought.", unit="line"),
        "quantity": _QUANTITY,
        "net": _NET,
    },
    partition=("month",),
    order=("person_id", "product_id", "channel"),
)

STORE = Table(
    name="store",
    doc="One store with what passed through it; `orders` are sales paid in it, `collected` "
    "online orders handed over in it.",
    grain=("store_id",),
    columns={
        "store_id": Column("!string", "The store."),
        "name": Column("string", "Name over the door."),
        "brand": Column("string", "Banner it trades under."),
        "city": Column("string", "Town."),
        "province": Column("string", "Province or state."),
        "country": Column("string", "Country, ISO 3166-1 alpha-2."),
        "latitude": Column("float64", "WGS 84.", unit="degree"),
        "longitude": Column("float64", "WGS 84.", unit="degree"),
        "opened_on": Column("date", "First day of trading."),
        "closed_on": Column("date", "Last day of trading; null while open."),
        "collect_since": Column("date", "First day of click & collect."),
        "first_on": Column("date", "First sale seen."),
        "last_on": Column("date", "Last sale seen."),
        "orders": _count("Sales paid in it."),
        "orders_identified": _count("Sales paid in it with a known buyer."),
        "collected": _count("Online orders collected in it."),
        "net": _NET,
        "net_identified": _NET,
        "net_collected": _NET,
    },
    order=("store_id",),
)

SOCIAL = Table(
    name="social",
    doc="How often one person was active on social media on one day, as far as it is known who "
    "it was.",
    grain=("person_id", "day"),
    columns={
        "person_id": _PERSON_REQUIRED,
        "day": Column("!date", "The day, in UTC."),
        "touches": Column(
            "!int64", "Likes, comments, shares, mentions and the like.", unit="touch"
        ),
    },
    order=("person_id",),
)

INTEREST = Table(
    name="interest",
    doc="What one person (null: all who are not known together) looked at, put in a cart, wished "
    "for or searched on one day. What was typed into a search is not kept.",
    grain=("person_id", "day", "product_id", "signal"),
    columns={
        "person_id": Column(
            "int64", "The person; null where nobody is known.", personal=Personal.TRAIT
        ),
        "day": Column("!date", "The day, in UTC."),
        "product_id": Column("string", "The article; null for a search."),
        "signal": Column("!string", "What she did.", words=Signal),
        "touches": Column("!int64", "How often.", unit="touch"),
    },
    order=("person_id",),
)

MART: tuple[Table, ...] = (
    PURCHASE,
    PERSON,
    PERSON_MONTH,
    PRODUCT_CHANNEL,
    STORE,
    REACH,
    SOCIAL,
    INTEREST,
)
