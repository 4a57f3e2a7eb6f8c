"""The canonical tables of the lake: what happened, under surrogate keys only.

No column here may be `Personal.DIRECT`. `record_key`, `card_key`, `payment_key` and
`device_key` are keyed hashes (HMAC-SHA-256 under the project key, first 128 bits, 32 hex
digits); only the vault can lead from them to a person. `batch` is the intake batch that
brought the row, key into the ledger.
"""

from tuttuno.schema.exchange import (
    CONTACTS,
    FISCAL_TOTALS,
    MEMBERSHIPS,
    PEOPLE,
    PICKUPS,
    POINTS,
    PRODUCTS,
    SALES,
    STORES,
    TOUCHES,
)
from tuttuno.schema.table import Column, Personal, Table

_KEYED = "; a keyed hash, 32 hex digits."
_RECORD_KEY = Column(
    "string",
    "The record of the person; null for an anonymous row" + _KEYED,
    personal=Personal.TRAIT,
)
_CARD_KEY = Column("!string", "The loyalty card" + _KEYED, personal=Personal.TRAIT)
_PAYMENT_KEY = Column("string", "The payment card" + _KEYED, personal=Personal.TRAIT)
_DEVICE_KEY = Column("string", "Browser or app installation" + _KEYED, personal=Personal.TRAIT)
_BATCH = Column("!int64", "The intake batch that brought the row.")
_MONTH = Column("!string", "`YYYY-MM` of the local day; the files are laid out by it.")


def _from(table: Table, *names: str) -> dict[str, Column]:
    """The columns of an exchange table that may live in the lake as they are."""
    return {name: table.columns[name] for name in names}


def _rest(table: Table, *without: str) -> dict[str, Column]:
    return {
        name: column
        for name, column in table.columns.items()
        if column.personal is not Personal.DIRECT and name not in without
    }


RECORD = Table(
    name="record",
    doc="What one source knows of one person, without anything that names or reaches her.",
    grain=("record_key",),
    columns={
        "record_key": Column("!string", "The record" + _KEYED, personal=Personal.TRAIT),
        **_from(PEOPLE, "source"),
        "birth_year": Column("int32", "Year of birth.", unit="year", personal=Personal.TRAIT),
        **_rest(PEOPLE, "source"),
        "batch": _BATCH,
    },
)

SALE_LINE = Table(
    name="sale_line",
    doc="One product on one receipt or order; a return is a line with negative quantity.",
    grain=SALES.grain,
    columns={
        **_from(SALES, "source", "sale_id", "line_no"),
        "record_key": _RECORD_KEY,
        "payment_key": _PAYMENT_KEY,
        "sold_at": SALES.columns["sold_at"],
        "sold_on": Column("!date", "The local day of the sale, in the store's time zone."),
        "month": _MONTH,
        **_rest(SALES, "source", "sale_id", "line_no", "sold_at"),
        "batch": _BATCH,
    },
    partition=("month",),
)

PICKUP = Table(
    name="pickup",
    doc=PICKUPS.doc,
    grain=PICKUPS.grain,
    columns={**_rest(PICKUPS), "batch": _BATCH},
)

PRODUCT = Table(
    name="product",
    doc=PRODUCTS.doc,
    grain=PRODUCTS.grain,
    columns={**_rest(PRODUCTS), "batch": _BATCH},
)

STORE_SITE = Table(
    name="store_site",
    doc=STORES.doc,
    grain=STORES.grain,
    columns={**_rest(STORES), "batch": _BATCH},
)

MEMBERSHIP = Table(
    name="membership",
    doc=MEMBERSHIPS.doc,
    grain=("source", "programme", "card_key"),
    columns={
        **_from(MEMBERSHIPS, "source", "programme"),
        "card_key": _CARD_KEY,
        "record_key": _RECORD_KEY,
        **_rest(MEMBERSHIPS, "source", "programme"),
        "batch": _BATCH,
    },
)

POINTS_MOVEMENT = Table(
    name="points_movement",
    doc=POINTS.doc,
    grain=POINTS.grain,
    columns={
        **_from(POINTS, "source", "movement_id", "programme"),
        "card_key": _CARD_KEY,
        **_rest(POINTS, "source", "movement_id", "programme"),
        "batch": _BATCH,
    },
)

TOUCH = Table(
    name="touch",
    doc=TOUCHES.doc,
    grain=TOUCHES.grain,
    columns={
        **_from(TOUCHES, "source", "touch_id"),
        "record_key": _RECORD_KEY,
        "device_key": _DEVICE_KEY,
        "at": TOUCHES.columns["at"],
        "month": _MONTH,
        **_rest(TOUCHES, "source", "touch_id", "at"),
        "batch": _BATCH,
    },
    partition=("month",),
)

CONTACT = Table(
    name="contact",
    doc=CONTACTS.doc,
    grain=CONTACTS.grain,
    columns={
        **_from(CONTACTS, "source", "contact_id"),
        "record_key": _RECORD_KEY,
        **_rest(CONTACTS, "source", "contact_id"),
        "batch": _BATCH,
    },
)

FISCAL_TOTAL = Table(
    name="fiscal_total",
    doc=FISCAL_TOTALS.doc,
    grain=FISCAL_TOTALS.grain,
    columns={**_rest(FISCAL_TOTALS), "batch": _BATCH},
)

#: The channel of a series that does not tell channels apart.
WHOLE_MARKET = "all"

MARKET = Table(
    name="market",
    doc="How the market does month by month, from the file that `[market]` names.",
    grain=("month", "channel", "category"),
    columns={
        "month": Column("!string", "`YYYY-MM`."),
        "channel": Column("!string", "A channel; `all`: the series does not tell them apart."),
        "category": Column("!string", "A category; empty: all of them."),
        "value": Column("!float64", "An amount or an index; always above zero."),
        "source": Column("!string", "Who says so."),
    },
)

#: What a project supplies beside its sources.
SUPPLIED: tuple[Table, ...] = (MARKET,)

LAKE: tuple[Table, ...] = (
    STORE_SITE,
    PRODUCT,
    RECORD,
    MEMBERSHIP,
    SALE_LINE,
    PICKUP,
    POINTS_MOVEMENT,
    TOUCH,
    CONTACT,
    FISCAL_TOTAL,
)
