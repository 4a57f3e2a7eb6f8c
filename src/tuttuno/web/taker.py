"""Taking in, apart from the doors: a process of its own, so that no answer waits for it.

    python -m tuttuno.web.taker DIR

It is asked on its standard input, a line each time, and answers in JSON when nothing waits any
more. Told `hold` it leaves the rest for the next time. Told `end` it stops after what it has in
hand; where its input ends without a word, whoever asked is dead and it stops at once. None of this
loses anything: what was not finished is done again.
"""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import IO, Self

import msgspec

from tuttuno.errors import TuttunoError, Unavailable
from tuttuno.intake.intake import Intake
from tuttuno.tasks.drain import Drained, claims
from tuttuno.tasks.settle_arrived import drain_and_settle
from tuttuno.tasks.turn import Busy, turn
from tuttuno.vault.vault import Vault
from tuttuno.workspace import Workspace, open_workspace

#: How far it stands back behind whoever answers: 19 is furthest.
NICE = 10

#: Seconds that it may take to finish what it has in hand.
PATIENCE = 60.0

#: Seconds between two looks whether it should leave the rest.
_LOOK = 0.5

_TAKE, _HOLD, _END = b"take\n", b"hold\n", b"end\n"


class Told(msgspec.Struct, omit_defaults=True):
    """What became of one line.

    Attributes:
        holder: The process that takes in already; None: nobody else does.
        trouble: Why it could not be done now; it will be tried again.
    """

    holder: str | None = None
    trouble: str | None = None


class Taker:
    """The process as seen by whoever asks; it is started when it is first needed.

    Of several servers on one project only one has it. Use it as a context: leaving it lets the
    process finish what it has in hand.

    Args:
        root: The project.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock, self._asking = Lock(), Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._mine = ExitStack()
        self._open = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._open = False
            process = self._process
        if process is not None:
            _say(process.stdin, _END)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
            with self._asking:
                _close(process)
        self._mine.close()

    @property
    def pid(self) -> int | None:
        """The number of the process; None: there is none."""
        return None if self._process is None else self._process.pid

    def __call__(self, hold: Callable[[], bool] = bool) -> None:
        """Take in all that waits, or as much as there is time for.

        Args:
            hold: Asked now and then whether the rest should wait.

        Raises:
            Busy: Another process of the project does.
            Unavailable: It cannot be done now.
        """
        with self._asking:
            told = self._asked(hold)
        if told.holder is not None:
            raise Busy("ingest", told.holder)
        if told.trouble is not None:
            raise Unavailable(told.trouble)

    def _asked(self, hold: Callable[[], bool]) -> Told:
        process = self._running()
        if process is None or process.stdout is None:
            return Told()
        _say(process.stdin, _TAKE)
        while not select.select([process.stdout], [], [], _LOOK)[0]:
            if hold():
                _say(process.stdin, _HOLD)
                break
        line = process.stdout.readline()
        return msgspec.json.decode(line, type=Told) if line else self._gone(process)

    def _running(self) -> "subprocess.Popen[bytes] | None":
        """Return the process, started where there is none; None once this is closed."""
        with self._lock:
            if self._open and self._process is None:
                self._mine.enter_context(turn(self._root, "drain"))
                words = [sys.executable, "-m", "tuttuno.web.taker", str(self._root.resolve())]
                self._process = subprocess.Popen(  # noqa: S603 - ourselves
                    words, stdin=subprocess.PIPE, stdout=subprocess.PIPE
                )
            return self._process if self._open else None

    def _gone(self, process: "subprocess.Popen[bytes]") -> Told:
        """Forget a process that has ended, so that the next call starts another."""
        with self._lock:
            _close(process)
            if not self._open:
                return Told()
            self._process = None
            self._mine.close()
        return Told(trouble=f"the process that takes in has ended ({process.returncode})")


def _say(pipe: IO[bytes] | None, word: bytes) -> None:
    if pipe is not None:
        with suppress(BrokenPipeError):  # it is dead, and whoever reads its answer learns that
            pipe.write(word)
            pipe.flush()


def _close(process: "subprocess.Popen[bytes]") -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):
                pipe.close()
    process.wait()


def main(root: Path) -> None:
    """Take in for a project, whenever a line asks for it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal tells everybody; the server tells us
    os.nice(NICE)
    held = Event()
    lines: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_hear, args=(lines, held), daemon=True).start()
    workspace = open_workspace(root)
    work = _Work(workspace, workspace.inbox(), workspace.intake(), held)
    while lines.get() == _TAKE:
        sys.stdout.buffer.write(msgspec.json.encode(work.told()) + b"\n")
        sys.stdout.buffer.flush()


@dataclass(frozen=True, slots=True)
class _Work:
    """What the process works with; `held` once it should leave the rest."""

    workspace: Workspace
    inbox: Vault
    intake: Intake
    held: Event

    def told(self) -> Told:
        """Take in what waits, and tell."""
        try:
            settings = self.workspace.build.identity
            drain_and_settle(self._claims(), self.workspace.vault, settings=settings)
        except Busy as error:
            return Told(holder=error.holder)
        except (TuttunoError, OSError) as error:  # a full disk, in the lake, is the latter
            return Told(trouble=str(error))
        return Told()

    def _claims(self) -> Iterator[Drained]:
        root, sources = self.workspace.root, self.workspace.settings.sources
        for each in claims(self.inbox, self.intake, root=root, sources=sources):
            yield each
            if self.held.is_set():
                return


def _hear(lines: SimpleQueue[bytes], held: Event) -> None:
    # Unbuffered, for a lock on the buffer would outlive this thread at the end of the process.
    line = b""
    with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as asked:
        for line in asked:
            _understand(line, lines, held)
    if line != _END:
        os._exit(1)


def _understand(line: bytes, lines: SimpleQueue[bytes], held: Event) -> None:
    if line == _TAKE:
        held.clear()
    else:
        held.set()
    if line != _HOLD:
        lines.put(line)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
