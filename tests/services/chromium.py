"""A real browser: Chromium of the machine, driven by Playwright."""

import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from tests.services.absent import in_ci, refuse

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")

#: Headless, as root in a container, and silent towards the network.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def lacks_chromium() -> str | None:
    """Say what is missing for tests in a browser."""
    if find_spec("playwright") is None:
        return "playwright is not installed; run `make test`, which installs it"
    if chromium_path() is None:
        return "no Chromium here; on Debian: apt install chromium"
    return None


def chromium_path() -> str | None:
    """Find Chromium, under the names it goes by."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the Chromium program; start it with `FLAGS`."""
    if lack := lacks_chromium():
        refuse(f"browser: {lack}", owed=in_ci())
    return str(chromium_path())


@pytest.fixture(scope="module")
def browser(chromium: str) -> "Iterator[Browser]":
    """A started Chromium for the tests of one module.

    Not for the session: while Playwright is open its event loop runs in this thread, and
    every `asyncio.run` of another module would fail.
    """
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - looked for just before

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture
def page(browser: "Browser") -> "Iterator[Page]":
    """An empty tab with no memory of other tests."""
    context = browser.new_context()
    yield context.new_page()
    context.close()
