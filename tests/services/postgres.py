"""A private PostgreSQL: made for one test session, gone after it, never the machine's own."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import pytest

from tests.services.absent import in_ci, refuse

STARTS = 3  # another process may take the free port between our look and our start
PATIENCE = 60.0

#: Nobody's data is at stake, so nothing waits for a disk.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def lacks_postgres() -> str | None:
    """Say what is missing for a PostgreSQL server of our own."""
    if find_spec("psycopg") is None:
        return "psycopg is not installed; install the extra `postgres`"
    if postgres_bin() is None:
        return "no initdb here; on Debian: apt install postgresql"
    return None


def postgres_bin() -> Path | None:
    """Find the newest folder that holds PostgreSQL's server programs."""
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3])
    )
    on_path = shutil.which("initdb")
    found = installed[-1] if installed else on_path and Path(on_path).resolve()
    return found.parent if found else None


class PrivatePostgres:
    """One cluster in a temporary folder, on a free port of the loopback address."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.port = 0
        self._folder = folder
        self._programs = programs
        self._user = _unprivileged()
        self._server: subprocess.Popen[bytes] | None = None
        self._names = (f"test_{number}" for number in count(1))

    def start(self) -> None:
        """Make the cluster and wait until it answers."""
        if self._user:
            shutil.chown(self._folder, self._user)
        self._run("initdb", "--username=tuttuno", "--auth=trust", "--encoding=UTF8", "--no-sync")
        for _ in range(STARTS):
            self.port = free_port()
            self._server = self._launch()
            if self._answers():
                return
            self.stop()
        log = (self._folder / "log").read_text("utf-8", errors="replace")
        pytest.fail(f"PostgreSQL did not start; its log ends:\n{log[-2000:]}", pytrace=False)

    def stop(self) -> None:
        """Stop the server and wait until it is gone."""
        if self._server and self._server.poll() is None:
            self._server.send_signal(signal.SIGINT)  # "fast": sessions are cut, files are closed
            try:
                self._server.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()

    def new_database(self) -> str:
        """Create an empty database and return its SQLAlchemy address."""
        name = next(self._names)
        self._ask(f'create database "{name}" template template0')
        return f"postgresql+psycopg://tuttuno@127.0.0.1:{self.port}/{name}"

    def drop_database(self, url: str) -> None:
        """Remove a database, whoever may still be connected."""
        self._ask(f'drop database if exists "{url.rpartition("/")[2]}" with (force)')

    def _ask(self, statement: str) -> None:
        import psycopg  # noqa: PLC0415 - optional extra; looked for before anybody comes here

        address = f"postgresql://tuttuno@127.0.0.1:{self.port}/postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement)

    def _launch(self) -> subprocess.Popen[bytes]:
        settings = FAST | {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
        }
        command = [str(self._programs / "postgres"), "-D", str(self._folder / "data")]
        command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(
                command, cwd=self._folder, stdout=log, stderr=log, env=_plain_env(), **self._as_user
            )

    def _answers(self) -> bool:
        """Wait for the word in our own folder: on the port somebody else may answer."""
        end = time.monotonic() + PATIENCE
        state = self._folder / "data" / "postmaster.pid"
        while self._server and self._server.poll() is None and time.monotonic() < end:
            if state.exists() and state.read_text().rstrip().endswith("\nready"):
                return True
            time.sleep(0.02)
        return False

    def _run(self, program: str, *options: str) -> None:
        command = [str(self._programs / program), "-D", str(self._folder / "data"), *options]
        done = subprocess.run(
            command,
            cwd=self._folder,
            check=False,
            capture_output=True,
            text=True,
            env=_plain_env(),
            timeout=PATIENCE,
            **self._as_user,
        )
        if done.returncode:
            pytest.fail(f"{program} failed: {done.stdout}{done.stderr}", pytrace=False)

    @property
    def _as_user(self) -> dict[str, object]:
        """How to start a program so that PostgreSQL, which refuses root, accepts it."""
        if not self._user:
            return {}
        group = pwd.getpwnam(self._user).pw_gid
        return {"user": self._user, "group": group, "extra_groups": ()}


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _unprivileged() -> str | None:
    """Name the user to become: nobody special, and only when we are root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _plain_env() -> dict[str, str]:
    """Leave out what would steer PostgreSQL from outside, and fix the language."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C.UTF-8", "TZ": "UTC"}


@contextlib.contextmanager
def running_postgres() -> Iterator[PrivatePostgres]:
    """Run a private PostgreSQL for as long as the block lasts."""
    programs = postgres_bin()
    if programs is None:
        raise FileNotFoundError(lacks_postgres())
    # Not below pytest's folder: that one is closed to the user PostgreSQL runs as.
    folder = Path(tempfile.mkdtemp(prefix="tuttuno-postgres-"))
    server = PrivatePostgres(folder, programs)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PrivatePostgres]:
    """The session's PostgreSQL server."""
    if lack := lacks_postgres():
        refuse(f"postgres: {lack}", owed=in_ci())
    with running_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PrivatePostgres) -> Iterator[str]:
    """SQLAlchemy address of an empty PostgreSQL database of the test's own."""
    url = postgres_server.new_database()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture
def new_postgres_url(postgres_server: PrivatePostgres) -> Iterator[Callable[[], str]]:
    """Make as many empty databases as the test asks for."""
    made: list[str] = []

    def make() -> str:
        made.append(postgres_server.new_database())
        return made[-1]

    yield make
    for url in made:
        postgres_server.drop_database(url)
