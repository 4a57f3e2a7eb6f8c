"""What every test has: servers on demand, a closed network, and a word on what was skipped."""

import os
from collections.abc import Iterator

import pytest
from xdist.scheduler import Scheduling

from tests.conformance.engines import agree, duckdb_engine, spark_engine
from tests.live import live
from tests.order import ByFile, put_in_order
from tests.projects import doubtful_shop, own_shop, shop
from tests.services.absent import Need, check_needs, skip_lines
from tests.services.chromium import browser, chromium, lacks_chromium, page
from tests.services.network import close_network
from tests.services.postgres import (
    lacks_postgres,
    new_postgres_url,
    postgres_server,
    postgres_url,
)
from tests.services.shared import lacks_shared, shared
from tests.services.spark import lacks_spark

#: The fixtures that every folder of tests may ask for.
__all__ = [
    "agree",
    "browser",
    "chromium",
    "doubtful_shop",
    "duckdb_engine",
    "live",
    "new_postgres_url",
    "own_shop",
    "page",
    "postgres_server",
    "postgres_url",
    "shared",
    "shop",
    "spark_engine",
]


def _lacks_root() -> str | None:
    return None if os.geteuid() == 0 else "needs to be root"


NEEDS = (
    Need("postgres", lacks_postgres, owed=True),
    Need("spark", lacks_spark, owed=True),
    Need("browser", lacks_chromium, owed=True),
    Need("shared_data", lacks_shared, owed=False),
    Need("privileged", _lacks_root, owed=False),
)

#: A fixture that starts a server marks its test, so that `make quick` leaves it out.
MARK_OF_FIXTURE = {
    "postgres_server": "postgres",
    "chromium": "browser",
    "shared": "shared_data",
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Add the marks that follow from a test's fixtures, and put what takes long first."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        for fixture, mark in MARK_OF_FIXTURE.items():
            if fixture in fixtures:
                item.add_marker(mark)
    put_in_order(items)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Scheduling:
    """Keep the tests of a file together."""
    return ByFile(config, log)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Name what the machine lacks for this test."""
    check_needs(item, NEEDS)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print which kinds of tests did not run, and why."""
    reports = terminalreporter.stats.get("skipped", [])
    reasons = [report.longrepr[2] for report in reports if isinstance(report.longrepr, tuple)]
    if reasons:
        terminalreporter.section("not run on this machine")
        for line in skip_lines(reasons):
            terminalreporter.write_line(line)


@pytest.fixture(scope="session", autouse=True)
def _closed_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        close_network(patch)
        yield
