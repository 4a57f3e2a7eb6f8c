"""Households: which persons live together; a second level that no person depends on."""

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault.bulk import insert_rows, read_rows
from tuttuno.vault.tables import HOUSEHOLD_MEMBER


def replace_households(con: Connection, rows: pa.Table) -> None:
    """Keep the households of everybody; those there were are gone.

    Args:
        con: Inside a transaction.
        rows: `person_id`, `household_id`, `tie`; each person once.
    """
    con.execute(sa.delete(HOUSEHOLD_MEMBER))
    insert_rows(con, HOUSEHOLD_MEMBER, rows)


def household_members(con: Connection) -> pa.Table:
    """Return `person_id`, `household_id`, `tie` of everybody who is in one."""
    columns = HOUSEHOLD_MEMBER.c["person_id", "household_id", "tie"]
    return read_rows(con, sa.select(*columns).order_by(HOUSEHOLD_MEMBER.c.person_id))


def household_of(con: Connection, person_id: int) -> list[tuple[int, str]]:
    """Return the persons of the household of a person, herself among them, and their ties.

    Smallest id first; none where she lives alone, as far as anybody knows.
    """
    hers = HOUSEHOLD_MEMBER.alias("hers")
    columns = HOUSEHOLD_MEMBER.c["person_id", "tie"]
    statement = (
        sa.select(*columns)
        .join(hers, hers.c.household_id == HOUSEHOLD_MEMBER.c.household_id)
        .where(hers.c.person_id == person_id)
        .order_by(HOUSEHOLD_MEMBER.c.person_id)
    )
    return [(row.person_id, row.tie) for row in con.execute(statement)]
