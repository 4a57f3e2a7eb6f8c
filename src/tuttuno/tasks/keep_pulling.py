"""Keep pulling: while a server runs, shops are asked every few hours what webhooks missed.

Each pull is a process of its own, `tuttuno pull NAME`, so that no door waits for it. Of several
servers on one project only one pulls.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from time import monotonic

import msgspec

from tuttuno.progress import Progress, silent
from tuttuno.tasks.background import Background
from tuttuno.tasks.turn import Busy, turn

#: Seconds between two looks, and before a pull that failed is tried again.
PAUSE, AGAIN = 30.0, 600.0

#: How far it stands back behind whoever answers: 19 is furthest.
NICE = 10

_ENDING = 10.0


class _Missed(msgspec.Struct):
    list: str
    new: int
    newer: int


class _Told(msgspec.Struct):
    missed: list[_Missed]


class Puller(Background):
    """A thread that starts pulls when they are due; use it as a context.

    A server that starts pulls each source soon. Leaving the context ends a pull that runs:
    it is done again the next time.

    Args:
        root: The project.
        every: Of each source, how long between two pulls.
        say: Told what had been missed, and what goes wrong.
        pause: Seconds between two looks.
    """

    def __init__(
        self,
        root: Path,
        every: Mapping[str, timedelta],
        *,
        say: Progress = silent,
        pause: float = PAUSE,
    ) -> None:
        self._root = root
        self._every = every
        self._say = say
        self._pause = pause
        self._due = dict.fromkeys(every, monotonic())
        super().__init__("pull")

    def _run(self) -> None:
        if not self._every:
            return
        with ExitStack() as mine:
            while not self._stop.wait(self._pause):
                try:
                    mine.enter_context(turn(self._root, "pulling"))
                except Busy:
                    continue  # another server of the project pulls
                break
            while not self._stop.is_set():
                for name, due in list(self._due.items()):
                    if monotonic() >= due and not self._stop.is_set():
                        done = self._pull(name)
                        wait = self._every[name].total_seconds()
                        self._due[name] = monotonic() + (wait if done else min(wait, AGAIN))
                self._stop.wait(self._pause)

    def _pull(self, name: str) -> bool:
        words = [sys.executable, "-m", "tuttuno", "-C", str(self._root.resolve())]
        process = subprocess.Popen(  # noqa: S603 - ourselves
            [*words, "pull", name, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
        out, err = self._ended(process)
        if self._stop.is_set():
            return False
        if process.returncode:
            said = err.decode(errors="replace").strip().splitlines()
            self._say(f"{name} was not pulled: {said[0] if said else process.returncode}", 0, None)
            return False
        for one in msgspec.json.decode(out, type=_Told).missed:
            if one.new or one.newer:
                what = f"{one.new} were new, {one.newer} newer than ours"
                self._say(f"pulled {name}: of its {one.list} {what}", 0, None)
        return True

    def _ended(self, process: "subprocess.Popen[bytes]") -> tuple[bytes, bytes]:
        """Wait for a process; end it where the server ends."""
        while not self._stop.is_set():
            try:
                return process.communicate(timeout=0.5)
            except subprocess.TimeoutExpired:
                continue
        process.terminate()
        try:
            return process.communicate(timeout=_ENDING)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.communicate()
