"""What rows say of persons, on its way into the vault: records, identifiers, attributes."""

from collections.abc import Iterator
from typing import Any

import ibis
import msgspec
import pyarrow as pa

from tuttuno.engine.port import Engine
from tuttuno.intake.arrival import Arrival
from tuttuno.intake.surrogates import Surrogates
from tuttuno.vault.attributes import put_attributes
from tuttuno.vault.identifiers import Origin, add_identifiers
from tuttuno.vault.records import add_stubs
from tuttuno.vault.vault import Connection

#: Rows handed to the vault at a time.
CHUNK = 262_144


def keep_evidence(con: Connection, engine: Engine, found: Surrogates, batch: int) -> None:
    """Make sure that every record named exists, and tie to it what events show of it."""
    named = found.named.select("record_key", "source", "record_id").distinct()
    for rows in tables(engine, named.order_by("record_key")):
        add_stubs(con, rows.append_column("batch", numbers(batch, rows)))
    ties = found.ties.distinct().order_by("record_key")
    for rows in tables(engine, ties):
        tied = rows.append_column("batch", numbers(batch, rows))
        add_identifiers(con, tied, origin=Origin.EVENT)


def keep_attributes(con: Connection, engine: Engine, rows: ibis.Table, arrival: Arrival) -> None:
    """Keep the columns that nobody declared, and those that no table of the lake may hold."""
    table = arrival.shape.table
    held = ["extra", *(["properties"] if "properties" in table.columns else [])]
    said = rows.filter(ibis.or_(*(rows[name].notnull() for name in held)))
    grain = [name for name in table.grain if name != "source"]
    has_source = "source" in table.columns
    columns = said.select(
        source=said.source if has_source else ibis.literal(arrival.source),
        grain=ibis.literal("|").join([said[name].cast(str) for name in grain]),
        batch=said.batch,
        record_key=said.record_key if "record_key" in said.columns else ibis.null(str),
        **{name: said[name] for name in held},
    )
    for found in tables(engine, columns):
        payload = pa.array(
            [_payload(*row) for row in zip(*(found[n].to_pylist() for n in held), strict=True)]
        )
        kept = found.select(["source", "grain", "record_key", "batch"])
        kept = kept.append_column("table", pa.array([table.name] * len(kept), pa.string()))
        put_attributes(con, kept.append_column("payload", payload))


def tables(engine: Engine, expr: ibis.Table) -> Iterator[pa.Table]:
    """Bring rows here in tables of at most `CHUNK` rows; an empty result is no table."""
    waiting: list[pa.RecordBatch] = []
    for batch in engine.stream(expr):
        waiting.append(batch)
        if sum(each.num_rows for each in waiting) >= CHUNK:
            yield pa.Table.from_batches(waiting).combine_chunks()
            waiting.clear()
    if sum(each.num_rows for each in waiting):
        yield pa.Table.from_batches(waiting).combine_chunks()


def one(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece."""
    return column.combine_chunks()


def numbers(value: int, rows: pa.Table) -> pa.Array:
    """The same number for every row."""
    return pa.repeat(pa.scalar(value, pa.int64()), rows.num_rows)


def _payload(extra: str | None, properties: str | None = None) -> str:
    """Undeclared columns as a document without nulls, `properties` among them."""
    document: dict[str, Any] = msgspec.json.decode(extra) if extra else {}
    kept = {name: value for name, value in document.items() if value is not None}
    if properties is not None:
        kept["properties"] = _decoded(properties)
    return msgspec.json.encode(kept).decode()


def _decoded(text: str) -> Any:
    """A JSON document; the bare text where only the engine took it for one."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
