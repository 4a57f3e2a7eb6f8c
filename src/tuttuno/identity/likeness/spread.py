"""Pairs weighed by an engine, on as many machines as it has."""

from functools import partial

import ibis
import numpy as np
import pyarrow as pa

from tuttuno.engine.port import Engine
from tuttuno.identity.likeness.compare import Weighed, weigh
from tuttuno.identity.likeness.kept import KeptModel
from tuttuno.identity.likeness.look import Pairs, of_all
from tuttuno.identity.likeness.texts import COLUMNS

#: Pairs below which this process is done before an engine has sent them anywhere.
_FEW = 1_000_000

#: What is compared; numbers and keys of records stay here.
_TOLD = COLUMNS[2:]
_RECORDS, _PAIRS = "likeness_record", "likeness_pair"
#: Begin the columns of one record and of the other, and those of what a field adds and shows.
_ONE, _OTHER, _PART, _LEVEL = "one_", "other_", "part_", "level_"


def weighed_by(
    engine: Engine, kept: KeptModel, rows: pa.Table, pairs: Pairs, *, few: int = _FEW
) -> Weighed:
    """Weigh pairs of positions as `of_all` does, where the engine has its machines.

    The records lie in the engine's scratch folder meanwhile, and nowhere afterwards.

    Args:
        engine: Where.
        kept: The model.
        rows: Records with `texts.COLUMNS`.
        pairs: Positions in them.
        few: Pairs below which they are weighed in this process.
    """
    one, other = pairs
    if len(one) <= few:
        return of_all(kept, rows, pairs)
    at = pa.array(np.arange(rows.num_rows))
    try:
        record = engine.bind(_RECORDS, rows.select(_TOLD).append_column("at", at))
        pair = engine.bind(_PAIRS, pa.table({"one": one, "other": other}))
        found = engine.each(_beside(pair, record), partial(_weighed, kept), _schema(kept))
    finally:
        engine.drop(_RECORDS)
        engine.drop(_PAIRS)
    found = found.sort_by([("one", "ascending"), ("other", "ascending")])
    return Weighed(
        found["one"].to_numpy(),
        found["other"].to_numpy(),
        {name: found[_PART + name].to_numpy() for name in _parts(kept)},
        found["weight"].to_numpy(),
        found["near"].to_numpy(),
        {name: found[_LEVEL + name].to_numpy() for name in kept.model.fields},
    )


def _beside(pair: ibis.Table, record: ibis.Table) -> ibis.Table:
    """Each pair with all that its two records tell."""
    for side, name in ((_ONE, "one"), (_OTHER, "other")):
        told = record.rename({f"{side}{column}": column for column in (*_TOLD, "at")})
        pair = pair.join(told, pair[name] == told[f"{side}at"]).drop(f"{side}at")
    return pair


def _weighed(kept: KeptModel, beside: pa.Table) -> pa.Table:
    """Weigh the pairs of some rows; runs wherever the engine wants it."""
    sides = [
        beside.select([f"{side}{column}" for column in _TOLD]).rename_columns(list(_TOLD))
        for side in (_ONE, _OTHER)
    ]
    place = np.arange(beside.num_rows)
    found = weigh(kept, pa.concat_tables(sides), place, place + beside.num_rows)
    columns = {
        "one": beside["one"],
        "other": beside["other"],
        "weight": found.weight,
        "near": found.near,
        **{_PART + name: bits for name, bits in found.parts.items()},
        **{_LEVEL + name: level for name, level in found.levels.items()},
    }
    return pa.table(columns)


def _parts(kept: KeptModel) -> tuple[str, ...]:
    return (*kept.model.fields, "around", "household", "prior")


def _schema(kept: KeptModel) -> ibis.Schema:
    return ibis.schema(
        {
            "one": "int64",
            "other": "int64",
            "weight": "float64",
            "near": "boolean",
            **{_PART + name: "float64" for name in _parts(kept)},
            **{_LEVEL + name: "int8" for name in kept.model.fields},
        }
    )
