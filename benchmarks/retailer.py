"""The retailer that is measured: simulated, then cut in two at one moment.

What happened before the moment is taken in first; what happened after it is the new data of
an ordinary day or week: sales of known and of new customers, their records, cards, pick-ups.
"""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from tuttuno.demo.simulate import simulate

#: The part of the sale lines that is new at the second build.
NEW = 0.01

#: The column that says when a row came to be; tables without one are there from the start.
SINCE = {
    "people": "created_at",
    "memberships": "enrolled_at",
    "consents": "at",
    "sales": "sold_at",
    "pickups": "placed_at",
    "points": "at",
    "touches": "at",
    "contacts": "at",
}


@dataclass(frozen=True, slots=True)
class Retailer:
    """Two folders of exchange files.

    Attributes:
        base: What is taken in first.
        addition: What comes after it.
        lines: Sale lines in both.
        new_lines: Those of the addition.
        cut: The moment between the two.
    """

    base: Path
    addition: Path
    people: int
    seed: int
    lines: int
    new_lines: int
    cut: datetime

    @property
    def facts(self) -> dict[str, Any]:
        """What a result file says of it."""
        share = round(self.new_lines / self.lines, 5)
        counts = {"people": self.people, "seed": self.seed, "lines": self.lines}
        return {**counts, "new_lines": self.new_lines, "new_share": share}


def made(work: Path, *, people: int, seed: int, months: int = 36) -> Retailer:
    """Simulate a retailer below a folder, or take the one that an earlier run made there.

    Each person has 24 sale lines in the mean, however many months they are spread over.
    """
    told = work / "retailer.json"
    if told.exists():
        found = _read(told)
        if (found.people, found.seed) == (people, seed):
            return found
    told.unlink(missing_ok=True)
    simulate(work / "simulated", people=people, seed=seed, months=months)
    retailer = _cut(work / "simulated" / "exchange", work, people=people, seed=seed)
    told.write_text(json.dumps(asdict(retailer), default=str), "utf-8")
    return retailer


def _read(told: Path) -> Retailer:
    facts = json.loads(told.read_text("utf-8"))
    places = {name: Path(facts[name]) for name in ("base", "addition")}
    return Retailer(**{**facts, **places, "cut": datetime.fromisoformat(facts["cut"])})


def _cut(exchange: Path, work: Path, *, people: int, seed: int) -> Retailer:
    base, addition = work / "base", work / "addition"
    for folder in (base, addition):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    with duckdb.connect() as con:
        lines, cut = con.execute(
            "SELECT count(*), quantile_disc(sold_at, ?) FROM read_parquet(?)",
            [1 - NEW, str(exchange / "sales_*.parquet")],
        ).fetchall()[0]
        for path in sorted(exchange.glob("*.parquet")):
            _share_out(con, path, cut, {"base": base, "addition": addition})
        ((new_lines,),) = con.execute(
            "SELECT count(*) FROM read_parquet(?)", [str(addition / "sales_*.parquet")]
        ).fetchall()
    return Retailer(base, addition, people, seed, lines, new_lines, cut)


def _share_out(
    con: duckdb.DuckDBPyConnection, path: Path, cut: datetime, to: Mapping[str, Path]
) -> None:
    column = SINCE.get(path.stem.partition("_")[0])
    newer = 0
    if column:
        count = f'SELECT count(*) FROM read_parquet(?) WHERE "{column}" > ?'  # noqa: S608 - ours
        ((newer,),) = con.execute(count, [str(path), cut]).fetchall()
    if not newer:
        os.link(path, to["base"] / path.name)
        return
    for folder, kept in ((to["addition"], "IS TRUE"), (to["base"], "IS NOT TRUE")):
        con.execute(
            f'COPY (SELECT * FROM read_parquet(?) WHERE ("{column}" > ?) {kept}) TO '  # noqa: S608 - ours
            f"'{folder / path.name}' (FORMAT parquet, COMPRESSION zstd)",
            [str(path), cut],
        )
