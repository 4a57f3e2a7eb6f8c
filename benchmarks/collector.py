"""How many events a second the collector keeps, beside a bare route that keeps nothing.

    python -m benchmarks.collector DIR

Both servers are one process under uvicorn, take turns on the same machine with the same load, and
parse every event. The collector answers when its events are on the disk; the bare route at once.
Then the collector alone: how long answers take at a steady rate, and what becomes of ten times
that rate for a minute. Whatever was acknowledged is counted in the inbox at the end.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks.machine import save
from benchmarks.pages import free_port
from benchmarks.task import Task, task
from benchmarks.timing import percentiles
from tuttuno.vault.door_hours import doors_by_hour
from tuttuno.workspace import make_workspace, open_workspace

#: Seconds of each turn, and turns of each server.
SECONDS, TURNS = 5.0, 3

#: By name: events of a request, connections that send at once.
SHAPES = {"single": (1, 128), "batch": (100, 16)}

#: Requests a second that are always answered in time, and how often and how long ten times that.
STEADY, STEADY_SECONDS, BURST, BURST_SECONDS = 1_000, 15.0, 10, 60.0

SETTINGS = """
[project]
name = "Benchmark"
[sources.web]
format = "segment"
currency = "EUR"
rate = 1000000
server_keys = ["key"]
"""

BARE = """
import msgspec, uvicorn, sys
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

async def take(request):
    msgspec.json.decode(await request.body())
    return JSONResponse({"success": True})

routes = [Route("/v1/track", take, methods=["POST"]), Route("/v1/batch", take, methods=["POST"])]
uvicorn.run(Starlette(routes=routes), port=int(sys.argv[1]), log_level="warning", access_log=False)
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A server at work."""

    port: int
    process: psutil.Process

    @property
    def cpu_seconds(self) -> float:
        """What it has taken so far, of all its threads."""
        taken = self.process.cpu_times()
        return float(taken.user + taken.system)

    @property
    def apart_cpu_seconds(self) -> float:
        """The same of the processes that it has started."""
        taken = [child.cpu_times() for child in self.process.children(recursive=True)]
        return float(sum(one.user + one.system for one in taken))


@dataclass(frozen=True, slots=True)
class Turn:
    """What one server did in one turn."""

    events: int
    seconds: float
    cpu_seconds: float
    waits: Sequence[float]
    served: Sequence[float]
    answers: Counter[str]
    unsent: int


def measured(work: Path) -> dict[str, Any]:
    """Let both servers take turns, then put the collector under a steady load and a burst."""
    project = Path(tempfile.mkdtemp(prefix="collector-", dir=work)) / "project"
    make_workspace(project, settings=SETTINGS).vault.close()
    found: dict[str, Any] = {"load_before": os.getloadavg()[0]}
    kept = 0
    with _served(["-m", "tuttuno", "-C", str(project), "serve", "--port"]) as ours:
        with _served(["-c", BARE]) as bare:
            for name, (size, connections) in SHAPES.items():
                turns: dict[Server, list[Turn]] = {ours: [], bare: []}
                for _ in range(TURNS):
                    for server, taken in turns.items():
                        taken.append(_load(server, size, SECONDS, connections))
                found[name] = _compared(turns[ours], turns[bare])
                kept += sum(turn.events for turn in turns[ours])
        for name, times, seconds in (
            ("steady", 1, STEADY_SECONDS),
            ("burst", BURST, BURST_SECONDS),
        ):
            turn = _load(ours, 1, seconds, 512, STEADY * times)
            found[name] = {"asked_per_second": STEADY * times, **_told(turn)}
            kept += turn.events
        found["taking_in_cpu_seconds"] = round(ours.apart_cpu_seconds, 1)
    found["acknowledged"] = kept
    found["lost"] = kept - _kept(project)
    found["load_after"] = os.getloadavg()[0]
    return found


def _compared(ours: Sequence[Turn], bare: Sequence[Turn]) -> dict[str, Any]:
    kept, passed = max(map(_rate, ours)), max(map(_rate, bare))
    spent, least = min(map(_spent, ours)), min(map(_spent, bare))
    return {
        "events_per_second": round(kept),
        "bare_events_per_second": round(passed),
        "ratio": round(kept / passed, 3),
        "cpu_us_per_event": round(spent, 1),
        "bare_cpu_us_per_event": round(least, 1),
        **percentiles([wait for turn in ours for wait in turn.waits]),
    }


def _told(turn: Turn) -> dict[str, Any]:
    return {
        "events_per_second": round(_rate(turn)),
        "answers": dict(turn.answers),
        "unsent": turn.unsent,
        "cpu_us_per_event": round(_spent(turn), 1),
        **percentiles(turn.waits),
        "served": percentiles(turn.served),
    }


def _rate(turn: Turn) -> float:
    return turn.events / turn.seconds


def _spent(turn: Turn) -> float:
    return 1e6 * turn.cpu_seconds / max(1, turn.events)


@contextlib.contextmanager
def _served(words: Sequence[str]) -> Iterator[Server]:
    """Start a server on a free port, and end it afterwards."""
    port = free_port()
    process = subprocess.Popen([sys.executable, *words, str(port)])  # noqa: S603 - ours
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.1)
        yield Server(port, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait()


def _load(server: Server, size: int, seconds: float, connections: int, rate: float = 0) -> Turn:
    """Send from a process of its own for some seconds."""
    asked = {"port": server.port, "size": size, "seconds": seconds, "connections": connections}
    before = server.cpu_seconds
    words = [sys.executable, "-m", "benchmarks.load", json.dumps({**asked, "rate": rate})]
    told = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)  # noqa: S603 - ours
    return Turn(
        events=told["answers"].get("200", 0) * size,
        seconds=told["seconds"],
        cpu_seconds=server.cpu_seconds - before,
        waits=told["waits"],
        served=told["served"],
        answers=Counter(told["answers"]),
        unsent=told["unsent"],
    )


def _kept(project: Path) -> int:
    """How many events the doors have accepted."""
    workspace = open_workspace(project)
    inbox = workspace.inbox()
    with inbox.read() as con:
        found = sum(hour.counts.accepted for hour in doors_by_hour(con))
    inbox.close()
    workspace.vault.close()
    return found


def main(asked: Task) -> Path:
    """Measure, and return where the result is."""
    asked.work.mkdir(parents=True, exist_ok=True)
    return save("collector", measured(asked.work), folder=asked.results)


if __name__ == "__main__":
    main(task(__doc__))
