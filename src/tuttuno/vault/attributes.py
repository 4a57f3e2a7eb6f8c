"""Attributes: columns that nobody declared; personal, so kept here, until declared harmless."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault.bulk import put_rows
from tuttuno.vault.tables import ATTRIBUTE


def put_attributes(con: Connection, rows: pa.Table) -> None:
    """Keep the undeclared columns of rows; those of the same grain are replaced.

    Args:
        con: Inside a transaction.
        rows: `table`, `source`, `grain` (the rest of the row's key, as text),
            `record_key` (null for an anonymous row), `payload` (JSON text), `batch`.
    """
    put_rows(con, ATTRIBUTE, rows)


def attributes_of(con: Connection, table: str, source: str, grain: str) -> Mapping[str, Any]:
    """Return the undeclared columns of one row; empty when it has none."""
    payload = con.scalar(
        sa.select(ATTRIBUTE.c.payload).where(
            ATTRIBUTE.c.table == table,
            ATTRIBUTE.c.source == source,
            ATTRIBUTE.c.grain == grain,
        )
    )
    found: Mapping[str, Any] = msgspec.json.decode(payload or "{}")
    return found
