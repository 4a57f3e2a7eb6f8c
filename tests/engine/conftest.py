"""Every test of the port runs on each engine."""

import pytest


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.spark)])
def engine(request):
    """Each engine in turn."""
    return request.getfixturevalue(f"{request.param}_engine")
