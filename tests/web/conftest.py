"""An app over the stand-in desk, a clock that tests turn, and browsers that are signed in."""

import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient

sys.path.insert(0, str(Path(__file__).parent))

from web_fakes import NOON, PASSWORD, FakeAccounts, FakeDesk, token_of

from tuttuno.tasks.open_account import open_account
from tuttuno.web.app import create_app
from tuttuno.web.assemble import make_app
from tuttuno.web.door import AccountRow, Door

BASE = "http://localhost"


class Turned:
    """A clock that stands still until it is turned."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture(scope="session")
def hasher():
    """Cheap hashes: what is tested is the door, not argon2."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture
def clock():
    return Turned(NOON)


@pytest.fixture
def accounts(hasher):
    secret = hasher.hash(PASSWORD)
    return FakeAccounts(
        {
            "admin": AccountRow("admin", secret, "admin"),
            "anna": AccountRow("anna", secret, "analyst"),
        }
    )


@pytest.fixture
def desk():
    return FakeDesk()


@pytest.fixture
def door(accounts, clock, hasher):
    return Door(accounts, clock=clock, hasher=hasher)


@pytest.fixture
def app(desk, door):
    return make_app(desk, door)


@pytest.fixture
def stranger(app):
    """A browser that nobody has signed in with."""
    with TestClient(app, base_url=BASE, follow_redirects=False) as client:
        yield client


@pytest.fixture
def sign_in(app):
    """Sign a fresh browser in under a login."""
    made = []

    def enter(login="admin", **headers):
        client = TestClient(app, base_url=BASE, follow_redirects=False, headers=headers)
        made.append(client)
        answer = client.post(
            "/login",
            data={
                "csrf": token_of(client.get("/login")),
                "login": login,
                "password": PASSWORD,
            },
        )
        assert answer.status_code == 303, answer.text
        return client

    yield enter
    for client in made:
        client.close()


@pytest.fixture
def admin(sign_in):
    return sign_in("admin")


@pytest.fixture
def reader(place, monkeypatch):
    """An administrator in front of the server of a module's `place`; it takes in when told."""
    monkeypatch.setattr("tuttuno.tasks.keep_draining.Drainer._once", lambda _: None)
    password = open_account("admin", "admin", vault=place.vault)
    with TestClient(create_app(place)) as client:
        form = {"login": "admin", "password": password, "csrf": token_of(client.get("/login"))}
        client.post("/login", data=form)
        yield client
