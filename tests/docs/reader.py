"""What a reader does in a folder of her own: she calls `tuttuno`, or types into a shell."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, chdir, contextmanager, redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from subprocess import CompletedProcess
from unittest.mock import patch

from tuttuno.cli.main import run

#: What only a shell understands.
SHELL = re.compile(r"[|&;<>$`*?]")

PATIENCE = 300


def done(line: str, folder: Path) -> "CompletedProcess[str]":
    """Run a line as cheaply as can be."""
    calls = line.startswith("tuttuno ") and not SHELL.search(line)
    return (called if calls else typed)(line, folder)


def called(line: str, folder: Path) -> "CompletedProcess[str]":
    """Run `tuttuno` in this process: to start another takes a second and a half."""
    out, err = (TextIOWrapper(BytesIO(), "utf-8", write_through=True) for _ in range(2))
    words = shlex.split(line)
    with _as_reader(words, folder), redirect_stdout(out), redirect_stderr(err):
        try:
            run()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
    return CompletedProcess(words, code, *(each.buffer.getvalue().decode() for each in (out, err)))


def typed(line: str, folder: Path) -> "CompletedProcess[str]":
    """Run a line in a shell."""
    return subprocess.run(
        ["bash", "-c", line],  # noqa: S607 - as in the reader's shell
        cwd=folder,
        env=os.environ | _environment(folder),
        stdin=subprocess.DEVNULL,
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


@contextmanager
def _as_reader(words: list[str], folder: Path) -> Iterator[None]:
    with ExitStack() as stack:
        nothing = stack.enter_context(Path(os.devnull).open(encoding="utf-8"))
        stack.enter_context(chdir(folder))
        stack.enter_context(patch.dict(os.environ, _environment(folder)))
        stack.enter_context(patch.object(sys, "argv", words))
        stack.enter_context(patch.object(sys, "stdin", nothing))
        yield


def _environment(folder: Path) -> dict[str, str]:
    """A home of its own, and our `tuttuno` first on the path."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "HOME": str(folder), "COLUMNS": "100", "NO_COLOR": "1"}
