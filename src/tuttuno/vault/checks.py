"""The checksum that every row of value carries, because SQLite's pages have none.

CRC-32 over the MessagePack form of the stored values. A CRC finds every flip of a single bit,
and of any run of up to 32, with certainty; other damage goes unseen once in 4 * 10^9. It is a
guard against failing disks, not against people: who can write the row can write its checksum.
Nulls at the end are left out, so a column added later leaves old checksums valid.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

import msgspec
import sqlalchemy as sa

from tuttuno.vault.tables.columns import stored

_encode = msgspec.msgpack.Encoder().encode

Stored = int | float | str | None


def check_of(values: Sequence[Stored]) -> int:
    """Return the checksum of stored values, in the order of the table's columns.

    >>> check_of((7, "anna", None)) == check_of((7, "anna"))
    True
    >>> check_of((7, "anna")) == check_of((6, "anna"))
    False
    """
    if values and values[-1] is None:
        return check_of(values[:-1])
    return crc32(_encode(values))


def with_checks(rows: list[tuple[Stored, ...]]) -> list[tuple[Stored, ...]]:
    """Return each row with its checksum behind it; as `check_of`, without a call for each row."""
    return [(*row, check_of(row) if row[-1] is None else crc32(_encode(row))) for row in rows]


def checked_columns(table: sa.Table) -> list[sa.Column[Any]]:
    """Return the columns that the checksum covers: all others, in order."""
    return [column for column in table.columns if column.name != "check"]


def stored_row(table: sa.Table, values: Mapping[str, Any]) -> list[Stored]:
    """Return a whole row as the database will hold it, without its checksum."""
    return [stored(column, values.get(column.name)) for column in checked_columns(table)]
