"""A command is run as a user runs it, and a failure is no measurement."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.command import Failed, as_installed, timed


def test_what_a_command_printed_is_kept():
    assert timed([sys.executable, "-c", "print(6 * 7)"]).out == "42\n"


def test_the_peak_memory_is_that_of_the_command():
    # From a process as small as that of a benchmark: a child is charged for its parent's size.
    code = (
        "import sys; from benchmarks.command import timed\n"
        "print(timed([sys.executable, '-c', 'bytes(1) * 200_000_000']).peak_mb)"
    )
    root = Path(__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, check=True)
    assert 200 < float(run.stdout) < 300


def test_waiting_is_wall_clock_and_not_cpu():
    run = timed([sys.executable, "-c", "import time; time.sleep(0.5)"])
    assert run.seconds >= 0.5 > run.cpu_seconds


def test_a_command_that_fails_is_not_a_measurement():
    with pytest.raises(Failed, match="ended with 3"):
        timed([sys.executable, "-c", "raise SystemExit(3)"])


def test_modules_are_compiled_once_as_an_installer_leaves_them(monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert "PYTHONDONTWRITEBYTECODE" not in as_installed()
