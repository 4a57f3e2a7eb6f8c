"""Pins of details, and households.

why:   A steward can say which record tells a detail of a person; households stand beside persons.
safe:  Yes, while the release before still runs: adds a table and a column that may be null.
later: Nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("decision", sa.Column("field", sa.Text(), nullable=True))
    op.create_table(
        "household_member",
        sa.Column("person_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("household_id", sa.BigInteger(), nullable=False),
        sa.Column("tie", sa.Text(), nullable=False),
        sa.Column("check", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_household_member"),
    )
    op.create_index("ix_household_member_household_id", "household_member", ["household_id"])
