"""Rows held once.

why:   A bad row that comes again, in a file that has grown, is known by what it says.
safe:  Yes, while the release before still runs: adds a column that may be null.
later: Nothing. Rows held before have no digest; each may be held once more.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("quarantine", sa.Column("content", sa.String(64), nullable=True))
    op.create_index("ix_quarantine_content", "quarantine", ["content"])
