"""Surrogates of the persons, cards and devices that the rows of one file speak of."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from tuttuno.engine.port import Engine, ParquetFiles
from tuttuno.intake.shapes import Shape
from tuttuno.intake.who import NAMED, TIES, kind_of, namings, resolved, value_keys, who_of

_KEYS = pa.schema([("raw", pa.string()), ("surrogate", pa.string())])


@dataclass(frozen=True, slots=True)
class Surrogates:
    """What was found out about persons, as files in the scratch folder.

    Attributes:
        named: `who.NAMED` of everybody who is named, perhaps more than once.
        ties: `who.TIES`.
        keys: Lake column -> `raw, surrogate` of its distinct values; `surrogate` is null for
            what cannot be compared.
    """

    named: ibis.Table
    ties: ibis.Table
    keys: Mapping[str, ibis.Table]


def surrogates_of(
    engine: Engine, rows: ibis.Table, shape: Shape, *, key: bytes, scratch: Path
) -> Surrogates:
    """Bring the distinct names and identifiers of rows here, and give them surrogates."""
    scratch.mkdir(parents=True, exist_ok=True)
    named, ties = scratch / "named.parquet", scratch / "ties.parquet"
    with pq.ParquetWriter(named, NAMED) as names, pq.ParquetWriter(ties, TIES) as pairs:
        if shape.who:
            for batch in engine.stream(namings(rows, shape)):
                found = resolved(batch, shape, key)
                names.write_table(found.named)
                pairs.write_table(found.ties)
    return Surrogates(
        named=_bound(engine, "intake_named", named, NAMED),
        ties=_bound(engine, "intake_ties", ties, TIES),
        keys={
            column: _key_table(engine, rows, shape, column, key=key, scratch=scratch)
            for column in shape.keys
        },
    )


def with_surrogates(rows: ibis.Table, shape: Shape, found: Surrogates) -> ibis.Table:
    """Add `record_key` and the table's other surrogates to rows; null where there is none."""
    kept = list(rows.columns)
    if shape.who:
        named = found.named.select("source", "who", "record_key").distinct()
        named = named.rename(named_source="source", named_who="who")
        rows = rows.mutate(who=who_of(rows, shape))
        rows = rows.left_join(
            named, [rows.source == named.named_source, rows.who == named.named_who]
        ).select(*kept, "record_key")
        kept.append("record_key")
    for column, raw in shape.keys.items():
        keys = found.keys[column].rename({column: "surrogate"})
        rows = rows.left_join(keys, rows[raw] == keys.raw).select(*kept, column)
        kept.append(column)
    return rows


def _key_table(
    engine: Engine, rows: ibis.Table, shape: Shape, column: str, *, key: bytes, scratch: Path
) -> ibis.Table:
    raw = shape.keys[column]
    kind = kind_of(shape, raw)
    path = scratch / f"{column}.parquet"
    distinct = rows.filter(rows[raw].notnull()).select(raw=rows[raw]).distinct()
    with pq.ParquetWriter(path, _KEYS) as writer:
        for batch in engine.stream(distinct):
            surrogate = value_keys(batch["raw"], kind, key)
            writer.write_table(pa.table([batch["raw"], surrogate], schema=_KEYS))
    return _bound(engine, f"intake_{column}", path, _KEYS)


def _bound(engine: Engine, name: str, path: Path, schema: pa.Schema) -> ibis.Table:
    return engine.bind(name, ParquetFiles((str(path),), ibis.Schema.from_pyarrow(schema)))
