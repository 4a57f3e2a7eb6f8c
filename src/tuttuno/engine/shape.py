"""Arrow results in the types that the expression promises, whatever the driver made of them."""

from collections.abc import Iterable, Iterator

import ibis
import pyarrow as pa


def arrow_schema(schema: ibis.Schema) -> pa.Schema:
    """Return the Arrow schema of results: the expression's types, every column nullable."""
    return pa.schema([pa.field(name, dtype.to_pyarrow()) for name, dtype in schema.items()])


def typed(table: pa.Table) -> pa.Table:
    """Return a table that an engine can hold: a column of nothing but nulls becomes text."""
    fields = [
        field.with_type(pa.string()) if pa.types.is_null(field.type) else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))


def shaped(table: pa.Table, schema: ibis.Schema) -> pa.Table:
    """Return a driver's table with the names and types of the expression."""
    wanted = arrow_schema(schema)
    if table.schema.equals(wanted):
        return table
    columns = [
        _shaped(column, field.type) for column, field in zip(table.columns, wanted, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=wanted)


def shaped_batches(
    batches: Iterable[pa.RecordBatch], schema: ibis.Schema
) -> Iterator[pa.RecordBatch]:
    """Do the same to batches on their way."""
    for batch in batches:
        yield from shaped(pa.Table.from_batches([batch]), schema).to_batches()


def _shaped(column: pa.ChunkedArray, dtype: pa.DataType) -> pa.ChunkedArray:
    if column.type == dtype:
        return column
    if pa.types.is_null(dtype):
        return pa.chunked_array([pa.nulls(len(column))])
    return column.cast(dtype)
