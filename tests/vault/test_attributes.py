"""Attributes: columns nobody declared are kept beside the row they came with."""

import pyarrow as pa

from tests.vault.rows import key
from tuttuno.vault.attributes import attributes_of, put_attributes


def undeclared(grain, payload):
    row = {"table": "sales", "source": "shop", "grain": grain, "payload": payload}
    return pa.Table.from_pylist([{**row, "record_key": key("crm|7"), "batch": 1}])


def test_undeclared_columns_are_found_by_the_row_they_came_with(vault):
    with vault.begin() as con:
        put_attributes(con, undeclared("17|1", '{"colour": "red"}'))
        put_attributes(con, undeclared("17|2", '{"colour": "blue"}'))
        put_attributes(con, undeclared("17|1", '{"colour": "green", "size": 38}'))
        assert attributes_of(con, "sales", "shop", "17|1") == {"colour": "green", "size": 38}
        assert attributes_of(con, "sales", "shop", "17|2") == {"colour": "blue"}
        assert attributes_of(con, "sales", "till", "17|1") == {}
