"""The pages in a real browser: readable by everybody, on any screen, with nothing from outside."""

import shutil
import socket
import threading
from contextlib import contextmanager

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright
from web_fakes import PASSWORD, FakeAccounts, FakeDesk

from tuttuno.measures.catalog import MEASURES
from tuttuno.tasks.open_account import open_account
from tuttuno.web.app import create_app
from tuttuno.web.assemble import make_app
from tuttuno.web.door import AccountRow, Door

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync",
    "--disable-component-update", "--disable-default-apps", "--no-first-run",
)  # fmt: skip

PAGES = {
    "overview": "/",
    "class": "/measures/channel_class",
    "split": "/measures/channel_class?by=province",
    "overlap": "/measures/product_overlap",
    "reachability": "/measures/reachability",
    "coverage": "/measures/coverage",
    "monthly": "/measures/monthly",
    "effect": "/effects/cannibalisation",
    "behind": "/measures/channel_class/people?class=both",
    "receipt": "/people/7/receipts/till/R/17",
    "adding": "/measures/channel_class?add=province",
    "refused": "/measures/channel_class?by=store_id",
    "nothing-left": "/measures/channel_class?where=province:XX",
    "people": "/people",
    "person": "/people/7",
    "why": "/people/7/why",
    "intake": "/intake",
    "quarantine": "/quarantine",
    "releases": "/releases",
    "gone": "/nowhere",
}

SCREENS = {
    "light": {"viewport": {"width": 1360, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1360, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    "phone-dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}


@contextmanager
def served(app):
    """Serve an app on a free port of the loopback."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    yield f"http://localhost:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture(scope="module")
def address(hasher):
    accounts = FakeAccounts({"admin": AccountRow("admin", hasher.hash(PASSWORD), "admin")})
    with served(make_app(FakeDesk(), Door(accounts, hasher=hasher))) as address:
        yield address


@pytest.fixture(scope="module")
def real(shop, tmp_path_factory):
    """A served project of the simulated retailer: where it is, and the password of `admin`."""
    with shop.copied(tmp_path_factory.mktemp("served")) as workspace:
        password = open_account("admin", "admin", vault=workspace.vault)
        with served(create_app(workspace)) as address:
            yield address, password


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("needs Chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield running
        running.close()


@contextmanager
def reading(browser, address, *, screen="light", language="en-GB", password=PASSWORD):
    """Open a page, watch what it complains about and asks of whom."""
    context = browser.new_context(locale=language, reduced_motion="reduce", **SCREENS[screen])
    cookie = {"name": "language", "value": language[:2], "url": address}
    context.add_cookies([cookie])
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda said: page.complaints.append(said.text) if _bad(said) else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("request", lambda asked: _ours(asked, address, page))
    page.goto(f"{address}/login")
    if password:
        page.locator("[name=login]").fill("admin")
        page.locator("[name=password]").fill(password)
        page.locator("[name=password]").press("Enter")
        expect(page.locator("#content")).to_be_visible()
    yield page
    context.close()


def _bad(said):
    return said.type in {"error", "warning"} and "status of 40" not in said.text


def _ours(asked, address, page):
    if not asked.url.startswith((address, "data:")):
        page.complaints.append(f"asked {asked.url}")


@pytest.mark.parametrize("screen", SCREENS)
def test_every_page_is_readable_by_everybody(browser, address, screen):
    language = "it-IT" if screen == "dark" else "en-GB"
    with reading(browser, address, screen=screen, language=language) as page:
        for name, path in PAGES.items():
            page.goto(address + path)
            found = Axe().run(page)
            assert found.violations_count == 0, f"{name}: {found.generate_report()}"
            assert page.complaints == [], name
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= SCREENS[screen]["viewport"]["width"], f"{name} is too wide"


@pytest.mark.parametrize("screen", SCREENS)
def test_the_door_is_readable_by_everybody(browser, address, screen):
    with reading(browser, address, screen=screen, password="") as page:
        assert Axe().run(page).violations_count == 0
        assert page.complaints == []


def test_a_filter_changes_the_answer_and_the_address_together(browser, address):
    with reading(browser, address) as page:
        page.goto(f"{address}/measures/channel_class")
        page.locator("select[name=by]").select_option("province")
        expect(page.get_by_role("columnheader", name="Province")).to_be_visible()
        assert "by=province" in page.url
        page.reload()
        expect(page.get_by_role("columnheader", name="Province")).to_be_visible()


def test_the_back_key_of_the_browser_brings_the_former_answer(browser, address):
    with reading(browser, address) as page:
        page.goto(f"{address}/measures/channel_class")
        page.locator("select[name=by]").select_option("province")
        expect(page.get_by_role("columnheader", name="Province")).to_be_visible()
        page.go_back()
        expect(page.get_by_role("columnheader", name="Province")).to_have_count(0)


def test_arrow_keys_move_the_period(browser, address):
    with reading(browser, address) as page:
        page.goto(f"{address}/measures/channel_class")
        page.keyboard.press("ArrowLeft")
        page.wait_for_url("**?since=2024-04-01&until=2025-04-01")


def test_keys_with_a_modifier_stay_the_browsers(browser, address):
    with reading(browser, address) as page:
        page.goto(f"{address}/measures/channel_class")
        page.keyboard.press("Control+ArrowLeft")
        page.keyboard.press("Shift+ArrowLeft")
        page.keyboard.press("t")
        expect(page.locator("#rows-title")).to_be_focused()
        assert page.url == f"{address}/measures/channel_class"


def test_a_slash_leads_to_the_search(browser, address):
    with reading(browser, address) as page:
        page.keyboard.press("/")
        expect(page.locator("#search")).to_be_focused()
        page.keyboard.type("/")
        expect(page.locator("#search")).to_have_value("/")


def test_a_question_mark_lists_the_keys_and_escape_closes_the_list(browser, address):
    with reading(browser, address) as page:
        page.keyboard.press("?")
        expect(page.locator("#keys")).to_be_visible()
        assert Axe().run(page).violations_count == 0
        page.keyboard.press("Escape")
        expect(page.locator("#keys")).to_be_hidden()


def test_the_first_tab_offers_to_skip_to_the_answer(browser, address):
    with reading(browser, address) as page:
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#content")).to_be_focused()


def test_pointing_at_a_mark_says_its_value(browser, address):
    with reading(browser, address) as page:
        page.goto(f"{address}/measures/channel_class")
        page.locator("svg.at-920 .mark").first.hover()
        expect(page.locator(".tip")).to_have_text("Only online: 22% (2,601 buyers)")


def test_the_switch_of_colours_changes_the_page_and_stays(browser, address):
    with reading(browser, address) as page:
        before = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.get_by_role("button", name="Dark").click()
        expect(page.get_by_role("button", name="Light")).to_be_visible()
        page.goto(f"{address}/people")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before


def test_the_menu_of_a_phone_opens_and_closes(browser, address):
    with reading(browser, address, screen="phone") as page:
        expect(page.locator("#nav")).to_be_hidden()
        page.get_by_role("button", name="Menu").click()
        expect(page.locator("#nav")).to_be_visible()
        assert Axe().run(page).violations_count == 0


def test_without_scripts_everything_can_still_be_read_and_filtered(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/login")
    page.locator("[name=login]").fill("admin")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("button.primary").click()
    page.goto(f"{address}/measures/channel_class")
    page.locator("select[name=by]").select_option("province")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("columnheader", name="Province")).to_be_visible()
    expect(page.locator("svg.at-920")).to_be_visible()
    context.close()


#: What is read of a real project beside its measures.
REAL = (
    "/", "/people", "/intake", "/quarantine", "/releases", "/nowhere",
    "/measures/channel_class?by=province", "/measures/click_and_collect?by=month",
    "/measures/channel_class/people?class=both",
)  # fmt: skip


@pytest.mark.parametrize("screen", ["light", "phone"])
def test_every_page_of_a_real_project_is_readable_by_everybody(browser, real, screen):
    address, password = real
    language = {"light": "it-IT", "phone": "en-GB"}[screen]
    with reading(browser, address, screen=screen, language=language, password=password) as page:
        person = _href(page, address, "/measures/channel_class/people?class=both", "tbody a")
        receipt = _href(page, address, person, ".timeline .what a")
        for path in (*REAL, *(f"/measures/{name}" for name in MEASURES), person, receipt):
            page.goto(address + path)
            assert _found(page) == "", path
            page.emulate_media(color_scheme="dark")
            assert _found(page, only="color-contrast") == "", f"{path} in the dark"
            page.emulate_media(color_scheme="light")
            assert page.complaints == [], path
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= SCREENS[screen]["viewport"]["width"], f"{path} is too wide"


def _found(page, only=""):
    options = {"runOnly": [only]} if only else {}
    # Without this axe also describes each place where all is well, which takes as long again.
    found = Axe().run(page, options={**options, "resultTypes": ["violations"]})
    return found.generate_report() if found.violations_count else ""


def _href(page, address, path, link):
    page.goto(address + path)
    return page.locator(link).first.get_attribute("href")


def test_a_receipt_can_be_reached_from_the_overview_by_the_keyboard_alone(browser, real):
    address, password = real
    with reading(browser, address, password=password) as page:
        page.goto(address)
        for step in ("/measures/channel_class", "class=both", "/people/", "/receipts/"):
            _tab_to(page, step)
            page.keyboard.press("Enter")
            page.wait_for_url(f"**{step}**")
        expect(page.get_by_text("As the source told it.")).to_be_visible()


def _tab_to(page, part):
    """Press Tab until a link stands out; each stop on the way must be seen."""
    for _ in range(120):
        page.keyboard.press("Tab")
        href, ring = page.evaluate(
            "(({activeElement: on}) => [on.getAttribute('href') ?? on.outerHTML.slice(0, 80),"
            " getComputedStyle(on).outlineStyle])(document)"
        )
        assert ring != "none", f"no ring around {href}"
        if part in href and "export" not in href:
            return
    pytest.fail(f"no link to {part} in reach")


def test_an_answer_on_its_way_is_drawn_as_its_skeleton(browser, address):
    with reading(browser, address) as page:
        page.goto(f"{address}/measures/channel_class")
        waiting = []
        page.route("**/measures/channel_class?**", lambda route: waiting.append(route))  # noqa: PLW0108 - the library asks a function for its name
        page.locator("select[name=by]").select_option("province")
        expect(page.locator(".skeleton")).to_be_visible()
        expect(page.locator(".settled")).to_be_hidden()
        waiting[0].continue_()
        expect(page.get_by_role("columnheader", name="Province")).to_be_visible()
        expect(page.locator(".skeleton")).to_be_hidden()
