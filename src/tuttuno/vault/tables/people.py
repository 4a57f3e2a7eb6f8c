"""What each source knows of a person: records, identifiers, consents, and who is suppressed."""

import sqlalchemy as sa

from tuttuno.schema.exchange import PEOPLE
from tuttuno.vault.tables.columns import Day, Flag, Kind, check, key, moment, number, text
from tuttuno.vault.tables.metadata import METADATA

#: The columns of `people` that a record carries beside its keys, in the order of the exchange.
PEOPLE_COLUMNS: tuple[str, ...] = tuple(name for name in PEOPLE.columns if name not in PEOPLE.grain)

#: Where the next number of each kind comes from; it only ever rises.
COUNTER = sa.Table(
    "counter",
    METADATA,
    text("name", primary_key=True),
    number("value"),
    check(),
)

#: One record of one source; `content` is null while it is known from events alone (a stub),
#: `seq` rises whenever the record or its identifiers change.
RECORD = sa.Table(
    "record",
    METADATA,
    number("record_no", primary_key=True),
    key("record_key"),
    text("source", nullable=False),
    text("record_id", nullable=False),
    sa.Column("content", sa.String(64)),
    text("email"),
    text("phone"),
    text("given_name"),
    text("family_name"),
    sa.Column("birth_date", Day),
    text("gender"),
    text("address"),
    text("postal_code"),
    text("city"),
    text("province"),
    text("country"),
    text("language"),
    text("loyalty_card"),
    text("tax_code"),
    text("device_ids"),
    text("social_handles"),
    text("home_store_id"),
    moment("created_at"),
    moment("updated_at"),
    text("extra"),
    number("batch"),
    number("seq"),
    check(),
    sa.UniqueConstraint("record_key"),
    sa.UniqueConstraint("source", "record_id"),
    sa.Index(None, "seq"),
)

#: One normalised identifier value, kept once however many records carry it.
IDENTIFIER_VALUE = sa.Table(
    "identifier_value",
    METADATA,
    number("value_no", primary_key=True),
    sa.Column("type", Kind, nullable=False),
    key("value_key"),
    text("value", nullable=False),
    check(),
    sa.UniqueConstraint("value_key"),
)

#: Which record carries which value, and on whose word (`identifiers.Origin`, added up). No
#: foreign keys: at millions of rows they cost more than they tell, and `integrity` finds an
#: orphan all the same.
RECORD_IDENTIFIER = sa.Table(
    "record_identifier",
    METADATA,
    sa.Column("record_no", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("value_no", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("type", Kind, nullable=False),
    sa.Column("origin", sa.SmallInteger, nullable=False),
    number("batch"),
    check(),
    sa.Index(None, "value_no"),
    sqlite_with_rowid=False,
)

#: Coarse keys under which identity finds records that look alike; made anew at any time.
BLOCK_KEY = sa.Table(
    "block_key",
    METADATA,
    sa.Column("record_no", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("key64", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Index(None, "key64"),
    sqlite_with_rowid=False,
)

#: One decision of a person on one use of her data; `channel` is `any` where none was named.
CONSENT = sa.Table(
    "consent",
    METADATA,
    key("record_key", primary_key=True),
    text("purpose", primary_key=True),
    text("channel", primary_key=True),
    moment("at", primary_key=True),
    sa.Column("granted", Flag, nullable=False),
    text("controller"),
    text("notice_version"),
    text("method"),
    text("evidence"),
    moment("updated_at"),
    sa.Column("content", sa.String(64), nullable=False),
    number("batch"),
    check(),
    sqlite_with_rowid=False,
)

#: Columns nobody declared, of any table: personal until declared harmless.
ATTRIBUTE = sa.Table(
    "attribute",
    METADATA,
    text("table", primary_key=True),
    text("source", primary_key=True),
    text("grain", primary_key=True),
    key("record_key", nullable=True),
    text("payload", nullable=False),
    number("batch"),
    check(),
    sa.Index(None, "record_key"),
    sqlite_with_rowid=False,
)

#: Whose data may no longer come in, by keyed hash; applies to what happened until `cutoff_at`.
SUPPRESSION = sa.Table(
    "suppression",
    METADATA,
    text("type", primary_key=True),
    key("key", primary_key=True),
    moment("cutoff_at", nullable=False),
    text("reason", nullable=False),
    moment("at", nullable=False),
    check(),
    sqlite_with_rowid=False,
)
