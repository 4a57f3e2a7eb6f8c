"""What arrived live: each message that ever came, and the bodies that no release holds yet."""

import sqlalchemy as sa

from tuttuno.vault.tables.columns import check, key, moment, number, text
from tuttuno.vault.tables.metadata import METADATA

#: One message that was ever kept, for ever; `message_key` is made of its source and its id. What
#: came lately may stand in `inbox` alone, see `inbox_names`.
MESSAGE = sa.Table(
    "message",
    METADATA,
    key("message_key", primary_key=True),
    key("digest"),
    check(),
    sqlite_with_rowid=False,
)

#: The body of one message, until a release holds what it says; `rule` is null for a good one.
INBOX = sa.Table(
    "inbox",
    METADATA,
    number("position", primary_key=True),
    text("source", nullable=False),
    text("message_id", nullable=False),
    text("kind", nullable=False),
    moment("received_at", nullable=False),
    moment("sent_at"),
    text("rule"),
    text("why"),
    text("about"),
    text("body", nullable=False),
    key("message_key", nullable=True),
    key("digest", nullable=True),
    check(),
)

#: Whom a message speaks of, by surrogate; gone together with its body. See `inbox_who`.
INBOX_WHO = sa.Table(
    "inbox_who",
    METADATA,
    number("shelf", primary_key=True),
    key("value_key", primary_key=True),
    number("position", primary_key=True),
    sqlite_with_rowid=False,
)

#: A run of positions that goes into vault and lake together; open until all of it is there.
INBOX_CLAIM = sa.Table(
    "inbox_claim",
    METADATA,
    number("claim_no", primary_key=True),
    number("first"),
    number("last"),
    moment("opened_at", nullable=False),
    moment("closed_at"),
    check(),
)

#: What came through the doors of one source within one hour (UTC), and what became of it.
DOOR_HOUR = sa.Table(
    "door_hour",
    METADATA,
    text("source", primary_key=True),
    moment("hour", primary_key=True),
    number("received"),
    number("accepted"),
    number("duplicate"),
    number("quarantined"),
    number("suppressed"),
    number("rejected"),
    moment("last_at", nullable=False),
    check(),
)

#: Events of one name that a source sent on one day (UTC), checked against the tracking plan.
PLAN_EVENT = sa.Table(
    "plan_event",
    METADATA,
    text("source", primary_key=True),
    text("event", primary_key=True),
    moment("day", primary_key=True),
    number("checked"),
    number("violating"),
    check(),
)

#: How often such events broke one rule at one property; empty for the event as a whole.
PLAN_VIOLATION = sa.Table(
    "plan_violation",
    METADATA,
    text("source", primary_key=True),
    text("event", primary_key=True),
    text("property", primary_key=True),
    text("rule", primary_key=True),
    moment("day", primary_key=True),
    number("times"),
    moment("first_at", nullable=False),
    moment("last_at", nullable=False),
    text("example", nullable=False),
    check(),
)
