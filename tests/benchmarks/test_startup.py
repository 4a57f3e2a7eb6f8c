"""The size of a core install counts what it needs, and nothing of the extras."""

from importlib.metadata import distribution

import pytest

from benchmarks.startup import installed_sizes, needed


@pytest.fixture(scope="module")
def sizes():
    return dict(installed_sizes())


def test_the_core_holds_the_engine_and_the_lake(sizes):
    assert {"tuttuno", "duckdb", "deltalake", "pyarrow"} <= set(sizes)


def test_what_the_core_needs_needs_others_in_turn(sizes):
    assert "starlette" in sizes


@pytest.mark.parametrize("name", ["pyspark", "pytest", "ruff"])
def test_extras_and_tools_are_not_counted(sizes, name):
    assert name not in sizes


def test_an_engine_is_tens_of_megabytes_large(sizes):
    assert 30 < sizes["duckdb"] < 200


def test_a_requirement_of_another_platform_is_not_needed():
    assert "win32-setctime" not in set(needed(distribution("typer")))
