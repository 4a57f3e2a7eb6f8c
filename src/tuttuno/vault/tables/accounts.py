"""Who may look: accounts, open sessions, wrong tries, and the log of every look."""

import sqlalchemy as sa

from tuttuno.vault.tables.columns import Document, check, moment, number, text
from tuttuno.vault.tables.metadata import METADATA

#: One person who works with the platform; the password is an argon2id text.
ACCOUNT = sa.Table(
    "account",
    METADATA,
    text("login", primary_key=True),
    text("password", nullable=False),
    text("role", nullable=False),
    moment("created_at", nullable=False),
    check(),
)

#: One signed-in browser, under the hash of its cookie.
SESSION = sa.Table(
    "session",
    METADATA,
    sa.Column("id_hash", sa.String(64), primary_key=True),
    sa.Column("login", sa.Text, sa.ForeignKey("account.login", ondelete="CASCADE"), nullable=False),
    text("csrf", nullable=False),
    moment("created_at", nullable=False),
    moment("seen_at", nullable=False),
    sa.Index(None, "login"),
)

#: One wrong try to sign in, under the account or the address it came from.
LOGIN_FAILURE = sa.Table(
    "login_failure",
    METADATA,
    number("failure_no", primary_key=True),
    text("key", nullable=False),
    moment("at", nullable=False),
    sa.Index(None, "key", "at"),
)

#: Who looked at or changed what, as a chain of hashes.
AUDIT = sa.Table(
    "audit",
    METADATA,
    number("seq", primary_key=True),
    moment("at", nullable=False),
    text("actor", nullable=False),
    text("action", nullable=False),
    text("subject", nullable=False),
    sa.Column("detail", Document),
    sa.Column("prev_hash", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Index(None, "subject", "seq"),
    sa.Index(None, "actor", "seq"),
)
