"""Smaller shelves of the inbox.

why:   A group of new messages changes most pages of the shelf that is being filled, and each goes
       to the disk: an eighth of the messages to a shelf makes that a few pages.
safe:  No, the release before looks on the larger shelves: stop it first.
later: Nothing.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE inbox_who SET shelf = position / 2048")
