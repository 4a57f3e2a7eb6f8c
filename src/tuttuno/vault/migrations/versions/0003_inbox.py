"""The inbox of what arrives live.

why:   A message is acknowledged only when it is on the disk, and is taken in exactly once.
safe:  Yes, while the release before still runs: adds tables and touches none.
later: Nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _message()
    _inbox()
    _inbox_who()
    _inbox_claim()
    _door_hour()


def _message() -> None:
    op.create_table(
        "message",
        sa.Column("message_key", sa.String(32), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("check", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("message_key", name="pk_message"),
        sqlite_with_rowid=False,
    )


def _inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("position", NUMBER, autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("about", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("check", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_inbox"),
    )


def _inbox_who() -> None:
    op.create_table(
        "inbox_who",
        sa.Column("value_key", sa.String(32), nullable=False),
        sa.Column("position", NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("value_key", "position", name="pk_inbox_who"),
        sqlite_with_rowid=False,
    )


def _inbox_claim() -> None:
    op.create_table(
        "inbox_claim",
        sa.Column("claim_no", NUMBER, autoincrement=False, nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("check", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("claim_no", name="pk_inbox_claim"),
    )


def _door_hour() -> None:
    op.create_table(
        "door_hour",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("accepted", sa.BigInteger(), nullable=False),
        sa.Column("duplicate", sa.BigInteger(), nullable=False),
        sa.Column("quarantined", sa.BigInteger(), nullable=False),
        sa.Column("suppressed", sa.BigInteger(), nullable=False),
        sa.Column("rejected", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("check", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "hour", name="pk_door_hour"),
    )
