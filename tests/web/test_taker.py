"""Taking in apart from the doors: whoever dies, nothing is lost, and nobody does it twice."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from queue import SimpleQueue
from threading import Event

import psutil
import pytest

from tests.live import make_live
from tuttuno.errors import Unavailable
from tuttuno.schema.lake import TOUCH
from tuttuno.tasks.turn import Busy, turn
from tuttuno.vault.inbox import Message, digest_of, put_messages
from tuttuno.web.taker import NICE, Taker, Told, _understand, _Work
from tuttuno.workspace import open_workspace

AT = datetime(2026, 5, 4, 10, tzinfo=UTC)
BODY = '{"type":"track","event":"Seen","timestamp":"2026-05-04T09:59:00Z","userId":"u","n":"%s"}'
PATIENCE = 60

#: Takes in once, says which process did it, and waits for its end.
SERVER = """
import sys, time
from pathlib import Path
from tuttuno.web.taker import Taker
taker = Taker(Path(sys.argv[1]))
taker()
print(taker.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def live(tmp_path):
    return make_live(tmp_path / "project")


def put(live, *names):
    inbox = open_workspace(live.root).inbox()
    told = [(name, BODY % name) for name in names]
    with inbox.begin() as con:
        put_messages(
            con, [Message("web", n, "track", AT, b, digest_of(b.encode())) for n, b in told]
        )
    inbox.close()


def touches(live):
    return [row["touch_id"] for row in live.rows(TOUCH)]


def test_what_waits_is_taken_in_by_a_process_that_stands_back_and_ends_with_its_server(live):
    put(live, "a", "b")
    with Taker(live.root) as taker:
        assert taker.pid is None
        taker()
        assert touches(live) == ["a", "b"]
        process = psutil.Process(taker.pid)
        assert process.nice() == min(19, os.nice(0) + NICE)
        put(live, "c")
        hears_that_others_are_at_work(live, taker)
        hears_what_is_wrong(live, taker)
        taker()
        assert process.pid == taker.pid
    assert not process.is_running()
    assert touches(live) == ["a", "b", "c"]
    taker()
    assert taker.pid == process.pid


def hears_that_others_are_at_work(live, taker):
    with turn(live.root, "ingest"), pytest.raises(Busy) as told:
        taker()
    assert told.value.holder == str(os.getpid())
    other = Taker(live.root)
    with pytest.raises(Busy):
        other()
    assert other.pid is None


def hears_what_is_wrong(live, taker):
    (vault,) = live.root.rglob("vault.sqlite")
    away = vault.rename(vault.with_suffix(".away"))
    with pytest.raises(Unavailable, match="is gone"):
        taker()
    away.rename(vault)


def test_what_it_has_in_hand_is_finished_and_the_rest_left_once_it_is_held(live, monkeypatch):
    monkeypatch.setattr("tuttuno.tasks.drain.TOGETHER", 2)
    put(live, "a", "b", "c")
    workspace, held = open_workspace(live.root), Event()
    work = _Work(workspace, workspace.inbox(), workspace.intake(), held)
    held.set()
    assert work.told() == Told()
    assert touches(live) == ["a", "b"]
    held.clear()
    assert work.told() == Told()
    assert touches(live) == ["a", "b", "c"]


def test_it_is_held_by_a_word_until_it_is_asked_again():
    lines, held, seen = SimpleQueue(), Event(), []
    for told in ((b"take\n",), (b"take\n", b"hold\n"), (b"hold\n", b"take\n", b"end\n")):
        heard(lines, held, told)
        seen.append((held.is_set(), [lines.get() for _ in range(lines.qsize())]))
    assert seen == [
        (False, [b"take\n"]), (True, [b"take\n"]), (True, [b"take\n", b"end\n"]),
    ]  # fmt: skip


def heard(lines, held, told):
    for line in told:
        _understand(line, lines, held)


def test_a_process_that_was_killed_is_told_and_started_again(live):
    put(live, "a")
    with Taker(live.root) as taker:
        taker()
        put(live, "b")
        os.kill(taker.pid, signal.SIGKILL)
        with pytest.raises(Unavailable, match=r"has ended \(-9\)"):
            taker()
        taker()
    assert touches(live) == ["a", "b"]


def test_it_ends_with_a_server_that_was_killed(live):
    words = [sys.executable, "-c", SERVER, str(live.root)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as server:
        process = psutil.Process(int(server.stdout.readline()))
        assert process.is_running()
        server.kill()
    process.wait(PATIENCE)
