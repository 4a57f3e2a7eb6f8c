"""Shelves of the inbox.

why:   Whom messages speak of is filed in the order of arrival first, so that a group of new
       messages writes a few pages and not one for each.
safe:  No, the release before cannot write into the new table: stop it first.
later: Nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.execute("CREATE TEMPORARY TABLE spoken_of AS SELECT value_key, position FROM inbox_who")
    op.drop_table("inbox_who")
    op.create_table(
        "inbox_who",
        sa.Column("shelf", NUMBER, autoincrement=False, nullable=False),
        sa.Column("value_key", sa.String(32), nullable=False),
        sa.Column("position", NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("shelf", "value_key", "position", name="pk_inbox_who"),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO inbox_who (shelf, value_key, position) "
        "SELECT position / 16384, value_key, position FROM spoken_of"
    )
    op.execute("DROP TABLE spoken_of")
