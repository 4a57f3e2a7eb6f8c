"""Names of messages beside them.

why:   A group of new messages writes their names where it writes them, and not one page of the
       disk for each; they are filed for ever later, many at a time.
safe:  No, the release before would take an unfiled message for a new one: stop it first.
later: Nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbox", sa.Column("message_key", sa.String(32), nullable=True))
    op.add_column("inbox", sa.Column("digest", sa.String(32), nullable=True))
