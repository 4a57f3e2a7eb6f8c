"""How fast a till learns who stands before it: card look-ups through the API, over two workers.

    python -m benchmarks.lookup DIR --people 100000

Takes the project that the pipeline built in the same folder, and asks for people by e-mail, phone
and card over and over: first as fast as it is answered from a server just started whose vault is
on the disk; then, with the vault in memory, a steady thousand a second, and as fast again.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import duckdb
import httpx

from benchmarks.command import Failed, as_installed
from benchmarks.machine import save
from benchmarks.pages import (
    LOGIN,
    PATIENCE,
    evict,
    free_port,
    kept_project,
    load,
    signed_in,
    wait_until_ready,
)
from benchmarks.task import Task, task
from benchmarks.timing import percentiles
from tuttuno.tasks.open_account import open_account

#: Processes that answer, seconds of each turn, connections at most, questions a second when steady.
WORKERS, SECONDS, CONNECTIONS, STEADY = 2, 10.0, 64, 1_000

#: What is asked for, in turns: columns of the table `people`.
KINDS = ("email", "phone", "loyalty_card")

#: Different questions of each kind.
_DIFFERENT = 20_000

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Turn:
    """What came of one turn: seconds of each answer, seconds in all, seconds of processor time.

    `found` counts the answers that name somebody: of what sources write, some is a placeholder.
    """

    waits: tuple[float, ...]
    found: int
    seconds: float
    cpu_seconds: float

    def told(self) -> dict[str, Any]:
        """Return its figures."""
        return {
            "per_second": round(len(self.waits) / self.seconds),
            "found_share": round(self.found / len(self.waits), 3),
            "server_cpu_ms": round(1000 * self.cpu_seconds / len(self.waits), 3),
            **percentiles(self.waits),
        }


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and what opens its door."""

    port: int
    pid: int
    headers: str


def measured(project: Path, base: Path) -> dict[str, Any]:
    """Look people up in a project whose files lie in another folder.

    Raises:
        Failed: A question was refused.
    """
    keys = questions(base)
    workspace = kept_project(project)
    password = open_account(LOGIN, "admin", vault=workspace.vault)
    workspace.vault.close()
    evict(project / "vault")
    with _serving(project, password) as server:
        cold = asyncio.run(_load(server, keys, seconds=3.0))
        load(project / "vault")
        steady = asyncio.run(_load(server, keys, seconds=SECONDS, rate=STEADY))
        full = asyncio.run(_load(server, keys, seconds=SECONDS))
    return {
        "workers": WORKERS,
        "cold": cold.told(),
        "steady": steady.told(),
        "full": full.told(),
    }


def questions(base: Path) -> tuple[str, ...]:
    """Return what to ask for: e-mails, phones and cards as the sources write them, in turns."""
    found = []
    with duckdb.connect() as con:
        for kind in KINDS:
            rows = con.execute(
                f'SELECT DISTINCT "{kind}" FROM read_parquet(?) WHERE "{kind}" IS NOT NULL '  # noqa: S608 - ours
                f'ORDER BY hash("{kind}") LIMIT ?',
                [str(base / "people*.parquet"), _DIFFERENT],
            ).fetchall()
            found.append([key for (key,) in rows])
    longest = max(map(len, found))
    return tuple(
        key
        for turn in zip(*(islice(cycle(some), longest) for some in found), strict=True)
        for key in turn
    )


@contextmanager
def _serving(project: Path, password: str) -> Iterator[Server]:
    port = free_port()
    words = ["-C", str(project), "serve", "--port", str(port), "--workers", str(WORKERS)]
    process = subprocess.Popen([sys.executable, "-m", "tuttuno", *words], env=as_installed())  # noqa: S603 - ours
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as browser:
            wait_until_ready(browser, process.pid)
            token = signed_in(browser, password)
            cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        yield Server(port, process.pid, f"cookie: {cookies}\r\nx-csrf-token: {token}\r\n")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


async def _load(
    server: Server, keys: Sequence[str], *, seconds: float, rate: float | None = None
) -> Turn:
    """Ask from many connections for some seconds: at a rate, or as fast as it is answered."""
    cpu, start = _cpu_seconds(server.pid), time.perf_counter()
    waits: list[tuple[float, bool]] = []
    turns = iter(cycle(keys))
    # When steady, connections ask one after the other, evenly: no two at the same moment.
    apart = 1 / rate if rate else 0
    await asyncio.gather(
        *(
            _connection(server, turns, waits, (start + number * apart, start + seconds, rate))
            for number in range(CONNECTIONS)
        )
    )
    seen = tuple(wait for wait, _ in waits), sum(found for _, found in waits)
    return Turn(*seen, time.perf_counter() - start, _cpu_seconds(server.pid) - cpu)


async def _connection(
    server: Server,
    keys: Iterator[str],
    waits: list[tuple[float, bool]],
    pace: tuple[float, float, float | None],
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    start, ends, rate = pace
    turn = 0
    while (now := time.perf_counter()) < ends:
        due = now if rate is None else start + turn * CONNECTIONS / rate
        turn += 1
        if due > now:
            await asyncio.sleep(due - now)
        body = json.dumps({"key": next(keys)})
        asked = max(due, start)
        writer.write(
            f"POST /api/v1/people/lookup HTTP/1.1\r\nhost: localhost\r\n{server.headers}"
            f"content-length: {len(body)}\r\n\r\n{body}".encode()
        )
        found = await _answered(reader)
        waits.append((time.perf_counter() - asked, found))
    writer.close()


async def _answered(reader: asyncio.StreamReader) -> bool:
    """Read one answer; tell whether it names somebody."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
    body = await reader.readexactly(length)
    if " 200 " not in head.partition("\r\n")[0]:
        raise Failed(f"{head}{body.decode()}")
    return b'"shown_id"' in body


def _cpu_seconds(pid: int) -> float:
    """Processor time of a server and of its processes."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()
    return sum(map(_ticks, [pid, *map(int, children)])) / _TICKS


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def main(asked: Task) -> Path:
    """Measure, and return where the result is."""
    result = measured(asked.work / "project", asked.work / "base")
    facts = {"people": asked.people, "seed": asked.seed}
    return save(f"lookup_{asked.people}", {**facts, **result}, folder=asked.results)


if __name__ == "__main__":
    main(task(__doc__))
