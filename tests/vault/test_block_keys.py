"""Block keys: replaced whole for each record, found from either side."""

import pyarrow as pa

from tuttuno.vault.block_keys import block_keys_of, put_block_keys, records_with_block_keys


def keyed(*rows):
    return pa.table(
        {
            "record_no": pa.array([record for record, _ in rows], pa.int64()),
            "key64": pa.array([key for _, key in rows], pa.int64()),
        }
    )


def seen(table):
    return sorted((row["record_no"], row["key64"]) for row in table.to_pylist())


def test_the_keys_of_a_record_are_replaced_whole(vault):
    with vault.begin() as con:
        put_block_keys(con, keyed((1, -5), (1, 6), (2, 6), (3, 7)))
        put_block_keys(con, keyed((1, 8), (3, None)))
        assert seen(block_keys_of(con)) == [(1, 8), (2, 6)]


def test_look_alikes_are_found_by_key(vault):
    with vault.begin() as con:
        put_block_keys(con, keyed((1, -5), (1, 6), (2, 6), (3, 7)))
        assert seen(records_with_block_keys(con, pa.array([6, 9]))) == [(1, 6), (2, 6)]
        assert seen(block_keys_of(con, pa.array([1, 3]))) == [(1, -5), (1, 6), (3, 7)]
