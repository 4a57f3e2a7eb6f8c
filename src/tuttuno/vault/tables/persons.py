"""Who the persons are: ids that are never reused, memberships, events, runs and decisions."""

import sqlalchemy as sa

from tuttuno.vault.tables.columns import Document, check, key, moment, number, text
from tuttuno.vault.tables.metadata import METADATA

#: One human customer; a merged one points at who she is now.
PERSON = sa.Table(
    "person",
    METADATA,
    number("person_id", primary_key=True),
    text("status", nullable=False),
    number("merged_into", nullable=True),
    moment("created_at", nullable=False),
    check(),
    sa.Index(None, "merged_into"),
)

#: Which record belonged to which person, from which run until which; null: still.
MEMBERSHIP = sa.Table(
    "membership",
    METADATA,
    sa.Column("record_no", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("since_run", sa.BigInteger, primary_key=True, autoincrement=False),
    number("person_id"),
    number("until_run", nullable=True),
    text("cause", nullable=False),
    check(),
    sa.Index(None, "person_id"),
    sa.Index(None, "since_run"),
    sqlite_with_rowid=False,
)

#: What happened to the ids, as a chain of hashes; holds numbers only, so it outlives an erasure.
PERSON_EVENT = sa.Table(
    "person_event",
    METADATA,
    number("seq", primary_key=True),
    text("kind", nullable=False),
    number("person_id"),
    number("run"),
    text("before"),
    text("after"),
    text("cause", nullable=False),
    moment("at", nullable=False),
    sa.Column("prev_hash", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Index(None, "person_id"),
    sa.Index(None, "run"),
)

#: One identity run; `change` is the last change number it has seen.
RUN = sa.Table(
    "run",
    METADATA,
    number("run_no", primary_key=True),
    sa.Column("config_hash", sa.String(64), nullable=False),
    number("change"),
    text("status", nullable=False),
    moment("at", nullable=False),
    sa.Column("metrics", Document, nullable=False),
    check(),
)

#: What likeness weighs, as the last full run estimated it; JSON. Tells of no single record.
LIKENESS_MODEL = sa.Table(
    "likeness_model",
    METADATA,
    number("run_no", primary_key=True),
    text("model", nullable=False),
    check(),
)

#: Evidence that two records (`a` < `b`) are, or are not, one person.
EDGE = sa.Table(
    "edge",
    METADATA,
    sa.Column("a", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("b", sa.BigInteger, primary_key=True, autoincrement=False),
    text("kind", primary_key=True),
    sa.Column("weight", sa.Double, nullable=False),
    text("evidence"),
    number("run"),
    check(),
    sa.Index(None, "b"),
    sqlite_with_rowid=False,
)

#: What a steward decided about two records, anchored on their keys so that it survives reruns.
#: One that pins a `field` to what a record says has this record at both ends.
DECISION = sa.Table(
    "decision",
    METADATA,
    number("decision_no", primary_key=True),
    key("a_key"),
    key("b_key"),
    text("verdict", nullable=False),
    text("author", nullable=False),
    text("reason", nullable=False),
    moment("at", nullable=False),
    moment("revoked_at"),
    number("change"),
    text("field"),
    check(),
    sa.Index(None, "a_key"),
    sa.Index(None, "b_key"),
)

#: Which household a person is in; made anew by every build. A household is named by the smallest
#: `person_id` in it, and whoever lives alone has no row.
HOUSEHOLD_MEMBER = sa.Table(
    "household_member",
    METADATA,
    number("person_id", primary_key=True),
    number("household_id"),
    text("tie", nullable=False),
    check(),
    sa.Index(None, "household_id"),
)
