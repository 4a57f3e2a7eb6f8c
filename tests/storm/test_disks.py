"""Power cuts and full disks: what was acknowledged is there, and a broken promise would be seen."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from base64 import b64encode
from pathlib import Path
from threading import Event

import pytest

from tests.live import make_live
from tests.storm.disks import make_disk
from tests.storm.test_inbox import check_sound, viewed
from tuttuno.schema.lake import TOUCH
from tuttuno.vault.inbox_claims import Claim, claimed, count_waiting
from tuttuno.vault.migration import migrate
from tuttuno.vault.vault import open_vault
from tuttuno.workspace import open_workspace

pytestmark = [pytest.mark.storm, pytest.mark.privileged]

#: Keeps messages without end, and says which are kept as soon as it may.
WRITER = """
import sys, itertools, datetime, sqlalchemy
from tuttuno.intake.inbox import Inbox
from tuttuno.vault.inbox import Message, digest_of
from tuttuno.vault.vault import open_vault

url, name, synchronous = sys.argv[1:]
vault = open_vault(url)
pragma = f"PRAGMA synchronous={synchronous}"
sqlalchemy.event.listen(vault.engine, "connect", lambda raw, _: raw.execute(pragma))
at = datetime.datetime.now(datetime.UTC)
with Inbox(vault) as inbox:
    for n in itertools.count():
        ids = [f"{name}-{n}-{each}" for each in range(5)]
        told = [Message("web", each, "track", at, "{}", digest_of(b"{}")) for each in ids]
        inbox.put(told).result()
        print(*ids, flush=True)
"""


@pytest.fixture
def disk(tmp_path):
    """A disk of 96 MB."""
    made = make_disk(tmp_path, 96)
    yield made
    made.take_out()


def write_until_cut(disk, acknowledged, synchronous, seconds):
    """Keep messages for a while, then cut the power under the writer; return what it was told."""
    url = f"sqlite:///{disk.at / 'inbox.sqlite'}"
    with acknowledged.open("wb") as told:
        words = [sys.executable, "-c", WRITER, url, acknowledged.name, synchronous]
        writer = subprocess.Popen(words, stdout=told)
    while not acknowledged.stat().st_size:
        assert writer.poll() is None
        Event().wait(0.01)
    Event().wait(seconds)
    # It must stand still first: what it says between the cut and its death would be no promise.
    writer.send_signal(signal.SIGSTOP)
    while not all(_stands(each) for each in Path(f"/proc/{writer.pid}/task").iterdir()):
        Event().wait(0.001)
    disk.cut_power()
    writer.kill()
    writer.wait()
    disk.take_out()
    disk.put_in()
    return acknowledged.read_text().split()


def _stands(task):
    return (task / "stat").read_text().rpartition(")")[2].split()[0] == "T"


def lost_by_cuts(disk, tmp_path, synchronous, cuts):
    """How many messages were acknowledged in some cuts, and which of them are not there."""
    vault = open_vault(f"sqlite:///{disk.at / 'inbox.sqlite'}")
    migrate(vault)
    vault.close()
    os.sync()
    chance = random.Random(5)  # noqa: S311 - a seed
    acknowledged = []
    for cut in range(cuts):
        seconds = chance.uniform(0.2, 0.8)
        acknowledged += write_until_cut(disk, tmp_path / f"cut{cut}", synchronous, seconds)
    with vault.read() as con:
        kept = {each.message_id for each in claimed(con, Claim(0, 1, 10**9))}
    vault.close()
    return len(acknowledged), [each for each in acknowledged if each not in kept]


def test_what_was_acknowledged_survives_twenty_power_cuts(disk, tmp_path):
    acknowledged, lost = lost_by_cuts(disk, tmp_path, "FULL", cuts=20)
    assert acknowledged > 20 * 50
    assert lost == []


def test_without_a_flush_before_the_answer_a_power_cut_loses_and_is_seen_to(disk, tmp_path):
    acknowledged, lost = lost_by_cuts(disk, tmp_path, "NORMAL", cuts=5)
    assert acknowledged > 5 * 50
    assert lost != []


def sent(server, ids):
    """Send events as one batch; the status, and the ids that were acknowledged."""
    key = b64encode(b"server-key:").decode()
    body = {"batch": [{**viewed(each), "context": {"pad": "x" * 4_000}} for each in ids]}
    status, answer = server.ask("POST", "/v1/batch", body, Authorization=f"Basic {key}")
    if status != 200:
        return status, []
    assert set(json.loads(answer)["verdicts"]) == {"accepted"}
    return status, ids


def send_until(server, wanted, name):
    """Send until an answer is the one wanted, or for a minute; return what was acknowledged."""
    acknowledged, until, number = [], time.monotonic() + 60, 0
    while time.monotonic() < until:
        status, kept = sent(server, [f"{name}-{number}-{n}" for n in range(50)])
        acknowledged += kept
        number += 1
        if status == wanted:
            return acknowledged
        assert status in {200, 429, 503}, status
        Event().wait(0.05)
    raise AssertionError(f"never answered {wanted}")


def drained_by_itself(server):
    """Wait until a server has taken in all that waited."""
    workspace = open_workspace(server.root)
    inbox = workspace.inbox()
    until = time.monotonic() + 120
    while time.monotonic() < until:
        with inbox.read() as con:
            if not count_waiting(con):
                break
        Event().wait(0.5)
    else:
        raise AssertionError("what waits is not taken in")
    inbox.close()
    workspace.vault.close()


def test_on_a_full_disk_nothing_acknowledged_is_lost_and_work_goes_on_when_there_is_room(disk):
    server = make_live(disk.at / "project").start()
    try:
        acknowledged = send_until(server, 200, "before")
        ballast = disk.fill("ballast", leave=2**20)
        acknowledged += send_until(server, 503, "full")
        assert server.ask("GET", "/healthz")[0] == 200
        ballast.unlink()
        acknowledged += send_until(server, 200, "after")
        drained_by_itself(server)
    finally:
        server.kill()
    kept = [row["touch_id"] for row in server.rows(TOUCH)]
    assert [each for each in acknowledged if each not in set(kept)] == []
    assert len(kept) == len(set(kept))
    check_sound(server)
