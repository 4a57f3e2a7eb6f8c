"""Sources that are watched: silence and too little are said once, and so is that all is well."""

import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tuttuno.intake.bell import bells
from tuttuno.intake.expected import Alarm, Expected, Trouble
from tuttuno.intake.section import BadMapping
from tuttuno.tasks.watch_sources import Watch, alarms_at, alarms_now
from tuttuno.vault.batches import Counts, LedgerHour, close_batch, open_batch
from tuttuno.vault.door_hours import Heard
from tuttuno.vault.inbox import Message, digest_of, put_messages
from tuttuno.vault.migration import migrate
from tuttuno.vault.vault import open_vault

AT = datetime(2026, 5, 4, 10, 30, tzinfo=UTC)
EXPECTED = {"web": Expected(silent_hours=2, least_a_day=10)}


def hour(back, received):
    at = AT.replace(minute=0) - timedelta(hours=back)
    return LedgerHour("web", at, Counts(received=received, duplicate=received))


@pytest.mark.parametrize(
    ("hours", "trouble"),
    [(2.0, []), (2.01, [Alarm("web", Trouble.SILENT, pytest.approx(2.01), 2)])],
)
def test_a_source_is_silent_after_its_hours(hours, trouble):
    heard = [Heard("web", AT - timedelta(hours=hours))]
    assert list(alarms_at(EXPECTED, [hour(1, 10)], heard, AT)) == trouble


@pytest.mark.parametrize(
    ("hours", "seen"),
    [
        pytest.param([hour(1, 4), hour(24, 6)], None, id="all-of-the-last-day"),
        pytest.param([hour(1, 4), hour(25, 6)], 4, id="the-day-before-does-not-count"),
        pytest.param([hour(0, 20), hour(1, 9)], 9, id="nor-an-hour-that-is-not-over"),
        pytest.param([], 0, id="nothing-at-all"),
    ],
)
def test_a_day_is_the_last_twenty_four_whole_hours(hours, seen):
    found = [each.seen for each in alarms_at(EXPECTED, hours, [Heard("web", AT)], AT)]
    assert found == ([] if seen is None else [seen])


def test_who_was_never_heard_is_silent_and_of_whom_nothing_is_expected_is_not():
    (silent,) = alarms_at({"web": Expected(silent_hours=2), "app": Expected()}, [], [], AT)
    assert str(silent) == "web has never been heard, and 2 hours were expected"


def test_a_number_of_messages_is_written_in_full():
    few = Alarm("web", Trouble.FEW, 304, 1_000_000)
    assert str(few) == "web sent 304 messages in a day, not 1000000"


@pytest.fixture
def inbox(tmp_path, monkeypatch):
    """An inbox, looked at whenever somebody asks."""
    monkeypatch.setattr("tuttuno.tasks.watch_sources.PAUSE", 0.0)
    made = open_vault(f"sqlite:///{tmp_path}/inbox.sqlite")
    migrate(made)
    yield made
    made.close()


def looking(inbox, **expected):
    return partial(alarms_now, {"web": Expected(**expected)}, inbox, inbox)


def hear(inbox):
    with inbox.begin() as con:
        put_messages(con, [Message("web", "a", "track", AT, "{}", digest_of(b"{}"))])


def test_what_is_wrong_is_said_once_and_so_is_that_it_is_well_again(inbox, tmp_path):
    said, look = [], looking(inbox, silent_hours=2)
    with Watch(look, tmp_path, say=lambda what, *_: said.append(what), clock=lambda: AT) as watch:
        watch()
        watch()
        hear(inbox)
        watch()
    assert said == [
        "alarm: web has never been heard, and 2 hours were expected",
        "well again: web was silent",
    ]


def test_of_several_processes_on_a_project_one_says_it(inbox, tmp_path):
    said, look = [], looking(inbox, silent_hours=2)
    one, other = (Watch(look, tmp_path, say=lambda what, *_: said.append(what)) for _ in "ab")
    with other:
        with one:
            one()
            other()
            assert len(said) == 1
        other()
    assert len(said) == 2


@contextmanager
def desk(*statuses):
    """A server at which alarms are told; it answers each in turn, then 204."""
    heard, left = [], list(statuses)

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self):
            told = json.loads(self.rfile.read(int(self.headers["content-length"])))
            heard.append((self.path, self.headers["content-type"], told))
            self.send_response(left.pop(0) if left else 204)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hook?key=k", heard
        server.shutdown()
        thread.join()


def test_an_address_is_told_and_until_it_has_heard_it_is_told_again(inbox, tmp_path):
    said, look = [], looking(inbox, silent_hours=2)
    with desk(500, 302) as (address, heard):
        rung = bells({"web": Expected(webhook="env:DESK")}, tmp_path, {"DESK": address})
        options = {"bells": rung, "say": lambda what, *_: said.append(what), "clock": lambda: AT}
        with Watch(look, tmp_path, **options) as watch:
            watch()
            hear(inbox)
            watch()
            watch()
            watch()
    assert [(each["state"], each["seen"]) for _, _, each in heard] == [
        ("alarm", None), ("alarm", None), ("alarm", None), ("well", None),
    ]  # fmt: skip
    assert heard[2] == ("/hook?key=k", "application/json", {
        "text": "tuttuno: alarm: web has never been heard, and 2 hours were expected",
        "source": "web", "alarm": "silent", "state": "alarm", "seen": None, "expected": 2,
        "at": "2026-05-04T10:30:00+00:00",
    })  # fmt: skip
    assert [each.partition(" answers ")[2] for each in said if "not heard" in each] == [
        "500; it is told again in a minute", "302; it is told again in a minute",
    ]  # fmt: skip


def test_an_address_that_is_gone_keeps_nothing_up_and_is_named_by_its_host(inbox, tmp_path):
    said = []
    with desk() as (address, _):
        pass
    rung = bells({"web": Expected(webhook=address)}, tmp_path, {})
    with Watch(looking(inbox, silent_hours=2), tmp_path, bells=rung,
               say=lambda what, *_: said.append(what)) as watch:  # fmt: skip
        watch()
    assert "does not answer (ConnectionRefusedError)" in said[1]
    assert "key=k" not in "".join([*said, repr(rung)])


@pytest.mark.parametrize("webhook", ["hooks.example.com", "env:NONE", "http://", "https://h:x/"])
def test_an_address_that_is_none_keeps_the_server_from_starting(tmp_path, webhook):
    with pytest.raises(BadMapping, match=r"alerts\.web\.webhook"):
        bells({"web": Expected(webhook=webhook)}, tmp_path, {})


def test_a_source_that_sends_files_is_judged_by_its_files(inbox):
    with inbox.begin() as con:
        for at, digest in ((AT - timedelta(hours=3), "d"), (AT, "")):
            batch = open_batch(con, source="web", table="sales", file="f", digest=digest, at=at)
            close_batch(con, batch, Counts(received=7, accepted=7), at)
    look = looking(inbox, silent_hours=2, least_a_day=8)
    assert [(each.trouble, each.seen) for each in look(AT)] == [("silent", 3), ("few", 7)]
    hear(inbox)
    assert [(each.trouble, each.seen) for each in look(AT)] == [("few", 0)]
