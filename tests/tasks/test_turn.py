"""Work that may not run twice at once."""

import os
import subprocess
import sys

import pytest

from tuttuno.errors import Unavailable
from tuttuno.tasks.turn import turn

HOLD = """
import sys
from pathlib import Path
from tuttuno.tasks.turn import turn
with turn(Path(sys.argv[1]), "build"):
    print("holding", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout.readline() == b"holding\n"
    yield process
    process.kill()
    process.communicate()


def test_the_second_is_told_who_is_first(tmp_path, holder):
    told = pytest.raises(Unavailable, match=rf"another build .*process {holder.pid}")
    with told, turn(tmp_path, "build"):
        pass


def test_other_work_goes_on(tmp_path, holder):
    assert holder.pid != os.getpid()
    with turn(tmp_path, "ingest"):
        pass


def test_the_dead_hold_nothing(tmp_path, holder):
    holder.kill()
    holder.wait()
    with turn(tmp_path, "build"):
        pass
