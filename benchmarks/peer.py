"""The yardstick of the measures: plain DuckDB and SQL written by hand for the same answer.

A file of `raw/` gives the rows of one measure. `window.sql` finds the days that count and
`coverage.sql` what of them has a known buyer, because an answer says both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.same import difference
from tuttuno.engine.port import ParquetFiles
from tuttuno.measures.answer import Answer
from tuttuno.measures.catalog import MEASURES

RAW = Path(__file__).parent / "raw"

#: Measures that estimate or search in what a query found: no query gives their answer.
FITTED = frozenset(
    {
        "basket_affinity",
        "churn_risk",
        "first_crossing",
        "interests",
        "lifetime_value",
        "multichannel_worth",
        "next_product",
        "purchases_foreseen",
        "reachability",
    }
)

#: Measures with a query written by hand, in the order of the catalogue.
ASKED = tuple(name for name in MEASURES if name not in FITTED)


class Differs(RuntimeError):
    """The hand-written query answers something else; to time it would mean nothing."""


@dataclass(frozen=True, slots=True)
class PeerAnswer:
    """What the hand-written queries found.

    Attributes:
        several_currencies: Amounts of more than one currency are added up.
    """

    since: date
    until: date
    identified_sales: float
    identified_revenue: float
    several_currencies: bool
    rows: tuple[Mapping[str, Any], ...]


def connected(
    files: Mapping[str, ParquetFiles], *, threads: int | None, memory: str
) -> duckdb.DuckDBPyConnection:
    """Open DuckDB with the limits of the engine and a view on the files of each table."""
    con = duckdb.connect(config={"memory_limit": memory})
    if threads is not None:
        con.execute(f"SET threads = {threads:d}")
    con.execute("SET GLOBAL parquet_metadata_cache = true")
    con.execute(script("macros"))
    for name, table in files.items():
        if table.files:
            con.execute(f"CREATE VIEW {name} AS SELECT * FROM {_scan(table)}")  # noqa: S608 - ours
    return con


def answered(con: duckdb.DuckDBPyConnection, measure: str) -> PeerAnswer:
    """Answer a measure the way a DuckDB expert would, for the window that is usual."""
    ((since, until),) = con.execute(script("window")).fetchall()
    (coverage,) = rows(con, "coverage")
    return PeerAnswer(
        since=since,
        until=until,
        identified_sales=coverage["identified_sales"],
        identified_revenue=coverage["identified_revenue"],
        several_currencies=coverage["several_currencies"],
        rows=(coverage,) if measure == "coverage" else rows(con, measure),
    )


def rows(con: duckdb.DuckDBPyConnection, name: str) -> tuple[Mapping[str, Any], ...]:
    """Return what a script of `raw/` selects last."""
    found = con.execute(script(name))
    columns = [column[0] for column in found.description or ()]
    return tuple(dict(zip(columns, row, strict=True)) for row in found.fetchall())


def script(name: str) -> str:
    """Return a script of `raw/`."""
    return (RAW / f"{name}.sql").read_text("utf-8")


def refuse_difference(ours: Answer, peer: PeerAnswer) -> None:
    """Do nothing when both say the same; the order of rows is no difference.

    Raises:
        Differs: With the first difference found, tuttuno's value before the other.
    """
    names = [column.name for column in ours.columns]
    keys = [column.name for column in ours.columns if column.kind in {"text", "date", "flag"}]
    told = {
        "since": ours.window.since,
        "until": ours.window.until,
        "identified_sales": ours.coverage.identified_sales,
        "identified_revenue": ours.coverage.identified_revenue,
        "several_currencies": any("more than one currency" in note for note in ours.notes),
        "rows": _ordered(ours.rows, keys),
    }
    theirs = {name: getattr(peer, name) for name in told} | {
        "rows": [{name: row[name] for name in names} for row in _ordered(peer.rows, keys)]
    }
    found = difference(told, theirs)
    if found:
        raise Differs(found)


def _ordered(found: tuple[Mapping[str, Any], ...], keys: list[str]) -> list[Mapping[str, Any]]:
    return sorted(found, key=lambda row: [str(row[key]) for key in keys])


def _scan(table: ParquetFiles) -> str:
    files = ", ".join(f"'{file}'" for file in table.files)
    kinds = ", ".join(f"'{column}': 'VARCHAR'" for column in table.partition)
    folders = f", hive_partitioning = true, hive_types = {{{kinds}}}" if kinds else ""
    return f"read_parquet([{files}]{folders})"
