"""Many rows at once: Arrow tables into and out of the vault, a million rows in seconds.

Values go in and out as they are stored (see `tables.columns`), through the database's own
driver; the statements come from the tables' declarations.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeDecorator, TypeEngine

from tuttuno.vault import postgres
from tuttuno.vault.arrow import arrow_type, from_stored, to_stored, values_of
from tuttuno.vault.checks import checked_columns, with_checks
from tuttuno.vault.quick import complaints, quick

#: Rows that are handled at a time.
CHUNK: Final = 50_000

#: Keys up to which putting a look-up together would take longer than the look-up.
FEW: Final = 500


def insert_rows(con: Connection, table: sa.Table, rows: pa.Table) -> None:
    """Add rows, each with its checksum; a column that is absent is null."""
    insert_stored(con, table, _stored_chunks(table, _as_filed(table, rows)))


def insert_stored(
    con: Connection, table: sa.Table, chunks: Iterable[list[tuple[Any, ...]]]
) -> None:
    """Add whole rows as they are stored, checksum included, columns in the table's order."""
    if con.dialect.name == "postgresql":
        postgres.copy_rows(con, table, chain.from_iterable(chunks))
        return
    _execute_many(con, table, chunks)


def put_rows(con: Connection, table: sa.Table, rows: pa.Table) -> None:
    """Add rows, each in the place of the one with the same primary key, if there is one.

    For tables whose only key is the primary one: SQLite would clear the way by any other too.
    """
    if con.dialect.name == "postgresql":
        delete_rows(con, table, rows)
        insert_rows(con, table, rows)
        return
    _execute_many(con, table, _stored_chunks(table, _as_filed(table, rows)), replaces=True)


def delete_rows(con: Connection, table: sa.Table, rows: pa.Table) -> None:
    """Delete the rows with these primary keys; one that is not there is no mistake."""
    key = list(table.primary_key.columns)
    statement = sa.delete(table).where(*(column == sa.bindparam(column.name) for column in key))
    wanted = str(statement.compile(dialect=con.dialect))
    for start in range(0, rows.num_rows, CHUNK):
        part = rows.slice(start, CHUNK)
        places = list(zip(*(stored_values(part, column) for column in key), strict=True))
        _run_many(con, wanted, [column.name for column in key], places)


def read_rows(con: Connection, statement: sa.Select[Any]) -> pa.Table:
    """Return all rows of a query."""
    schema = _schema(statement)
    return pa.Table.from_batches(list(stream_rows(con, statement)), schema=schema)


def stream_rows(con: Connection, statement: sa.Select[Any]) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a query in batches; the memory used does not grow with their number."""
    columns = list(statement.selected_columns)
    schema = _schema(statement)
    whole = all(arrow_type(column) == pa.int64() for column in columns)
    for rows in stored_rows(con, statement):
        numbers = _integers(rows) if whole else None
        yield (
            _batch(rows, columns, schema)
            if numbers is None
            else pa.record_batch(numbers, schema=schema)
        )


def stored_rows(con: Connection, statement: sa.Select[Any]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows of a query in lists, as they are stored."""
    result = con.execute(_stored(statement), execution_options={"stream_results": True})
    try:
        first = result.fetchone()  # a server's cursor has handed SQLAlchemy this row already
        cursor: Any = result.cursor  # from here on past SQLAlchemy's rows: twice as fast
        if first is not None:
            yield [tuple(first), *cursor.fetchmany(CHUNK - 1)]
            while rows := cursor.fetchmany(CHUNK):
                yield rows
    except con.dialect.loaded_dbapi.Error as error:
        raise sa.exc.DBAPIError.instance(
            str(statement), None, error, con.dialect.loaded_dbapi.Error,
            hide_parameters=True, dialect=con.dialect,
        ) from error  # fmt: skip
    finally:
        result.close()


def key_table(con: Connection, keys: pa.Array) -> sa.Subquery:
    """Return keys (texts or integers) as a table of `position` (from 0) and `key` in a query."""
    numeric = pa.types.is_integer(keys.type)
    kind = sa.BigInteger() if numeric else sa.Text()
    if con.dialect.name == "postgresql":
        listed = sa.func.unnest(sa.literal(values_of(keys), ARRAY(kind)))
        table = listed.table_valued(sa.column("key", kind), with_ordinality="position")
        table = table.render_derived()
        position = sa.type_coerce(table.c.position, sa.BigInteger) - 1
        return sa.select(position.label("position"), table.c.key).subquery()
    return _json_table(_document(values_of(keys)), kind)


def _document(keys: Sequence[Any]) -> str:
    return msgspec.json.encode(keys).decode()


def _json_table(document: str | sa.BindParameter[str], kind: TypeEngine[Any]) -> sa.Subquery:
    table = sa.func.json_each(document).table_valued(
        sa.column("key", sa.BigInteger), sa.column("value", kind)
    )
    return sa.select(table.c.key.label("position"), table.c.value.label("key")).subquery()


def look_up(
    con: Connection,
    keys: pa.Array,
    key: sa.Column[Any],
    *wanted: sa.ColumnElement[Any],
    through: sa.FromClause | None = None,
) -> pa.Table:
    """Return `position` in `keys` and the wanted columns of every row whose `key` is one of them.

    Each key is looked up by the index of its column, in the order of the index.

    Args:
        con: Inside a transaction.
        keys: In any order; one that is there twice is answered twice.
        key: The column to look in.
        wanted: The columns to return.
        through: The joined tables that hold them, when it is not the table of `key` alone.
    """
    if len(keys) <= FEW and con.dialect.name == "sqlite":
        return _look_up_few(con, keys, key, wanted, through)
    order = pc.sort_indices(keys)
    found = []
    for start in range(0, max(len(keys), 1), CHUNK):
        part = order.slice(start, CHUNK)
        asked = key_table(con, keys.take(part))
        rows = read_rows(con, _looked_up(asked, key, wanted, through))
        found.append(rows.set_column(0, "position", part.take(rows["position"]).cast(pa.int64())))
    return pa.concat_tables(found)


def plain_rows(
    con: Connection,
    keys: Sequence[str] | Sequence[int],
    key: sa.Column[Any],
    *wanted: sa.ColumnElement[Any],
    through: sa.FromClause | None = None,
) -> list[tuple[Any, ...]]:
    """Return what `look_up` finds for a few keys as plain rows: `position`, then what is wanted.

    Values are as they are stored: a moment is its microseconds. No table is made of them, which
    would take longer than to find them.
    """
    numeric = bool(keys) and isinstance(keys[0], int)
    if con.dialect.name == "sqlite":
        return _sent(con, _prepared(con.dialect, numeric, key, wanted, through), keys)
    kind = pa.int64() if numeric else pa.string()
    statement = _looked_up(key_table(con, pa.array(keys, kind)), key, wanted, through)
    return [tuple(row) for row in con.execute(_stored(statement))]


class _Prepared(NamedTuple):
    """A look-up as it is sent, so that the next one like it need not be put together anew."""

    text: str
    columns: list[sa.ColumnElement[Any]]
    schema: pa.Schema


def _look_up_few(
    con: Connection,
    keys: pa.Array,
    key: sa.Column[Any],
    wanted: tuple[sa.ColumnElement[Any], ...],
    through: sa.FromClause | None,
) -> pa.Table:
    """Answer like `look_up`, five times as fast where the keys are few."""
    made = _prepared(con.dialect, pa.types.is_integer(keys.type), key, wanted, through)
    rows = _sent(con, made, values_of(keys))
    if not rows:
        return made.schema.empty_table()
    return pa.Table.from_batches([_batch(rows, made.columns, made.schema)])


@lru_cache(maxsize=256)
def _prepared(
    dialect: sa.Dialect,
    numeric: bool,  # noqa: FBT001 - a key of the cache
    key: sa.Column[Any],
    wanted: tuple[sa.ColumnElement[Any], ...],
    through: sa.FromClause | None,
) -> _Prepared:
    document = sa.bindparam("document", type_=sa.Text)
    asked = _json_table(document, sa.BigInteger() if numeric else sa.Text())
    statement = _looked_up(asked, key, wanted, through)
    columns = list(statement.selected_columns)
    position = columns[0]
    schema = _schema(statement).set(0, pa.field(position.name, pa.int64()))
    return _Prepared(str(_stored(statement).compile(dialect=dialect)), columns, schema)


def _sent(con: Connection, made: _Prepared, keys: Sequence[Any]) -> list[tuple[Any, ...]]:
    driver: Any = con.connection.driver_connection
    with complaints(con):
        rows: list[tuple[Any, ...]] = driver.execute(made.text, (_document(keys),)).fetchall()
    return rows


def _looked_up(
    asked: sa.Subquery,
    key: sa.Column[Any],
    wanted: tuple[sa.ColumnElement[Any], ...],
    through: sa.FromClause | None,
) -> sa.Select[Any]:
    source = key.table if through is None else through
    joined = asked.join(source, key == asked.c.key)
    return sa.select(asked.c.position, *wanted).select_from(joined)


def numbers_of(
    con: Connection, keys: pa.Array, key: sa.Column[Any], number: sa.Column[int]
) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return the number of the row with each key; -1 where there is none."""
    encoded = pc.dictionary_encode(keys)
    found = look_up(con, encoded.dictionary, key, number)
    numbers = np.full(len(encoded.dictionary), -1, np.int64)
    numbers[found["position"].to_numpy()] = found[number.name].to_numpy()
    spread: np.ndarray[Any, np.dtype[np.int64]] = numbers[encoded.indices.to_numpy()]
    return spread


def delete_keys(con: Connection, key: sa.Column[Any], keys: pa.Array) -> int:
    """Delete every row whose `key` is one of `keys`; return how many there were."""
    gone = 0
    for start in range(0, len(keys), CHUNK):
        asked = key_table(con, keys.slice(start, CHUNK))
        gone += con.execute(sa.delete(key.table).where(key.in_(sa.select(asked.c.key)))).rowcount
    return gone


def set_column(con: Connection, keys: pa.Array, column: sa.Column[Any], value: int) -> None:
    """Put one value into a column of the rows with these primary keys, checksums in step.

    No index is written but that of the column.
    """
    table = column.table
    columns = checked_columns(table)
    (key,) = table.primary_key.columns
    at, place = columns.index(key), columns.index(column)
    for start in range(0, len(keys), CHUNK):
        asked = key_table(con, keys.slice(start, CHUNK))
        wanted = sa.select(*columns).select_from(asked.join(table, key == asked.c.key))
        found = chain.from_iterable(stored_rows(con, wanted))
        rows = with_checks([(*row[:place], value, *row[place + 1 :]) for row in found])
        told = [(value, row[-1], row[at]) for row in rows]
        _run_many(con, _setting(con.dialect, column), ("to", "sum", "at"), told)


def _run_many(
    con: Connection, text: str, names: Sequence[str], values: Sequence[tuple[Any, ...]]
) -> None:
    """Send a statement once for each tuple of the values of its parameters."""
    if not values:
        return
    if con.dialect.positional:
        con.exec_driver_sql(text, list(values))
    else:
        con.exec_driver_sql(text, [dict(zip(names, each, strict=True)) for each in values])


@lru_cache(maxsize=64)
def _setting(dialect: sa.Dialect, column: sa.Column[Any]) -> str:
    (key,) = column.table.primary_key.columns
    new: dict[str, sa.BindParameter[Any]] = {
        column.name: sa.bindparam("to"),
        "check": sa.bindparam("sum"),
    }
    changed = sa.update(column.table).where(key == sa.bindparam("at")).values(new)
    return str(changed.compile(dialect=dialect))


def stored_values(rows: pa.Table, column: sa.Column[Any]) -> list[Any]:
    """Return the values of a column as the vault stores them; all null where it is absent."""
    if column.name not in rows.column_names:
        return [None] * rows.num_rows
    return values_of(to_stored(one_array(rows[column.name]), column))


def one_array(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Return a column in one piece."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _stored_chunks(table: sa.Table, rows: pa.Table) -> Iterator[list[tuple[Any, ...]]]:
    columns = checked_columns(table)
    has_check = "check" in table.columns
    for start in range(0, rows.num_rows, CHUNK):
        part = rows.slice(start, CHUNK)
        lists = [stored_values(part, column) for column in columns]
        plain = list(zip(*lists, strict=True))
        yield with_checks(plain) if has_check else plain


def _execute_many(
    con: Connection,
    table: sa.Table,
    chunks: Iterable[list[tuple[Any, ...]]],
    *,
    replaces: bool = False,
) -> None:
    with quick(con) as sent:
        for chunk in chunks:
            sent.send_many(table, chunk, replaces=replaces)


def _as_filed(table: sa.Table, rows: pa.Table) -> pa.Table:
    """Sort rows by the key that their table is filed under.

    In any other order each row lands on another page, and it takes twice as long.
    """
    if table.dialect_options["sqlite"]["with_rowid"]:
        return rows
    key = [(column.name, "ascending") for column in table.primary_key.columns]
    return rows.sort_by(key)


def _stored(statement: sa.Select[Any]) -> sa.Select[Any]:
    plain = [_as_stored(column) for column in statement.selected_columns]
    return statement.with_only_columns(*plain, maintain_column_froms=True)


def _as_stored(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    kind = column.type
    return sa.type_coerce(column, kind.impl) if isinstance(kind, TypeDecorator) else column


def _schema(statement: sa.Select[Any]) -> pa.Schema:
    return pa.schema(
        [
            pa.field(column.name, arrow_type(column), nullable=getattr(column, "nullable", True))
            for column in statement.selected_columns
        ]
    )


def _integers(rows: list[tuple[Any, ...]]) -> list[pa.Array] | None:
    """Return columns of whole numbers, several times as fast as any other; None at a null."""
    width = len(rows[0])
    try:
        flat = np.fromiter(chain.from_iterable(rows), np.int64, len(rows) * width)
    except TypeError:
        return None
    return [pa.array(np.ascontiguousarray(column)) for column in flat.reshape(-1, width).T]


def _batch(
    rows: list[tuple[Any, ...]], columns: list[sa.ColumnElement[Any]], schema: pa.Schema
) -> pa.RecordBatch:
    lists = zip(*rows, strict=True)
    arrays = [from_stored(values, column) for values, column in zip(lists, columns, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
