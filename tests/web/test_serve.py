"""Several processes serve one project: visitors are dealt out, and nobody else takes the port."""

import http.client
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.live import PATIENCE, make_live

_ESTABLISHED, _LISTENING = "01", "0A"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = make_live(tmp_path_factory.mktemp("served") / "project")
    server.workers = 2
    yield server.start()
    server.stop()


def sockets(port, state):
    """The numbers of the sockets of a port that are in a state."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {row[9] for row in rows if row[1].endswith(f":{port:04X}") and row[3] == state}


def processes(server):
    """The processes that answer, and one that looks after them."""
    parent = server.process.pid
    return list(map(int, Path(f"/proc/{parent}/task/{parent}/children").read_text().split()))


def held_by_each(server):
    """How many of its visitors each process holds."""
    known = {f"socket:[{number}]" for number in sockets(server.port, _ESTABLISHED)}
    held = [
        sum(str(one.readlink()) in known for one in Path(f"/proc/{child}/fd").iterdir())
        for child in processes(server)
    ]
    return sorted(number for number in held if number)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system deals nobody out")
def test_each_process_has_a_door_of_its_own_and_visitors_come_to_all(server):
    give_up = time.monotonic() + PATIENCE
    while len(sockets(server.port, _LISTENING)) < 2 and time.monotonic() < give_up:
        server.ask("GET", "/healthz")
    assert len(sockets(server.port, _LISTENING)) == 2
    with ExitStack() as visits:
        for _ in range(60):
            one = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
            visits.enter_context(closing(one)).request("GET", "/healthz")
            assert one.getresponse().read()
        fewest, most = held_by_each(server)
    # Of 60 tosses of a coin fewer than 10 fall on one side once in ten million times.
    assert fewest >= 10
    assert fewest + most == 60


def test_a_second_server_is_told_that_the_port_is_taken(server):
    words = ["-C", str(server.root), "serve", "--workers", "2", "--port", str(server.port)]
    told = subprocess.run(
        [sys.executable, "-m", "tuttuno", *words], capture_output=True, text=True, check=False
    )
    assert told.returncode != 0
    assert f"port {server.port} of 127.0.0.1 cannot be opened" in told.stderr
