"""One simulated retailer for all tests that only read it."""

from dataclasses import dataclass
from typing import Any

import duckdb
import pytest

from tuttuno.demo.simulate import simulate
from tuttuno.demo.truth import Truth


@dataclass(frozen=True)
class Retailer:
    """What was written, and a way to ask it."""

    truth: Truth
    con: duckdb.DuckDBPyConnection

    def ask(self, question: str, *values: Any, **names: str) -> list[tuple[Any, ...]]:
        """Return rows; `{name}` in the question is a table or column, `?` a value."""
        return self.con.execute(question.format_map(names), values).fetchall()

    def one(self, question, *values, **names):
        """Return a single value."""
        return self.ask(question, *values, **names)[0][0]


@pytest.fixture(scope="session")
def retailer(tmp_path_factory):
    written = simulate(tmp_path_factory.mktemp("retailer"), people=20_000, seed=7)
    con = duckdb.connect(config={"threads": 1})
    for folder in (written.exchange, written.truth):
        files = {}
        for path in sorted(folder.glob("*.parquet")):
            files.setdefault(path.stem.split("_20")[0], []).append(str(path))
        for name, paths in files.items():
            con.read_parquet(paths).create_view(name)
    yield Retailer(written, con)
    con.close()
