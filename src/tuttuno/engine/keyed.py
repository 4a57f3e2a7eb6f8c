"""Surrogates in bulk: each distinct text is hashed once, here and never in an engine.

The project key stays in this process; no engine's statements, plans or logs ever hold it.
"""

import ibis
import pyarrow as pa
import pyarrow.compute as pc

from tuttuno.engine.port import Engine
from tuttuno.schema.keyed import keyed_by


def keyed_all(key: bytes, texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return the surrogate of each text, as `schema.keyed.keyed` would; of null, null."""
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    encoded = pc.dictionary_encode(texts)
    surrogate = keyed_by(key)
    distinct = encoded.dictionary.to_pylist()
    hashed = pa.array([surrogate(text) for text in distinct], pa.string())
    return hashed.take(encoded.indices)


def key_table(engine: Engine, name: str, texts: ibis.Table, key: bytes) -> ibis.Table:
    """Make a table of texts and their surrogates readable under a name, to be joined with.

    Args:
        engine: Where the texts are and the table goes.
        name: Of the table; its columns are that of `texts` and `key`.
        texts: One column; nulls are left out, and each text is in the table once.
        key: The project key.
    """
    (column,) = texts.columns
    found = engine.run(texts.filter(texts[column].notnull()).distinct())[column]
    table = {column: found.combine_chunks(), "key": keyed_all(key, found)}
    engine.bind(name, pa.table(table))
    return ibis.table({column: "!string", "key": "!string"}, name=name)
