"""What likeness weighs.

why:   A full run estimates weights, and every later run must weigh by the same ones.
safe:  Yes, while the release before still runs: adds a table and touches none.
later: Nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "likeness_model",
        sa.Column("run_no", NUMBER, autoincrement=False, nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("check", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run_no", name="pk_likeness_model"),
    )
