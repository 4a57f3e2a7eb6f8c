"""Which tests share a process, and which come first, when several processes run them.

Tests of one file share a process, and with it the servers and projects that the file makes. What
takes long comes first, so that no process ends long after the others.
"""

import pytest
from xdist.scheduler import LoadGroupScheduling

#: Each test of these files may go to any process: they share nothing.
APART = frozenset({"tests/docs/test_blocks.py"})

#: These folders go to one process: their files share what is made once.
TOGETHER = ("tests/demo/",)

#: One process starts Spark, whatever file asks for it.
SPARK = "spark"

#: What takes more than half a minute, the longest first.
LONG = (
    SPARK,
    "tests/web/test_browser.py",
    "tests/studies/test_retailer.py",
    "tests/storm/test_kills.py",
    "tests/mart/test_changes.py",
    "tests/benchmarks/test_whole.py",
    "tests/intake/test_hostile.py",
    "tests/tasks/test_build.py",
)


class ByFile(LoadGroupScheduling):
    """Hands the tests out as `unit` puts them together."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)


def unit(nodeid: str) -> str:
    """Name what a test shares a process with.

    >>> unit("tests/mart/test_views.py::test_a[x@y]")
    'tests/mart/test_views.py'
    >>> unit("tests/mart/test_changes.py::test_b@spark")
    'spark'
    """
    if nodeid.endswith(f"@{SPARK}"):
        return SPARK
    file = nodeid.partition("::")[0]
    if file in APART:
        return nodeid
    return next((folder for folder in TOGETHER if file.startswith(folder)), file)


def put_in_order(items: list[pytest.Item]) -> None:
    """Name the tests that share Spark, and put first what takes long."""
    for item in items:
        if item.get_closest_marker("spark"):
            item.add_marker(pytest.mark.xdist_group(SPARK))
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    shared = SPARK if item.get_closest_marker("spark") else unit(item.nodeid)
    return LONG.index(shared) if shared in LONG else len(LONG)
