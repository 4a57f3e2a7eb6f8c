"""Kill -9 under load, and everything sent again in any order: nothing lost, nothing twice."""

import random
import shutil
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.live import LiveServer, make_live
from tuttuno.schema.lake import SALE_LINE, TOUCH
from tuttuno.tasks.verify import verify
from tuttuno.workspace import open_workspace


@pytest.fixture
def server(tmp_path):
    """A project with live sources; its server is not started yet."""
    made = make_live(tmp_path / "project")
    yield made
    made.kill()


def viewed(name):
    return {"type": "track", "event": "Product Viewed", "messageId": name, "userId": name[-2:],
            "timestamp": "2026-05-04T09:59:00Z", "properties": {"product_id": "A"}}  # fmt: skip


def bought(name):
    lines = [{"product_id": "A", "price": "9.90"}, {"product_id": "B", "price": 5, "quantity": 2}]
    said = {"order_id": name, "products": lines, "channel": "store", "store_id": "S1"}
    return {**viewed(name), "event": "Order Completed", "properties": said}


class Sender(threading.Thread):
    """Sends new events until told to stop, and keeps the ids of those that were acknowledged."""

    def __init__(self, server: LiveServer, name: str) -> None:
        super().__init__(daemon=True)
        self.server, self.called, self.over = server, name, threading.Event()
        self.acknowledged: list[str] = []

    def run(self) -> None:
        number = 0
        while not self.over.is_set():
            ids = [f"{self.called}-{number}-{n}" for n in range(5)]
            number += 1
            verdicts = self.server.send([viewed(each) for each in ids])
            if verdicts is None:
                self.over.wait(0.05)
            else:
                assert set(verdicts) == {"accepted"}
                self.acknowledged += ids


def kill_under_load(server, cycles, chance):
    """Kill a server again and again while many send; return what it has acknowledged."""
    acknowledged: list[str] = []
    for cycle in range(cycles):
        server.start()
        senders = [Sender(server, f"c{cycle}s{n}") for n in range(4)]
        for each in senders:
            each.start()
        senders[0].over.wait(chance.uniform(0.2, 1.5))
        server.kill()
        for each in senders:
            each.over.set()
            each.join(60)
            acknowledged += each.acknowledged
    return acknowledged


def check_nothing_is_lost(server, cycles, seed):
    acknowledged = kill_under_load(server, cycles, random.Random(seed))  # noqa: S311 - a seed
    server.drained()
    kept = Counter(row["touch_id"] for row in server.rows(TOUCH))
    assert len(acknowledged) > 10 * cycles
    assert [each for each in acknowledged if each not in kept] == []
    assert set(kept.values()) == {1}
    check_sound(server)


def check_sound(server):
    workspace = open_workspace(server.root)
    inbox = workspace.inbox()
    found = verify(workspace.stores, workspace.embedded(), inbox=inbox)
    inbox.close()
    workspace.vault.close()
    assert found.sound, [finding for finding in found.findings if finding.broken]


@pytest.mark.slow
def test_what_was_acknowledged_survives_a_few_kills(server):
    check_nothing_is_lost(server, cycles=3, seed=1)


@pytest.mark.storm
def test_what_was_acknowledged_survives_sixty_kills(server):
    check_nothing_is_lost(server, cycles=60, seed=2)


def send_all(server, events, seed):
    """Send every event one to five times from many threads, in an order of its own."""
    chance = random.Random(seed)  # noqa: S311 - a seed
    told = [one for one in events for _ in range(chance.randint(1, 5))]
    chance.shuffle(told)
    batches = [told[start : start + 40] for start in range(0, len(told), 40)]

    def send(batch):
        key = "app-key" if batch[0].get("app") else "server-key"
        while server.send(batch, key) is None:
            threading.Event().wait(0.02)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(send, batches))
    return len(told)


def ends_alike(tmp_path, events, orders):
    """Send the same events in several orders; every time the tables must be the same."""
    ends = []
    blank = make_live(tmp_path / "blank").root
    for seed in range(orders):
        shutil.copytree(blank, tmp_path / str(seed))  # one key, so that surrogates are the same
        server = LiveServer(tmp_path / str(seed)).start()
        half = len(events) // 2
        sent = send_all(server, events[:half], seed)
        server.kill()
        server.start()
        sent += send_all(server, events, seed + 100)
        server.kill()
        server.drained()
        check_sound(server)
        ends.append([server.rows(table) for table in (TOUCH, SALE_LINE)])
        assert sent > len(events)
    assert all(end == ends[0] for end in ends)
    return ends[0]


@pytest.mark.slow
def test_events_sent_again_in_any_order_across_a_kill_end_alike(tmp_path):
    events = [viewed(f"v{n}") for n in range(200)] + [bought(f"o{n}") for n in range(50)]
    touches, lines = ends_alike(tmp_path, events, orders=2)
    assert (len(touches), len(lines)) == (200, 100)


@pytest.mark.storm
def test_twenty_thousand_events_sent_again_in_any_order_end_alike(tmp_path):
    events = [viewed(f"v{n}") for n in range(18_000)] + [bought(f"o{n}") for n in range(2_000)]
    touches, lines = ends_alike(tmp_path, events, orders=3)
    assert (len(touches), len(lines)) == (18_000, 4_000)
