"""Every test of the port runs on each engine."""

import pytest

from tests.conformance.engines import agree, duckdb_engine, spark_engine

__all__ = ["agree", "duckdb_engine", "engine", "spark_engine"]


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def engine(request):
    """Each engine in turn."""
    return request.getfixturevalue(f"{request.param}_engine")
