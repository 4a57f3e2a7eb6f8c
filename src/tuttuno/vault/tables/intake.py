"""The ledger of what arrived, and the rows that are kept aside until somebody looks."""

import sqlalchemy as sa

from tuttuno.vault.tables.columns import check, key, moment, number, text
from tuttuno.vault.tables.metadata import METADATA

#: One file of one table, and what became of its rows.
BATCH = sa.Table(
    "batch",
    METADATA,
    number("batch_no", primary_key=True),
    text("source", nullable=False),
    text("table", nullable=False),
    text("file", nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    text("status", nullable=False),
    moment("opened_at", nullable=False),
    moment("closed_at"),
    number("received"),
    number("accepted"),
    number("duplicate"),
    number("quarantined"),
    number("suppressed"),
    number("rejected"),
    text("reason"),
    check(),
    sa.Index(None, "digest"),
    sa.Index(None, "status"),
)

#: One row that breaks a rule, as it came.
QUARANTINE = sa.Table(
    "quarantine",
    METADATA,
    number("quarantine_no", primary_key=True),
    number("batch"),
    text("source", nullable=False),
    text("table", nullable=False),
    text("file", nullable=False),
    number("row", nullable=True),
    text("column"),
    text("rule", nullable=False),
    text("value"),
    text("message", nullable=False),
    text("payload"),
    key("record_key", nullable=True),
    text("state", nullable=False),
    moment("at", nullable=False),
    number("retried_by", nullable=True),
    sa.Column("content", sa.String(64)),
    check(),
    sa.Index(None, "content"),
    sa.Index(None, "state"),
    sa.Index(None, "batch"),
    sa.Index(None, "retried_by"),
    sa.Index(None, "record_key"),
)
