"""Draining in the background: soon, unless the doors need the machine, and not put off for ever."""

from datetime import UTC, datetime
from threading import Event

import pytest

from tuttuno.tasks import keep_draining
from tuttuno.tasks.keep_draining import Drainer
from tuttuno.vault.inbox import Message, digest_of, put_messages
from tuttuno.vault.migration import migrate
from tuttuno.vault.vault import open_vault

AT = datetime(2026, 5, 4, 10, tzinfo=UTC)


@pytest.fixture
def inbox(tmp_path):
    """An inbox in which a message waits."""
    made = open_vault(f"sqlite:///{tmp_path}/inbox.sqlite")
    migrate(made)
    with made.begin() as con:
        put_messages(con, [Message("web", "a", "track", AT, "{}", digest_of(b"{}"))])
    yield made
    made.close()


def looked(inbox, *, busy):
    """How often a drainer drains when it looks once."""
    drained = []
    Drainer(inbox, lambda _: drained.append(1), busy=lambda: busy)._once()
    return len(drained)


def test_what_waits_is_taken_in(inbox):
    assert looked(inbox, busy=False) == 1


def test_what_waits_gives_way_while_the_doors_are_busy_but_not_for_ever(inbox, monkeypatch):
    assert looked(inbox, busy=True) == 0
    monkeypatch.setattr(keep_draining, "GIVES_WAY", 0.0)
    assert looked(inbox, busy=True) == 1


def test_what_is_being_taken_in_gives_way_once_the_doors_are_busy(inbox):
    busy, asked = [False], []

    def drain(hold):
        asked.append(hold())
        busy[0] = True
        asked.append(hold())

    drainer = Drainer(inbox, drain, busy=lambda: busy[0])
    drainer._once()
    drainer._once()
    assert asked == [False, True]


def test_what_was_put_off_for_long_is_taken_in_to_the_end(inbox, monkeypatch):
    asked = []
    drainer = Drainer(inbox, lambda hold: asked.append(hold()), busy=lambda: True)
    monkeypatch.setattr(keep_draining, "GIVES_WAY", 0.0)
    drainer._once()
    assert asked == [False]


def test_a_disk_that_fails_is_told_and_tried_again(inbox, monkeypatch):
    monkeypatch.setattr(keep_draining, "PAUSE", 0.001)
    said, again, tries = [], Event(), iter([OSError(28, "no space left"), None])

    def drain(_hold):
        trouble = next(tries, None)
        if trouble is None:
            again.set()
        else:
            raise trouble

    with Drainer(inbox, drain, say=lambda what, *_: said.append(what)):
        assert again.wait(30)
    assert said == ["what came in waits: [Errno 28] no space left"]


def test_where_nothing_waits_nothing_is_drained(tmp_path):
    empty = open_vault(f"sqlite:///{tmp_path}/inbox.sqlite")
    migrate(empty)
    assert looked(empty, busy=False) == 0
    empty.close()
