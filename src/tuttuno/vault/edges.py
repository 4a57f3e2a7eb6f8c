"""Edges: the evidence that two records are, or are not, one person."""

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault.bulk import delete_keys, look_up, put_rows, read_rows
from tuttuno.vault.tables import EDGE

_COLUMNS = EDGE.c["a", "b", "kind", "weight", "evidence", "run"]


def put_edges(con: Connection, rows: pa.Table) -> None:
    """Keep edges; one between the same records and of the same kind is replaced.

    Args:
        con: Inside a transaction.
        rows: `a` and `b` (record numbers, `a` the smaller), `kind`, `weight` (bits of
            evidence; negative: against), `evidence` (JSON text or null), `run`.
    """
    put_rows(con, EDGE, rows)


def read_edges(con: Connection) -> pa.Table:
    """Return all edges."""
    return read_rows(con, sa.select(*_COLUMNS))


def edges_of(con: Connection, record_nos: pa.Array) -> pa.Table:
    """Return the edges that touch any of the records, each once."""
    found = [look_up(con, record_nos, end, *_COLUMNS) for end in EDGE.c["a", "b"]]
    edges = pa.concat_tables(found).drop_columns("position")
    return edges.group_by(edges.column_names).aggregate([])


def drop_edges(con: Connection, record_nos: pa.Array) -> int:
    """Forget the edges that touch any of the records; return how many."""
    known = [look_up(con, record_nos, end, EDGE.c.kind).num_rows for end in EDGE.c["a", "b"]]
    return sum(delete_keys(con, end, record_nos) for end in EDGE.c["a", "b"]) if any(known) else 0


def clear_edges(con: Connection) -> None:
    """Forget all edges."""
    con.execute(sa.delete(EDGE))
