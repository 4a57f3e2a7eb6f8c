"""One row at a time, its checksum always in step with its values."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from tuttuno.vault.checks import check_of, checked_columns, stored_row


def add_row(con: Connection, table: sa.Table, values: Mapping[str, Any]) -> None:
    """Add one row; columns that are absent are null."""
    check = check_of(stored_row(table, values))
    con.execute(sa.insert(table).values({**values, "check": check}))


def find_row(con: Connection, table: sa.Table, key: Mapping[str, Any]) -> RowMapping | None:
    """Return the row with this key, or None."""
    return con.execute(sa.select(table).where(*_is(table, key))).mappings().one_or_none()


def change_row(
    con: Connection, table: sa.Table, key: Mapping[str, Any], changes: Mapping[str, Any]
) -> bool:
    """Change one row; False when there is none with this key."""
    wanted = sa.select(*checked_columns(table)).where(*_is(table, key)).with_for_update()
    row = con.execute(wanted).mappings().one_or_none()
    if row is None:
        return False
    check = check_of(stored_row(table, {**row, **changes}))
    con.execute(sa.update(table).where(*_is(table, key)).values({**changes, "check": check}))
    return True


def _is(table: sa.Table, key: Mapping[str, Any]) -> list[sa.ColumnElement[bool]]:
    return [table.c[name] == value for name, value in key.items()]
