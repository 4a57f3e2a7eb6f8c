"""Rows that are there already, older or newer versions of them, and rows that contradict.

For each grain the rules are: the same content is a duplicate; a later `updated_at` is a new
version and replaces; an earlier one is an older version and counts as a duplicate; other content
with an equal or without any `updated_at` is a contradiction, and whoever came first stays. The
order in which versions arrive, and how they are spread over files, does not change the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import ibis
from ibis.expr.types import IntegerValue

from tuttuno.engine.port import Engine

_FILE, _STORE = 1, 0


class Verdict(StrEnum):
    """Why a good row is not simply added."""

    DUPLICATE = "duplicate"  # the same content is there
    OLDER = "older"  # a later version is there
    CONFLICT = "same_key_other_content"  # other content is there, and nothing says which is later
    CORRECTION = "correction"  # replaces what is there


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What is known of the rows that meet others of their grain.

    Attributes:
        table: `row, verdict`, bound in the engine; rows that are simply new are absent.
        counts: How many rows have each verdict.
    """

    table: ibis.Table
    counts: dict[Verdict, int]


def fingerprint(rows: ibis.Table, columns: Sequence[str]) -> IntegerValue:
    """64 bits of some columns; null is a value like another."""
    return ibis.struct({name: rows[name] for name in columns}).hash()


def contested(engine: Engine, name: str, rows: ibis.Table, known: ibis.Table) -> ibis.Table | None:
    """Find fingerprints of grains that occur twice; None when every row is alone.

    Args:
        engine: Where it runs.
        name: Under which the result is kept.
        rows: `grain`, a fingerprint, of the rows that arrive.
        known: `grain` of the rows that are there.
    """
    twice = rows.group_by("grain").having(ibis._.count() > 1).agg(n=ibis._.count()).select("grain")
    met = rows.semi_join(known, "grain").select("grain")
    found = engine.keep(name, ibis.union(twice, met, distinct=True))
    return found if engine.run(found.limit(1)).num_rows else None


def judge(
    engine: Engine, name: str, rows: ibis.Table, known: ibis.Table, *, key: Sequence[str]
) -> Verdicts:
    """Decide on rows whose grain occurs more than once.

    Args:
        engine: Where it runs.
        name: Under which the result is kept.
        rows: `row`, the key columns, `content` and `updated_at` of the rows that arrive.
        known: The key columns, `content` and `updated_at` of the rows that are there; at most
            one of a key.
        key: What identifies a row.
    """
    table = engine.keep(name, _verdicts(rows, known, tuple(key)))
    counted = engine.run(table.group_by("verdict").agg(rows=table.count())).to_pylist()
    return Verdicts(table, {Verdict(each["verdict"]): each["rows"] for each in counted})


def _verdicts(rows: ibis.Table, known: ibis.Table, key: tuple[str, ...]) -> ibis.Table:
    columns = [*key, "content", "updated_at"]
    arrived = rows.select("row", *columns, origin=ibis.literal(_FILE, "int8"))
    there = known.select(row=ibis.literal(0, "int64"), **{name: known[name] for name in columns})
    there = there.mutate(origin=ibis.literal(_STORE, "int8"))
    both = ibis.union(arrived, there)
    same = ibis.window(group_by=[*key, "content"], order_by=["origin", "row"])
    numbered = both.mutate(nth=ibis.row_number().over(same))
    heads = numbered.filter(numbered.nth == 0).drop("nth")
    repeats = numbered.filter((numbered.nth > 0) & (numbered.origin == _FILE))
    return ibis.union(
        repeats.select("row", verdict=ibis.literal(Verdict.DUPLICATE.value)),
        _between_versions(heads, key),
    )


def _between_versions(heads: ibis.Table, key: tuple[str, ...]) -> ibis.Table:
    """Judge rows of different content: who came first, and which is the newest."""
    grain = ibis.window(group_by=list(key), order_by=["origin", "row"])
    whole = ibis.window(group_by=list(key))
    heads = heads.mutate(nth=ibis.row_number().over(grain))
    dated = ibis.ifelse((heads.nth == 0) & heads.updated_at.notnull(), 1, 0)
    heads = heads.mutate(
        first_is_dated=dated.max().over(whole),
        newest=heads.updated_at.max().over(whole),
        there=(heads.origin == _STORE).cast("int8").max().over(whole),
    )
    moment = ibis.window(group_by=[*key, "updated_at"], order_by=["origin", "row"])
    heads = heads.mutate(at_once=ibis.row_number().over(moment))
    comparable = (heads.first_is_dated == 1) & heads.updated_at.notnull()
    latest = comparable & (heads.updated_at == heads.newest)
    verdict = ibis.cases(
        (comparable & (heads.updated_at < heads.newest), Verdict.OLDER.value),
        (latest & (heads.at_once == 0) & (heads.there == 1), Verdict.CORRECTION.value),
        (latest & (heads.at_once == 0), ibis.null(str)),
        (heads.nth == 0, ibis.null(str)),
        else_=Verdict.CONFLICT.value,
    )
    judged = heads.mutate(verdict=verdict)
    return judged.filter((judged.origin == _FILE) & judged.verdict.notnull()).select(
        "row", "verdict"
    )
