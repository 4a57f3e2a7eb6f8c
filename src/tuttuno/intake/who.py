"""Whom a row speaks of: surrogates of records and identifiers, from their distinct values.

Millions of lines name far fewer persons. So the distinct names are brought here once,
normalised and hashed, and the surrogates are joined back; no line is touched one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from ibis.expr.types import StringValue

from tuttuno.engine.keyed import keyed_all
from tuttuno.intake.shapes import Shape
from tuttuno.schema.normal import normalise_many
from tuttuno.vocab import IdentifierType

_TEXT = pa.string()
_APART = "\x1f"

#: What is known of one naming; one row per distinct one.
NAMED = pa.schema([("source", _TEXT), ("who", _TEXT), ("record_id", _TEXT), ("record_key", _TEXT)])
#: What ties a record to a value.
TIES = pa.schema([("record_key", _TEXT), ("type", _TEXT), ("value", _TEXT), ("value_key", _TEXT)])


@dataclass(frozen=True, slots=True)
class Naming:
    """What some rows say about persons.

    Attributes:
        named: `NAMED`.
        ties: `TIES`.
    """

    named: pa.Table
    ties: pa.Table


def who_of(rows: ibis.Table, shape: Shape) -> StringValue:
    """One text for everything that decides which record a row belongs to; null: nobody.

    The source's own key settles it alone; otherwise it takes all identifiers together.
    """
    others = [rows[name] for name in shape.who if name != "record_id"]
    own = ibis.literal("=") + rows.record_id
    if not others:
        return own
    parts = [rows.country_here, *(other.fill_null("") for other in others)]
    glued = ibis.literal(_APART).join(parts)
    anyone = ibis.or_(*(other.notnull() for other in others))
    return ibis.ifelse(rows.record_id.notnull(), own, ibis.ifelse(anyone, glued, ibis.null(str)))


def namings(rows: ibis.Table, shape: Shape) -> ibis.Table:
    """The distinct ways in which rows name persons, with every identifier they show.

    Records themselves are left to name their identifiers one by one: no two are alike.
    """
    named = rows.mutate(who=who_of(rows, shape))
    columns = ["source", "who", "country_here", "record_id", *_shown(shape)]
    return named.filter(named.who.notnull()).select(*columns).distinct()


def resolved(batch: pa.RecordBatch, shape: Shape, key: bytes) -> Naming:
    """Give surrogates to a batch of `namings`.

    A row that names nobody who can be compared (`test@test.it`) is left out: it is anonymous.
    """
    implied = [
        pc.binary_join_element_wise(kind_of(shape, name).value, _normal(batch, shape, name), ":")
        for name in shape.who
        if name != "record_id"
    ]
    record_id = pc.coalesce(batch["record_id"], *implied)
    text = pc.binary_join_element_wise("record", batch["source"], record_id, "|")
    record_key = keyed_all(key, text)
    named = pa.table([batch["source"], batch["who"], record_id, record_key], schema=NAMED)
    return Naming(
        named=named.filter(pc.is_valid(record_key)),
        ties=ties_of(batch, shape, record_key, key, columns=_shown(shape)),
    )


def ties_of(
    rows: pa.RecordBatch | pa.Table,
    shape: Shape,
    records: pa.Array,
    key: bytes,
    *,
    columns: Sequence[str],
) -> pa.Table:
    """Tie the identifiers in some columns of rows to their records.

    Args:
        rows: With the columns, and `country_here`.
        shape: Of their table.
        records: The surrogate of each row's record; a row without one ties nothing.
        key: The project key.
        columns: Columns that carry identifiers.
    """
    ties = [_ties(rows, shape, name, records, key) for name in columns]
    return pa.concat_tables([TIES.empty_table(), *ties])


def value_keys(values: pa.Array, kind: IdentifierType, key: bytes) -> pa.Array:
    """Surrogates of identifier values as written; null for what cannot be compared."""
    return keyed_all(
        key, pc.binary_join_element_wise(kind.value, normalise_many(kind, values), "|")
    )


def kind_of(shape: Shape, column: str) -> IdentifierType:
    """The kind of identifier that a column carries."""
    kind = shape.table.columns[column].identifier
    if kind is None:
        raise ValueError(f"{column} of {shape.table.name} carries no identifier")
    return kind


def split_many(values: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Take lists with `|` between apart: positions in `values`, and the single values."""
    lists = pc.split_pattern(values, "|")
    return pc.list_parent_indices(lists), pc.utf8_trim_whitespace(pc.list_flatten(lists))


def _shown(shape: Shape) -> tuple[str, ...]:
    """Identifiers that events show of a record."""
    return () if shape.vault_decides else shape.identifiers


def _normal(batch: pa.RecordBatch, shape: Shape, name: str) -> pa.Array:
    return normalise_many(kind_of(shape, name), batch[name], batch["country_here"])


def _ties(
    rows: pa.RecordBatch | pa.Table, shape: Shape, name: str, records: pa.Array, key: bytes
) -> pa.Table:
    kind, raw, countries = kind_of(shape, name), _one(rows[name]), _one(rows["country_here"])
    if shape.table.columns[name].many:
        parents, raw = split_many(raw)
        records, countries = records.take(parents), countries.take(parents)
    values = normalise_many(kind, raw, countries)
    known = pc.and_(pc.is_valid(records), pc.is_valid(values))
    records, values = records.filter(known), values.filter(known)
    keys = keyed_all(key, pc.binary_join_element_wise(kind.value, values, "|"))
    return pa.table([records, pa.repeat(kind.value, len(values)), values, keys], schema=TIES)


def _one(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
