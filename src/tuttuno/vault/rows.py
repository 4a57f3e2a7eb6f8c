"""One row at a time, its checksum always in step with its values."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from tuttuno.vault.checks import check_of, checked_columns, stored_row
from tuttuno.vault.quick import quick
from tuttuno.vault.tables.columns import stored


def add_row(con: Connection, table: sa.Table, values: Mapping[str, Any]) -> None:
    """Add one row; columns that are absent are null."""
    with quick(con) as sent:
        sent.add(table, stored_row(table, values))


def find_row(con: Connection, table: sa.Table, key: Mapping[str, Any]) -> RowMapping | None:
    """Return the row with this key, or None."""
    return con.execute(sa.select(table).where(*_is(table, key))).mappings().one_or_none()


def change_row(
    con: Connection, table: sa.Table, key: Mapping[str, Any], changes: Mapping[str, Any]
) -> bool:
    """Change one row; False when there is none with this key."""
    columns = checked_columns(table)
    place = {f"at_{name}": stored(table.c[name], value) for name, value in key.items()}
    new = {name: stored(table.c[name], value) for name, value in changes.items()}
    with quick(con) as sent:
        row = sent.row(_wanted(table, tuple(key)), **place)
        if row is None:
            return False
        whole = {column.name: value for column, value in zip(columns, row, strict=True)} | new
        told = {f"to_{name}": value for name, value in new.items()}
        changed = _changing(table, tuple(key), tuple(changes))
        sent.run(changed, **place, **told, to_check=check_of(list(whole.values())))
    return True


@lru_cache(maxsize=256)
def _wanted(table: sa.Table, key: tuple[str, ...]) -> sa.Select[Any]:
    return sa.select(*checked_columns(table)).where(*_at(table, key)).with_for_update()


@lru_cache(maxsize=256)
def _changing(table: sa.Table, key: tuple[str, ...], changes: tuple[str, ...]) -> sa.Update:
    new: dict[str, sa.BindParameter[Any]] = {
        name: sa.bindparam(f"to_{name}") for name in (*changes, "check")
    }
    return sa.update(table).where(*_at(table, key)).values(new)


def _at(table: sa.Table, key: tuple[str, ...]) -> list[sa.ColumnElement[bool]]:
    return [table.c[name] == sa.bindparam(f"at_{name}") for name in key]


def _is(table: sa.Table, key: Mapping[str, Any]) -> list[sa.ColumnElement[bool]]:
    return [table.c[name] == value for name, value in key.items()]
