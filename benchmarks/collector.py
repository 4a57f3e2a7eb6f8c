"""How many events a second the collector keeps, beside a bare route that keeps nothing.

    python -m benchmarks.collector DIR

Both servers are one process under uvicorn, take turns on the same machine with the same load, and
parse every event. The collector answers when its events are on the disk; the bare route at once.
"""

import asyncio
import base64
import contextlib
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.machine import save
from benchmarks.task import Task, task
from benchmarks.timing import percentiles
from tuttuno.workspace import make_workspace

#: Seconds of each turn, turns of each server, connections that send at once, events of a batch.
SECONDS, TURNS, CONNECTIONS, TOGETHER = 4.0, 2, 32, 100

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

async def alive(request):
    return JSONResponse({})

routes = [Route("/healthz", alive), Route("/v1/track", take, methods=["POST"]),
          Route("/v1/batch", take, methods=["POST"])]
uvicorn.run(Starlette(routes=routes), port=int(sys.argv[1]), log_level="warning")
"""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one server did in one turn: events acknowledged, seconds, seconds of each request."""

    events: int
    seconds: float
    waits: tuple[float, ...]


def measured(work: Path) -> dict[str, Any]:
    """Let both servers take turns, with single events and with batches."""
    project = Path(tempfile.mkdtemp(prefix="collector-", dir=work)) / "project"
    make_workspace(project, settings=SETTINGS).vault.close()
    collector = ["-m", "tuttuno", "-C", str(project), "serve", "--port"]
    found: dict[str, Any] = {}
    with _served(collector) as ours, _served(["-c", BARE]) as bare:
        for name, size in (("single", 1), ("batch", TOGETHER)):
            turns: dict[int, list[Turn]] = {ours: [], bare: []}
            for turn in range(TURNS):
                for port in (ours, bare):
                    turns[port].append(asyncio.run(_load(port, size, f"{name}{turn}")))
            found[name] = _compared(turns[ours], turns[bare])
    return found


def _compared(ours: Sequence[Turn], bare: Sequence[Turn]) -> dict[str, Any]:
    kept, passed = max(map(_rate, ours)), max(map(_rate, bare))
    return {
        "events_per_second": round(kept),
        "bare_events_per_second": round(passed),
        "ratio": round(kept / passed, 3),
        **percentiles([wait for turn in ours for wait in turn.waits]),
    }


def _rate(turn: Turn) -> float:
    return turn.events / turn.seconds


@contextlib.contextmanager
def _served(words: Sequence[str]) -> Iterator[int]:
    """Start a server on a free port, and end it afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, *words, str(port)])  # noqa: S603 - ours
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


async def _load(port: int, size: int, name: str) -> Turn:
    """Send from many connections for some seconds, each as fast as it is answered."""
    start = time.perf_counter()
    ends = start + SECONDS
    sent = await asyncio.gather(
        *(_connection(port, size, f"{name}-{n}", ends) for n in range(CONNECTIONS))
    )
    waits = tuple(wait for each in sent for wait in each)
    return Turn(len(waits) * size, time.perf_counter() - start, waits)


async def _connection(port: int, size: int, name: str, ends: float) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    waits: list[float] = []
    key = base64.b64encode(b"key:").decode()
    path = "track" if size == 1 else "batch"
    while time.perf_counter() < ends:
        events = [_event(f"{port}-{name}-{len(waits)}-{n}") for n in range(size)]
        body = json.dumps(events[0] if size == 1 else {"batch": events}).encode()
        head = (
            f"POST /v1/{path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Basic {key}\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        asked = time.perf_counter()
        writer.write(head.encode() + body)
        await _answered(reader)
        waits.append(time.perf_counter() - asked)
    writer.close()
    return waits


async def _answered(reader: asyncio.StreamReader) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    if " 200 " not in head.partition("\r\n")[0]:
        raise RuntimeError(head)
    length = head.partition("content-length: ")[2].partition("\r\n")[0]
    await reader.readexactly(int(length))


def _event(name: str) -> dict[str, Any]:
    return {
        "type": "track",
        "event": "Product Viewed",
        "messageId": name,
        "userId": f"u{hash(name) % 10_000}",
        "anonymousId": "d-1",
        "timestamp": "2026-05-04T09:59:00Z",
        "properties": {"product_id": "SKU-1", "price": 59.9, "category": "shirts"},
        "context": {"library": {"name": "benchmark"}, "page": {"path": "/p/1"}},
    }


def main(asked: Task) -> Path:
    """Measure, and return where the result is."""
    asked.work.mkdir(parents=True, exist_ok=True)
    return save("collector", measured(asked.work), folder=asked.results)


if __name__ == "__main__":
    main(task(__doc__))
