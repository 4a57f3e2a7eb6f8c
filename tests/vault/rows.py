"""Rows for tests of the vault, as intake would hand them over."""

import hashlib
from datetime import UTC, datetime

import pyarrow as pa

from tuttuno.vault import identifiers, records

AT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def key(text):
    """A surrogate; which one does not matter to the vault."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def people(*ids, source="crm", batch=1, **columns):
    """One row of `people` for each record id."""
    count = len(ids)
    table = {
        "record_key": [key(f"{source}|{one}") for one in ids],
        "source": [source] * count,
        "record_id": list(ids),
        "content": [f"content of {one}" for one in ids],
        "batch": pa.array([batch] * count, pa.int64()),
    }
    return pa.table({**table, **columns})


def carried(*ties, source="crm", batch=1):
    """Rows of identifiers from `(record id, type, value)`."""
    ids, kinds, values = zip(*ties, strict=True) if ties else ((), (), ())
    names = [f"{kind}|{value}" for kind, value in zip(kinds, values, strict=True)]
    columns = {
        "record_key": [key(f"{source}|{one}") for one in ids],
        "type": list(kinds),
        "value": list(values),
        "value_key": [key(name) for name in names],
    }
    table = {name: pa.array(column, pa.string()) for name, column in columns.items()}
    return pa.table({**table, "batch": pa.array([batch] * len(ids), pa.int64())})


def keys(*ids, source="crm"):
    """Record keys of some record ids."""
    return pa.array([key(f"{source}|{one}") for one in ids], pa.string())


def fill(vault, *ties):
    """Keep the records named in `(record id, type, value)` with their identifiers."""
    ids = dict.fromkeys(one for one, _, _ in ties)
    with vault.begin() as con:
        records.insert_records(con, people(*ids))
        identifiers.add_identifiers(con, carried(*ties))


def ties_of(vault):
    """Who carries what now: `(record id, type, value)`."""
    with vault.read() as con:
        known = records.read_records(con, ["record_key", "record_id"])
        names = dict(zip(*(known[name].to_pylist() for name in known.column_names), strict=True))
        rows = identifiers.identifiers_of(con, known["record_key"].combine_chunks())
    return {(names[row["record_key"]], row["type"], row["value"]) for row in rows.to_pylist()}
