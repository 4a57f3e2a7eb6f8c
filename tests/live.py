"""A real server of a project, in a process of its own, that may be killed and started again."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tuttuno.tasks.drain import drain
from tuttuno.vault.door_hours import doors_by_hour
from tuttuno.vault.inbox_claims import count_waiting
from tuttuno.vault.vault import Vault
from tuttuno.workspace import Workspace, make_workspace, open_workspace

SETTINGS = """
[project]
name = "Shop"
[web]
hosts = ["testserver", "localhost", "127.0.0.1"]
[sources.web]
format = "segment"
currency = "EUR"
rate = 100000
write_keys = ["public-key", "WRITE_KEY_1"]
server_keys = ["server-key"]
[sources.app]
format = "segment"
currency = "EUR"
server_keys = ["app-key"]
"""

#: Seconds within which a server on a busy machine has started.
PATIENCE = 60


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client has asked of a small server."""

    path: str
    headers: dict[str, str]
    body: bytes


#: Status, headers and body.
Answer = tuple[int, dict[str, str], bytes]


@contextmanager
def beside(answer: Callable[[Asked], Answer]) -> Iterator[str]:
    """Start a small server of a test's own; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            status, headers, text = answer(Asked(self.path, dict(self.headers), body))
            self.send_response(status)
            for name, value in {"content-length": str(len(text)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", free_port()), Handler)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{http.server_address[1]}"
    http.shutdown()
    http.server_close()


def listening(port: int) -> None:
    """Return when somebody listens on a port."""
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(port)


@dataclass
class LiveServer:
    """`tuttuno serve` on a project."""

    root: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None
    workers: int = 1

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *, wait: bool = True) -> "LiveServer":
        words = ["-C", str(self.root), "serve", "--port", str(self.port)]
        words += ["--workers", str(self.workers)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tuttuno", *words],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        if wait:
            self.wait()
        return self

    def wait(self) -> None:
        """Return when it answers."""
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            try:
                if self.ask("GET", "/healthz")[0] == 200:
                    return
            except OSError:
                time.sleep(0.05)
        raise TimeoutError(self.address)

    def kill(self) -> None:
        """Kill it as a power cut would."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def stop(self) -> None:
        """End it as an operator would."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(PATIENCE)

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, bytes]:
        """Ask once; a server that is not there raises `OSError`."""
        sent = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as con:
            con.request(method, path, sent, headers)
            with con.getresponse() as answer:
                return answer.status, answer.read()

    def send(self, events: list[dict[str, object]], key: str = "server-key") -> list[str] | None:
        """Send a batch; the verdicts, or None when it was not acknowledged."""
        packed = b64encode(f"{key}:".encode()).decode()
        try:
            answer = self.ask(
                "POST", "/v1/batch", {"batch": events}, Authorization=f"Basic {packed}"
            )
        except (OSError, http.client.HTTPException):
            return None
        return json.loads(answer[1])["verdicts"] if answer[0] == 200 else None

    def drained(self) -> None:
        """Take in all that waits, with the server at rest."""
        workspace = open_workspace(self.root)
        inbox = workspace.inbox()
        drain(
            inbox, workspace.intake(), root=workspace.root,
            sources=workspace.settings.sources, patience=PATIENCE,
        )  # fmt: skip
        with inbox.read() as con:
            assert count_waiting(con) == 0
            hours = doors_by_hour(con)
        assert [each for each in hours if each.counts.difference] == []
        inbox.close()
        workspace.vault.close()

    def rows(self, table: object) -> list[dict[str, object]]:
        """All rows of a table of the lake, in order, without the batch that brought them."""
        workspace = open_workspace(self.root)
        engine = workspace.embedded()
        found = engine.run(workspace.lake.bind(engine, table))
        workspace.vault.close()
        return sorted(found.drop_columns("batch").to_pylist(), key=repr)


def make_live(root: Path) -> LiveServer:
    """Make a project with live sources; its server is not started."""
    workspace = make_workspace(root, settings=SETTINGS)
    workspace.vault.close()
    return LiveServer(workspace.root)


@contextmanager
def with_inbox(root: Path, settings: str) -> Iterator[tuple[Workspace, Vault]]:
    """A new project, and the inbox in which its live sources put messages."""
    made = make_workspace(root, settings=settings)
    inbox = made.inbox()
    yield made, inbox
    inbox.close()
    made.vault.close()


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveServer]:
    """A started server of a new project."""
    made = make_live(tmp_path / "project").start()
    yield made
    made.kill()
