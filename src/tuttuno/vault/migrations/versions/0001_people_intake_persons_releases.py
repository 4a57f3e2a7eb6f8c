"""People, intake, persons and releases.

why:   A new vault can keep what each source knows of a person, account for every row that
       arrived, say who is who, and show one release.
safe:  Yes, it makes tables in an empty database.
later: Nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _counter()
    _record()
    _identifier_value()
    _record_identifier()
    _block_key()
    _consent()
    _attribute()
    _suppression()
    _batch()
    _quarantine()
    _person()
    _membership()
    _person_event()
    _run()
    _edge()
    _decision()
    _release()
    _current_release()
    _answer()


def _counter() -> None:
    op.create_table(
        "counter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("check", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counter"),
    )


def _record() -> None:
    op.create_table(
        "record",
        sa.Column("record_no", NUMBER, autoincrement=False, nullable=False),
        sa.Column("record_key", sa.String(32), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("content", sa.String(64), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("given_name", sa.Text(), nullable=True),
        sa.Column("family_name", sa.Text(), nullable=True),
        sa.Column("birth_date", sa.String(10), nullable=True),
        sa.Column("gender", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("province", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("loyalty_card", sa.Text(), nullable=True),
        sa.Column("tax_code", sa.Text(), nullable=True),
        sa.Column("device_ids", sa.Text(), nullable=True),
        sa.Column("social_handles", sa.Text(), nullable=True),
        sa.Column("home_store_id", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("extra", sa.Text(), nullable=True),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("check", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("record_no", name="pk_record"),
        sa.UniqueConstraint("record_key", name="uq_record_record_key"),
        sa.UniqueConstraint("source", "record_id", name="uq_record_source_record_id"),
    )
    op.create_index("ix_record_seq", "record", ["seq"])


def _identifier_value() -> None:
    op.create_table(
        "identifier_value",
        sa.Column("value_no", NUMBER, autoincrement=False, nullable=False),
        sa.Column("type", sa.SmallInteger(), nullable=False),
        sa.Column("value_key", sa.String(32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("check", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("value_no", name="pk_identifier_value"),
        sa.UniqueConstraint("value_key", name="uq_identifier_value_value_key"),
    )


def _record_identifier() -> None:
    op.create_table(
        "record_identifier",
        sa.Column("record_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("value_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("type", sa.SmallInteger(), nullable=False),
        sa.Column("origin", sa.SmallInteger(), nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.Column("check", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("record_no", "value_no", name="pk_record_identifier"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_record_identifier_value_no", "record_identifier", ["value_no"])


def _block_key() -> None:
    op.create_table(
        "block_key",
        sa.Column("record_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key64", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("record_no", "key64", name="pk_block_key"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_block_key_key64", "block_key", ["key64"])


def _consent() -> None:
    op.create_table(
        "consent",
        sa.Column("record_key", sa.String(32), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("granted", sa.SmallInteger(), nullable=False),
        sa.Column("controller", sa.Text(), nullable=True),
        sa.Column("notice_version", sa.Text(), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=True),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.Column("check", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("record_key", "purpose", "channel", "at", name="pk_consent"),
        sqlite_with_rowid=False,
    )


def _attribute() -> None:
    op.create_table(
        "attribute",
        sa.Column("table", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("grain", sa.Text(), nullable=False),
        sa.Column("record_key", sa.String(32), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.Column("check", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("table", "source", "grain", name="pk_attribute"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_attribute_record_key", "attribute", ["record_key"])


def _suppression() -> None:
    op.create_table(
        "suppression",
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("cutoff_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("check", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("type", "key", name="pk_suppression"),
        sqlite_with_rowid=False,
    )


def _batch() -> None:
    op.create_table(
        "batch",
        sa.Column("batch_no", NUMBER, autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("table", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("accepted", sa.BigInteger(), nullable=False),
        sa.Column("duplicate", sa.BigInteger(), nullable=False),
        sa.Column("quarantined", sa.BigInteger(), nullable=False),
        sa.Column("suppressed", sa.BigInteger(), nullable=False),
        sa.Column("rejected", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("check", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("batch_no", name="pk_batch"),
    )
    op.create_index("ix_batch_digest", "batch", ["digest"])
    op.create_index("ix_batch_status", "batch", ["status"])


def _quarantine() -> None:
    op.create_table(
        "quarantine",
        sa.Column("quarantine_no", NUMBER, autoincrement=False, nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("table", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=True),
        sa.Column("column", sa.Text(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("record_key", sa.String(32), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("retried_by", sa.BigInteger(), nullable=True),
        sa.Column("check", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("quarantine_no", name="pk_quarantine"),
    )
    op.create_index("ix_quarantine_batch", "quarantine", ["batch"])
    op.create_index("ix_quarantine_record_key", "quarantine", ["record_key"])
    op.create_index("ix_quarantine_retried_by", "quarantine", ["retried_by"])
    op.create_index("ix_quarantine_state", "quarantine", ["state"])


def _person() -> None:
    op.create_table(
        "person",
        sa.Column("person_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("merged_into", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("check", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_person"),
    )
    op.create_index("ix_person_merged_into", "person", ["merged_into"])


def _membership() -> None:
    op.create_table(
        "membership",
        sa.Column("record_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("since_run", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("until_run", sa.BigInteger(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("check", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("record_no", "since_run", name="pk_membership"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_membership_person_id", "membership", ["person_id"])
    op.create_index("ix_membership_since_run", "membership", ["since_run"])


def _person_event() -> None:
    op.create_table(
        "person_event",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("run", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("prev_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_person_event"),
    )
    op.create_index("ix_person_event_person_id", "person_event", ["person_id"])
    op.create_index("ix_person_event_run", "person_event", ["run"])


def _run() -> None:
    op.create_table(
        "run",
        sa.Column("run_no", NUMBER, autoincrement=False, nullable=False),
        sa.Column("config_hash", sa.String(64), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("metrics", sa.Text(), nullable=False),
        sa.Column("check", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run_no", name="pk_run"),
    )


def _edge() -> None:
    op.create_table(
        "edge",
        sa.Column("a", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("b", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("run", sa.BigInteger(), nullable=False),
        sa.Column("check", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("a", "b", "kind", name="pk_edge"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_edge_b", "edge", ["b"])


def _decision() -> None:
    op.create_table(
        "decision",
        sa.Column("decision_no", NUMBER, autoincrement=False, nullable=False),
        sa.Column("a_key", sa.String(32), nullable=False),
        sa.Column("b_key", sa.String(32), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.Column("check", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("decision_no", name="pk_decision"),
    )
    op.create_index("ix_decision_a_key", "decision", ["a_key"])
    op.create_index("ix_decision_b_key", "decision", ["b_key"])


def _release() -> None:
    op.create_table(
        "release",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("tables", sa.Text(), nullable=False),
        sa.Column("identity_run", sa.BigInteger(), nullable=True),
        sa.Column("config_hash", sa.String(64), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("metrics", sa.Text(), nullable=False),
        sa.Column("check", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_release"),
    )


def _current_release() -> None:
    op.create_table(
        "current_release",
        sa.Column("one", NUMBER, autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("check", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["release.number"], name="fk_current_release_number"),
        sa.PrimaryKeyConstraint("one", name="pk_current_release"),
    )


def _answer() -> None:
    op.create_table(
        "answer",
        sa.Column("release", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("check", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release"], ["release.number"], name="fk_answer_release", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("release", "key", name="pk_answer"),
        sqlite_with_rowid=False,
    )
