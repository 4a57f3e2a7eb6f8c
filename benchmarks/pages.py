"""How long a reader waits for a page: every page of `tuttuno serve`, from cold and from warm."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import httpx
import ibis

from benchmarks.command import Failed, as_installed
from benchmarks.machine import save
from benchmarks.task import Task, task
from benchmarks.timing import once, percentiles
from tuttuno.measures.catalog import MEASURES
from tuttuno.tasks.open_account import open_account
from tuttuno.tasks.open_release import find_release, open_release
from tuttuno.vault.migration import migrate
from tuttuno.workspace import Workspace, open_workspace

#: How often each page is asked for; a card is of another person each time.
REQUESTS = 100

#: How long the server may take to start, in seconds.
PATIENCE = 60.0

LOGIN = "benchmark"

#: Bytes that are read at a time.
_PIECE = 1 << 24

#: Whose people are listed, one after the other.
CLASSES = ("both", "online_only", "store_only")

_CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Readers:
    """Who is looked for.

    Attributes:
        persons: Ids of buyers.
        emails: Addresses as the sources spell them.
        receipts: Addresses of pages that show one receipt of a buyer.
    """

    persons: tuple[int, ...]
    emails: tuple[str, ...]
    receipts: tuple[str, ...]


@dataclass(slots=True)
class Server:
    """A running `tuttuno serve` and a browser that is signed in."""

    browser: httpx.Client
    csrf: str
    peak_mb: float = 0.0

    def get(self, path: str) -> None:
        """Read a page to its end."""
        _well(self.browser.get(path))

    def post(self, path: str, **form: str) -> None:
        """Send a form, read the page it leads to."""
        _well(self.browser.post(path, data={**form, "csrf": self.csrf}, follow_redirects=True))


def measured(workspace: Workspace, base: Path, *, requests: int) -> dict[str, Any]:
    """Ask for every page: of a server just started with its files on the disk, then from memory."""
    readers = _readers(workspace, base, requests)
    password = open_account(LOGIN, "admin", vault=workspace.vault)
    evict(workspace.root / "lake", workspace.root / "vault")
    with serving(workspace.root, password) as server:
        first = {name: once(page) for name, page in pages(server, readers, 0).items()}
        load(workspace.root / "lake", workspace.root / "vault")
        seconds: dict[str, list[float]] = {name: [] for name in first}
        for turn in range(1, requests + 1):
            for name, page in pages(server, readers, turn).items():
                seconds[name].append(once(page))
    cold = {name: round(taken * 1000, 3) for name, taken in first.items()}
    warm = {name: percentiles(taken) for name, taken in seconds.items()}
    return {
        "warm": warm,
        "all": percentiles([each for taken in seconds.values() for each in taken]),
        "slowest_p95_ms": max(page["p95_ms"] for page in warm.values()),
        "cold_ms": cold,
        "cold_slowest_ms": max(cold.values()),
        "server_peak_mb": server.peak_mb,
    }


def pages(server: Server, readers: Readers, turn: int) -> Mapping[str, Callable[[], None]]:
    """Return how each page is asked for at one turn."""
    person = readers.persons[turn % len(readers.persons)]
    email = readers.emails[turn % len(readers.emails)]
    receipt = readers.receipts[turn % len(readers.receipts)]
    paths = {
        "home": "/",
        **{f"measure_{name}": f"/measures/{name}" for name in MEASURES},
        "api_measure": f"/api/v1/measures/{next(iter(MEASURES))}",
        "people": "/people",
        "behind": f"/measures/channel_class/people?class={CLASSES[turn % len(CLASSES)]}",
        "person": f"/people/{person}",
        "receipt": receipt,
        "intake": "/intake",
        "quarantine": "/quarantine",
        "releases": "/releases",
    }
    asked: dict[str, Callable[[], None]] = {
        name: lambda path=path: server.get(path)  # type: ignore[misc]  # bound at once
        for name, path in paths.items()
    }
    return {**asked, "search": lambda: server.post("/people", text=email)}


@contextmanager
def serving(project: Path, password: str) -> Iterator[Server]:
    """Start the server, sign in, and stop it at the end."""
    port = free_port()
    words = ["-m", "tuttuno", "-C", str(project), "serve", "--port", str(port)]
    process = subprocess.Popen([sys.executable, *words], env=as_installed())  # noqa: S603 - ours
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as browser:
            wait_until_ready(browser, process.pid)
            server = Server(browser, signed_in(browser, password))
            yield server
    finally:
        process.send_signal(signal.SIGINT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    server.peak_mb = round(usage.ru_maxrss * 1024 / 1e6, 1)


def evict(*folders: Path) -> None:
    """Drop files from the memory of the system, so that the next read is from the disk."""
    for path in (path for folder in folders for path in folder.rglob("*") if path.is_file()):
        file = os.open(path, os.O_RDONLY)
        os.fsync(file)
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(file)


def load(*folders: Path) -> None:
    """Read files, so that they lie in the memory of the system as after some days of work."""
    for path in (path for folder in folders for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            while file.read(_PIECE):
                pass


def _readers(workspace: Workspace, base: Path, wanted: int) -> Readers:
    release = find_release(workspace.vault)
    opened = open_release(release, lake=workspace.lake, engine=workspace.embedded())
    person = opened.tables["person"]
    buyers = person.filter(person.orders > 0).select("person_id").order_by(ibis.asc("person_id"))
    ids = opened.engine.run(buyers).column("person_id").to_pylist()
    step = max(1, len(ids) // (wanted + 1))
    chosen = ids[::step]
    bought = opened.tables["purchase"]
    bought = bought.filter(bought.person_id.isin(chosen), bought.orders > 0)
    last = bought.group_by("person_id").agg(
        source=bought.source.argmax(bought.sold_at),
        sale_id=bought.sale_id.argmax(bought.sold_at),
        month=bought.month.argmax(bought.sold_at),
    )
    receipts = tuple(_address(row) for row in opened.engine.run(last).to_pylist())
    opened.engine.close()
    with duckdb.connect() as con:
        found = con.execute(
            "SELECT email FROM read_parquet(?) WHERE email IS NOT NULL LIMIT ?",
            [str(base / "people.parquet"), wanted],
        ).fetchall()
    return Readers(tuple(chosen), tuple(email for (email,) in found), receipts)


def _address(sale: Mapping[str, Any]) -> str:
    """Return where a receipt is shown, as the card of its buyer links to it."""
    source, sale_id = (quote(sale[name], safe="/") for name in ("source", "sale_id"))
    return f"/people/{sale['person_id']}/receipts/{source}/{sale_id}?month={sale['month']}"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_until_ready(browser: httpx.Client, pid: int) -> None:
    """Return when a server answers.

    Raises:
        Failed: It ended, or took too long.
    """
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and not _ended(pid):
        try:
            if browser.get("/readyz").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise Failed("the server did not become ready")


def _ended(pid: int) -> bool:
    """Look without taking the process away: its memory is asked for at the end."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def signed_in(browser: httpx.Client, password: str) -> str:
    """Pass the door, and return the token that forms must carry from then on."""
    token = _token(browser.get("/login"))
    form = {"login": LOGIN, "password": password, "csrf": token, "next": "/people"}
    inside = browser.post("/login", data=form, follow_redirects=True)
    _well(inside)
    return _token(inside)


def _token(page: httpx.Response) -> str:
    found = _CSRF.search(page.text)
    if found is None:
        raise Failed(f"{page.url} has no form")
    return found[1]


def _well(answer: httpx.Response) -> None:
    if not answer.is_success:
        raise Failed(f"{answer.request.method} {answer.url} answered {answer.status_code}")


def kept_project(root: Path) -> Workspace:
    """Open a project that an earlier run made, its vault as this version needs it."""
    workspace = open_workspace(root)
    migrate(workspace.vault)
    return workspace


def main(asked: Task) -> Path:
    """Measure, and return where the result is."""
    workspace = kept_project(asked.work / "project")
    found = measured(workspace, asked.work / "base", requests=REQUESTS)
    return save(
        f"pages_{asked.people}",
        {"people": asked.people, "seed": asked.seed, **found},
        folder=asked.results,
    )


if __name__ == "__main__":
    main(task(__doc__))
