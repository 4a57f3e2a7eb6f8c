"""While a server runs, a shop is asked every few hours, by one server, in a process of its own."""

from datetime import timedelta
from threading import Event

import psutil
import pytest

from tests.intake.shop_stand_in import SHOPIFY, TOKEN, order, stand_in
from tuttuno.intake.pulling import pulled_every
from tuttuno.intake.section import BadMapping
from tuttuno.tasks.keep_pulling import Puller
from tuttuno.tasks.turn import turn
from tuttuno.workspace import make_workspace

PATIENCE = 120


@pytest.fixture
def shop():
    with stand_in(orders=[order(7, 1)]) as made:
        yield made


@pytest.fixture
def root(tmp_path, shop, monkeypatch):
    monkeypatch.setenv("SHOP_TOKEN", TOKEN)
    made = make_workspace(tmp_path / "project", settings=SHOPIFY.format(url=shop.url))
    made.vault.close()
    return made.root


class Heard:
    """What was said, and a way to wait for the first of it."""

    def __init__(self):
        self.words, self.any = [], Event()

    def __call__(self, what, _done, _of):
        self.words.append(what)
        self.any.set()


def puller(root, heard, **more):
    return Puller(root, {"shopify": timedelta(hours=6)}, say=heard, pause=0.01, **more)


def children():
    """The processes that this one has begun and that have not ended."""
    return {each.pid for each in psutil.Process().children()}


def test_a_server_that_starts_asks_and_says_what_was_missed(root):
    heard = Heard()
    with puller(root, heard):
        assert heard.any.wait(PATIENCE)
    assert heard.words == ["pulled shopify: of its orders 1 were new, 0 newer than ours"]


def test_a_shop_that_turns_us_away_is_said(root, monkeypatch):
    monkeypatch.setenv("SHOP_TOKEN", "wrong")
    heard = Heard()
    with puller(root, heard):
        assert heard.any.wait(PATIENCE)
    assert "shopify was not pulled: error: the shop answers 401" in heard.words[0]


def test_of_two_servers_one_asks(root, shop):
    heard = Heard()
    with turn(root, "pulling"), puller(root, heard):
        assert not heard.any.wait(0.2)
    assert shop.asked == []


def test_a_server_that_ends_ends_the_pull(root, shop):
    begun, gate, before = Event(), Event(), children()

    def hold():
        begun.set()
        gate.wait(PATIENCE)

    shop.between = hold
    heard = Heard()
    with puller(root, heard):
        assert begun.wait(PATIENCE), heard.words
    gate.set()
    assert heard.words == []
    assert children() <= before


def test_only_sources_that_say_so_are_asked_by_the_server():
    sources = {"a": {"pull": {"every_hours": 6}}, "b": {"pull": {"url": "x"}}, "c": {}}
    assert pulled_every(sources) == {"a": timedelta(hours=6)}


@pytest.mark.parametrize("hours", [0, -1, 1000, "6", True])
def test_hours_that_make_no_sense_are_refused(hours):
    with pytest.raises(BadMapping, match="every_hours"):
        pulled_every({"a": {"pull": {"every_hours": hours}}})
