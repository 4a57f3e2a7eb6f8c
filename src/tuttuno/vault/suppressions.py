"""Suppressions: whose data may no longer come in, known by keyed hash only."""

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault.bulk import put_rows, read_rows
from tuttuno.vault.checks import checked_columns
from tuttuno.vault.tables import SUPPRESSION

#: The `type` of a suppression that names a whole record by its `record_key`.
RECORD_TYPE = "record"


def suppress(con: Connection, rows: pa.Table) -> None:
    """Keep data of some persons out from now on; said again, the later word counts.

    Args:
        con: Inside a transaction.
        rows: `type` (`RECORD_TYPE` or an identifier type), `key` (a `record_key` or
            `value_key`), `cutoff_at` (what happened until then is kept out), `reason`, `at`.
    """
    put_rows(con, SUPPRESSION, rows)


def suppressed_keys(con: Connection) -> pa.Table:
    """Return `type`, `key`, `cutoff_at` of every suppression.

    A row that arrives is suppressed when one of its keys is here and what it tells happened at
    or before `cutoff_at`; what she does later makes her a new person.
    """
    return read_rows(con, sa.select(*SUPPRESSION.c["type", "key", "cutoff_at"]))


def read_suppressions(con: Connection) -> pa.Table:
    """Return every suppression whole, as `suppress` takes it."""
    return read_rows(con, sa.select(*checked_columns(SUPPRESSION)))
