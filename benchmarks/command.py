"""Running one command of the product as a user does, with its seconds and its peak memory."""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Run:
    """What one command took.

    Attributes:
        seconds: Wall clock.
        cpu_seconds: Of all its threads; more than the wall clock where they work side by side.
        peak_mb: Largest resident set of the process, in MB of 10^6 bytes.
        out: What it printed.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float
    out: str


class Failed(RuntimeError):
    """The command ended with an error; a benchmark of a failure means nothing."""


def tuttuno(*words: str, project: Path) -> Run:
    """Run `tuttuno -C project ...`."""
    return timed([sys.executable, "-m", "tuttuno", "-C", str(project), *words])


def timed(command: Sequence[str]) -> Run:
    """Run a command to its end.

    Raises:
        Failed: It did not exit with 0.
    """
    started = perf_counter()
    process = subprocess.Popen(  # noqa: S603 - ours
        command, stdout=subprocess.PIPE, text=True, env=as_installed()
    )
    with process.stdout or nullcontext() as printed:
        out = printed.read() if printed else ""
    _, status, usage = os.wait4(process.pid, 0)
    seconds = perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Failed(f"{' '.join(command)} ended with {process.returncode}")
    cpu_seconds = usage.ru_utime + usage.ru_stime
    peak_mb = usage.ru_maxrss * 1024 / 1e6
    return Run(round(seconds, 3), round(cpu_seconds, 3), round(peak_mb, 1), out)


def as_installed() -> dict[str, str]:
    """Return an environment in which modules are compiled once, as an installer leaves them."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
