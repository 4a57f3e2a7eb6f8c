"""${message}

why:   What the change is for, in the retailer's language.
safe:  Whether the release before may still run on it.
later: What a later step will take away, or nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
