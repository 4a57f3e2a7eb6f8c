"""Block keys: coarse keys under which identity finds records that look alike."""

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault.bulk import delete_keys, insert_rows, look_up, one_array, read_rows
from tuttuno.vault.tables import BLOCK_KEY

#: Records of which it is asked first whether there is anything to delete.
_FEW = 500

_COLUMNS = BLOCK_KEY.c["record_no", "key64"]


def put_block_keys(con: Connection, rows: pa.Table) -> None:
    """Replace all keys of records.

    Args:
        con: Inside a transaction.
        rows: `record_no`, `key64`, each pair once; a row without a key only forgets the
            record's keys.
    """
    records = one_array(rows["record_no"]).unique()
    if look_up(con, records.slice(0, _FEW), BLOCK_KEY.c.record_no, BLOCK_KEY.c.key64).num_rows or (
        len(records) > _FEW
    ):
        delete_keys(con, BLOCK_KEY.c.record_no, records)
    insert_rows(con, BLOCK_KEY, rows.filter(pc.is_valid(rows["key64"])))


def block_keys_of(con: Connection, record_nos: pa.Array | None = None) -> pa.Table:
    """Return `record_no`, `key64` of some records, or of all."""
    if record_nos is None:
        return read_rows(con, sa.select(*_COLUMNS))
    return look_up(con, record_nos, BLOCK_KEY.c.record_no, *_COLUMNS).drop_columns("position")


def records_with_block_keys(con: Connection, keys: pa.Array) -> pa.Table:
    """Return `record_no`, `key64` of every record that has one of the keys."""
    return look_up(con, keys, BLOCK_KEY.c.key64, *_COLUMNS).drop_columns("position")
