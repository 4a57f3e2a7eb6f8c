"""One engine for all tests of the mart: every scenario binds its own tables."""

from collections.abc import Iterator

import pytest

from tuttuno.engine.duckdb import DuckDBEngine


@pytest.fixture(scope="session")
def duck() -> Iterator[DuckDBEngine]:
    """A small embedded engine."""
    engine = DuckDBEngine(threads=1, memory="1GB")
    yield engine
    engine.close()
