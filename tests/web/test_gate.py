"""Nothing is shown to a stranger, nothing is done for a foreign page, on every route."""

import asyncio
import threading

import pytest
from starlette.routing import Route
from web_fakes import PASSWORD, token_of

from tuttuno.web.assemble import make_app
from tuttuno.web.collect.routes import DOORS
from tuttuno.web.gate import Gate
from tuttuno.web.permissions import (
    PUBLIC,
    ROLES,
    UndeclaredPermission,
    every_route,
    permission_of,
    requires,
)
from tuttuno.web.views import door as door_views

FILLED = {
    "{name}": "channel_class", "{ending}": "csv", "{person_id}": "7", "{number}": "1",
}  # fmt: skip


def calls(app):
    """Yield (method, address, permission) of every route."""
    for route in every_route(app.routes):
        if isinstance(route, Route):
            path = route.path
            for hole, filling in FILLED.items():
                path = path.replace(hole, filling)
            for method in sorted(route.methods - {"HEAD"}):
                yield method, path, permission_of(route.endpoint)


def test_a_route_without_a_permission_stops_the_app(desk, door, monkeypatch):
    async def silent() -> None: ...

    monkeypatch.setattr(door_views.ROUTER, "routes", [*door_views.ROUTER.routes])
    door_views.ROUTER.add_api_route("/silent", silent)
    with pytest.raises(UndeclaredPermission, match="/silent"):
        make_app(desk, door)


def test_a_permission_that_does_not_exist_cannot_be_declared():
    with pytest.raises(UndeclaredPermission):
        requires("people:raed")


def test_there_are_routes_to_check(app):
    assert len(list(calls(app))) >= 18


def test_a_stranger_is_shown_nothing(app, stranger, desk):
    for method, path, permission in calls(app):
        if permission == PUBLIC:
            continue
        answer = stranger.request(method, path)
        if path.startswith("/api/"):
            assert answer.status_code == 401, path
            assert answer.headers["content-type"] == "application/problem+json"
        else:
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/login?next="), path
    assert desk.looks == []


@pytest.mark.parametrize("role", ROLES)
def test_every_account_may_do_exactly_what_its_role_says(app, sign_in, accounts, role):
    login = next(row.login for row in accounts.accounts.values() if row.role == role)
    client = sign_in(login)
    token = token_of(client.get("/"))
    for method, path, permission in calls(app):
        if permission == PUBLIC:
            continue
        answer = client.request(method, path, headers={"x-csrf-token": token})
        refused = answer.status_code == 403
        assert refused is (permission not in ROLES[role]), f"{role} {method} {path}"


def test_what_changes_something_is_refused_without_the_token(app, admin, desk):
    for method, path, _permission in calls(app):
        if method == "POST" and not path.startswith(DOORS):  # programs have no forms
            answer = admin.post(path, data={"text": "anna", "csrf": "guessed"})
            assert answer.status_code == 403, path
    assert [look for look in desk.looks if look[1] != "card"] == []


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"sec-fetch-site": "cross-site"}, id="other-site"),
        pytest.param({"sec-fetch-site": "same-site"}, id="sibling-host"),
        pytest.param({"origin": "https://evil.example"}, id="other-origin"),
        pytest.param({"origin": "null"}, id="no-origin"),
    ],
)
def test_a_foreign_page_cannot_use_a_token_it_stole(admin, desk, headers):
    token = token_of(admin.get("/releases"))
    answer = admin.post("/releases/1/current", data={"csrf": token}, headers=headers)
    assert answer.status_code == 403
    assert desk.current == 2


def test_our_own_page_may_change_something(admin, desk):
    token = token_of(admin.get("/releases"))
    headers = {"sec-fetch-site": "same-origin", "origin": "http://localhost"}
    answer = admin.post("/releases/1/current", data={"csrf": token}, headers=headers)
    assert answer.status_code == 303
    assert desk.looks[-1] == ("admin", "roll_back", 1)


def test_signing_in_needs_a_form_of_ours(stranger):
    answer = stranger.post("/login", data={"login": "admin", "password": "x", "csrf": "guessed"})
    assert answer.status_code == 403


def test_a_session_brought_along_is_not_the_one_signed_in_with(admin, sign_in):
    before = admin.cookies["tuttuno"]
    assert sign_in("admin").cookies["tuttuno"] != before


def test_an_ended_session_leads_back_to_the_door_and_then_to_the_page(admin, clock):
    clock.turn(minutes=31)
    answer = admin.get("/measures/coverage?all_time=1")
    assert answer.headers["location"] == "/login?next=%2Fmeasures%2Fcoverage%3Fall_time%3D1"


def test_a_click_after_the_end_of_a_session_leads_the_whole_page_to_the_door(admin, clock):
    clock.turn(minutes=31)
    answer = admin.get("/measures/coverage", headers={"hx-request": "true"})
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"].startswith("/login?next=")


@pytest.mark.parametrize("next_", ["//evil.example", "https://evil.example/", "/\\evil.example"])
def test_signing_in_never_leads_to_another_site(stranger, next_):
    token = token_of(stranger.get("/login"))
    form = {"csrf": token, "login": "admin", "password": PASSWORD, "next": next_}
    assert stranger.post("/login", data=form).headers["location"] == "/"


def test_the_cookie_cannot_be_read_or_sent_from_elsewhere(stranger):
    token = token_of(stranger.get("/login"))
    form = {"csrf": token, "login": "admin", "password": PASSWORD}
    cookie = stranger.post("/login", data=form).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_signing_out_ends_the_session_on_the_server(admin):
    secret = admin.cookies["tuttuno"]
    admin.post("/logout", data={"csrf": token_of(admin.get("/"))})
    admin.cookies.set("tuttuno", secret)
    assert admin.get("/").status_code == 303


class Porter:
    """A door that takes its time, and counts whom it looked at."""

    def __init__(self):
        self.has_looked, self.may_answer, self.looks = threading.Event(), threading.Event(), []

    def remembered(self, _secret):
        return None

    def viewer(self, secret):
        self.looks.append(secret)
        self.has_looked.set()
        self.may_answer.wait(10)
        return secret.upper()


def test_the_door_looks_once_at_all_who_come_together_with_one_secret():
    porter, seen = Porter(), []

    async def inside(scope, _receive, _send):
        seen.append(scope["state"]["viewer"])

    gate = Gate(inside, door=porter)

    async def come(secret):
        headers = [(b"cookie", f"tuttuno={secret}".encode())]
        await gate({"type": "http", "path": "/", "scheme": "http", "headers": headers}, None, None)

    async def crowd():
        visits = [asyncio.create_task(come(secret)) for secret in ["anna", "bruno"] * 10]
        await asyncio.to_thread(porter.has_looked.wait, 10)
        porter.may_answer.set()
        await asyncio.gather(*visits)
        await come("anna")

    asyncio.run(crowd())
    assert sorted(porter.looks) == ["anna", "anna", "bruno"]
    assert sorted(seen) == ["ANNA"] * 11 + ["BRUNO"] * 10
