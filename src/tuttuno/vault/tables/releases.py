"""Consistent pictures: which table versions make a release, which one is read, its answers."""

import sqlalchemy as sa

from tuttuno.vault.tables.columns import Document, check, moment, number, text
from tuttuno.vault.tables.metadata import METADATA

#: One build: the version of every table it read and wrote.
RELEASE = sa.Table(
    "release",
    METADATA,
    number("number", primary_key=True),
    text("status", nullable=False),
    moment("at", nullable=False),
    sa.Column("tables", Document, nullable=False),
    number("identity_run", nullable=True),
    sa.Column("config_hash", sa.String(64), nullable=False),
    text("engine", nullable=False),
    sa.Column("metrics", Document, nullable=False),
    check(),
)

#: The release that readers see; one row at most.
CURRENT_RELEASE = sa.Table(
    "current_release",
    METADATA,
    number("one", primary_key=True),
    sa.Column("number", sa.BigInteger, sa.ForeignKey("release.number"), nullable=False),
    check(),
)

#: An answer already worked out for a release.
ANSWER = sa.Table(
    "answer",
    METADATA,
    sa.Column(
        "release",
        sa.BigInteger,
        sa.ForeignKey("release.number", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    text("key", primary_key=True),
    text("payload", nullable=False),
    check(),
    sqlite_with_rowid=False,
)
