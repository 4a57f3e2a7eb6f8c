"""Which tests share a process, and which come first, when several processes run them.

Tests of one file share a process, and with it the servers and projects that the file makes. What
takes long comes first, so that no process ends long after the others.
"""

import pytest
from xdist.scheduler import LoadFileScheduling

#: Each test of these files may go to any process: they share nothing.
APART = frozenset({"tests/docs/test_blocks.py"})

#: These folders go to one process: their files share what is made once.
TOGETHER = ("tests/demo/",)

#: One process starts Spark: for tests with `[spark` in their name, and for these files.
SPARK = "spark"
SPARK_FILES = frozenset(
    {
        "tests/engine/test_semantics.py",
        "tests/engine/test_spark.py",
        "tests/mart/test_changes.py",
        "tests/measures/test_both_engines.py",
        "tests/measures/test_lifetime_value.py",
        "tests/studies/test_sums.py",
    }
)

#: What takes more than half a minute, the longest first.
LONG = (
    SPARK,
    "tests/web/test_browser.py",
    "tests/studies/test_retailer.py",
    "tests/storm/test_kills.py",
    "tests/benchmarks/test_whole.py",
    "tests/intake/test_hostile.py",
    "tests/tasks/test_build.py",
)


class ByFile(LoadFileScheduling):
    """Hands the tests out as `unit` puts them together."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)


def unit(nodeid: str) -> str:
    """Name what a test shares a process with.

    >>> unit("tests/mart/test_views.py::test_a[x]")
    'tests/mart/test_views.py'
    >>> unit("tests/lake/test_store.py::test_b[spark]")
    'spark'
    """
    file = nodeid.partition("::")[0]
    if file in SPARK_FILES or "[spark" in nodeid:
        return SPARK
    if file in APART:
        return nodeid
    return next((folder for folder in TOGETHER if file.startswith(folder)), file)


def put_in_order(items: list[pytest.Item]) -> None:
    """Put first what takes long."""
    place = {shared: number for number, shared in enumerate(LONG)}
    items.sort(key=lambda item: place.get(unit(item.nodeid), len(LONG)))
