"""The SQL text that DuckDB is given beside compiled expressions: scans, casts, copies."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import ibis
import ibis.expr.datatypes as dt
from ibis.backends.sql.datatypes import DuckDBType
from ibis.expr.operations import Relation

from tuttuno.engine.port import ParquetFiles

#: Rows of a Parquet row group: what a scan reads at a time.
GROUP_ROWS = 122_880

#: The same where rows are sorted: what a look-up reads at least. It takes two fifths of the time
#: that it takes with the groups above, and a scan a seventh more.
SORTED_GROUP_ROWS = 20_480

#: Compiled expressions that are remembered.
MOST = 1_024

#: Spark has a function of this name; expressions use it to read the clock on the wall.
FROM_UTC_TIMESTAMP = (
    "CREATE MACRO from_utc_timestamp(moment, zone) AS timezone(zone, timezone('UTC', moment))"
)

#: Counts the files that hold each column; takes the list of files.
COLUMNS_HELD = "SELECT name, count(DISTINCT file_name) FROM parquet_schema(?) GROUP BY name"


def compiled(expr: ibis.Table) -> str:
    """Return DuckDB's SQL of an expression; equal expressions are compiled once."""
    return _compiled(expr.op())


@lru_cache(maxsize=MOST)
def _compiled(asked: Relation) -> str:
    return str(ibis.to_sql(asked.to_expr(), dialect="duckdb", pretty=False))


def recast(relation: str, schema: ibis.Schema) -> str:
    """Select every column in its declared type: DuckDB's own may differ (a sum is HUGEINT)."""
    return _select([_cast(name(each), each, dtype) for each, dtype in schema.items()], relation)


def scan(source: ParquetFiles, held: Mapping[str, int]) -> str:
    """Select a table version from its files.

    Args:
        source: The files; at least one.
        held: How many of the files hold each column.
    """
    stored = [each for each in source.schema if each not in source.partition]
    everywhere = all(held.get(each, 0) == len(source.files) for each in stored)
    options = {
        "hive_partitioning": "true" if source.partition else "false",
        # Opens every file for every query, so only when files differ.
        "union_by_name": "false" if everywhere else "true",
    }
    if source.partition:
        types = ", ".join(
            f"{text(each)}: {typed(source.schema[each])}" for each in source.partition
        )
        options["hive_types"] = f"{{{types}}}"
    if source.file_column:
        options["filename"] = text(source.file_column)
    if source.row_column:
        options["file_row_number"] = "true"
    chosen = _options(options)
    files = ", ".join(text(file) for file in source.files)
    absent = {each for each in stored if each not in held}
    return _select(
        [
            _cast("NULL" if each in absent else _read(source, each), each, dtype)
            for each, dtype in source.shown.items()
        ],
        f"read_parquet([{files}], {chosen})",
    )


def nothing(schema: ibis.Schema) -> str:
    """Select no rows of a schema."""
    columns = [_cast("NULL", each, dtype) for each, dtype in schema.items()]
    return _select(columns, "range(0)")


def copy(query: str, folder: str, *, run: str, partition: Sequence[str], group_rows: int) -> str:
    """Copy rows to new files of a folder, whose names start with `run`."""
    options = [
        "FORMAT parquet",
        "COMPRESSION zstd",
        "COMPRESSION_LEVEL 1",  # the third is no smaller on sale lines, and takes longer
        "WRITE_BLOOM_FILTER false",  # nothing here is looked up by a key that is not sorted by
        f"ROW_GROUP_SIZE {group_rows}",
        "RETURN_STATS true",
    ]
    target = f"{folder}/{run}.parquet"
    if partition:
        target = folder
        options += [f"PARTITION_BY ({names(partition)})", "APPEND true"]
        options += [f"FILENAME_PATTERN '{run}-{{uuid}}'"]
    return f"COPY ({query}) TO {text(target)} ({', '.join(options)})"


def read_csv(file: str, columns: Sequence[str], delimiter: str, quote: str, longest: int) -> str:
    """Select every column of a well-formed CSV file with a header as text, empty as null."""
    types = ", ".join(f"{text(column)}: 'VARCHAR'" for column in columns)
    options = {
        "auto_detect": "false",
        "header": "true",
        "delim": text(delimiter),
        "quote": text(quote),
        "escape": text(quote),
        "nullstr": "''",
        "compression": "'none'",
        "strict_mode": "true",
        "max_line_size": str(max(longest + 1, 2_097_152)),
        "columns": f"{{{types}}}",
    }
    return f"FROM read_csv({text(file)}, {_options(options)})"


def read_as_text(file: str, stored: Sequence[str], columns: Sequence[str]) -> str:
    """Select the columns of a Parquet file as text under other names, empty as null."""
    chosen = [
        f"nullif(CAST({name(of)} AS VARCHAR), '') AS {name(column)}"
        for of, column in zip(stored, columns, strict=True)
    ]
    return _select(chosen, f"read_parquet([{text(file)}])")


def copy_in_order(query: str, file: str) -> str:
    """Copy rows to one Parquet file that is soon read again and thrown away."""
    return f"COPY ({query}) TO {text(file)} (FORMAT parquet, COMPRESSION snappy)"


def typed(dtype: dt.DataType) -> str:
    """Return DuckDB's name of a type."""
    return str(DuckDBType.to_string(dtype))


def name(identifier: str) -> str:
    """Quote an identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def names(identifiers: Sequence[str]) -> str:
    """Quote identifiers, a comma between them."""
    return ", ".join(name(each) for each in identifiers)


def text(value: str) -> str:
    """Quote a text, where the grammar takes no parameter."""
    return "'" + value.replace("'", "''") + "'"


def _cast(value: str, identifier: str, dtype: dt.DataType) -> str:
    return f"CAST({value} AS {typed(dtype)}) AS {name(identifier)}"


def _read(source: ParquetFiles, column: str) -> str:
    if column == source.row_column:
        return "file_row_number"
    value = name(column)
    return f"parse_filename({value})" if column == source.file_column else value


def _options(options: Mapping[str, str]) -> str:
    return ", ".join(f"{option} = {value}" for option, value in options.items())


def _select(columns: Sequence[str], relation: str) -> str:
    return " ".join(["SELECT", ", ".join(columns), "FROM", relation])
