"""Chains of hashes: each entry seals all entries before it, so none can be changed unseen."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from tuttuno.vault.bulk import stored_rows
from tuttuno.vault.quick import quick

#: What the first entry follows.
START: Final = "0" * 64

_encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class Seal:
    """The last entry of a chain. Kept outside the database, it proves that nothing was cut off."""

    seq: int
    hash: str


def seal_of(con: Connection, table: sa.Table) -> Seal:
    """Return the seal of a chain as it is now; of an empty one, its start."""
    with quick(con) as sent:
        last = sent.row(_last_of(table))
    return Seal(0, START) if last is None else Seal(*last)


def linked(
    seal: Seal, entries: Iterable[Sequence[int | float | str | None]]
) -> Iterator[tuple[int, str, str]]:
    """Yield `seq`, `prev_hash` and `hash` of entries that continue a chain.

    Args:
        seal: The end of the chain so far.
        entries: Their stored values, in the order of the table, without those three.
    """
    seq, previous = seal.seq, seal.hash
    for entry in entries:
        seq += 1
        own = _hash(previous, seq, entry)
        yield seq, previous, own
        previous = own


def broken_links(con: Connection, table: sa.Table, known: Seal | None = None) -> Iterator[int]:
    """Yield the number of every entry that was changed, moved, added or removed.

    Args:
        con: Inside a transaction.
        table: `seq`, the values, `prev_hash` and `hash`.
        known: A seal taken earlier and kept elsewhere; without it an end that was cut off, or
            a chain that was made anew from some point on, cannot be told from a true one.
    """
    seq, previous = 0, START
    statement = sa.select(*table.columns).order_by(table.c.seq)
    for chunk in stored_rows(con, statement):
        for row in chunk:
            seq += 1
            number, values, follows, own = row[0], row[1:-2], row[-2], row[-1]
            whole = (number, follows, own) == (seq, previous, _hash(previous, number, values))
            if not whole or (known and number == known.seq and own != known.hash):
                yield number
            seq, previous = number, str(own)  # damage can make it anything
    if known and seq < known.seq:
        yield known.seq


@lru_cache
def _last_of(table: sa.Table) -> sa.Select[Any]:
    return sa.select(table.c.seq, table.c.hash).order_by(table.c.seq.desc()).limit(1)


def _hash(previous: str, seq: int, values: Sequence[Any]) -> str:
    return hashlib.sha256(previous.encode() + _encode((seq, *values))).hexdigest()
