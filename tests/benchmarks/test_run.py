"""`benchmarks/run.py` runs the parts in the order in which they need each other."""

import argparse
import subprocess
from pathlib import Path

import pytest

from benchmarks import run


@pytest.fixture
def started(monkeypatch):
    """What would be run, instead of running it; `pages` fails."""
    words = []

    def start(command, **_):
        words.append(command[1:])
        return subprocess.CompletedProcess(command, 4 if "benchmarks.pages" in command else 0)

    monkeypatch.setattr(subprocess, "run", start)
    return words


def test_parts_keep_their_order_however_they_are_named():
    mixed = "recall,startup, lookup,pages,estimators,measures,pipeline"
    assert run.chosen(mixed) == list(run.PARTS)


def test_an_unknown_part_is_named_with_those_there_are():
    with pytest.raises(argparse.ArgumentTypeError, match="no part called speed; there are pipe"):
        run.chosen("pages,speed")


def test_every_part_is_a_module_of_its_own():
    folder = Path(run.__file__).parent
    assert [part for part in run.PARTS if not (folder / f"{part}.py").is_file()] == []


def test_parts_are_told_where_how_large_and_which(started, tmp_path):
    run.main(["--people", "500", "--seed", "9", "--only", "measures", "--keep", str(tmp_path)])
    told = ["-m", "benchmarks.measures", str(tmp_path), "--people", "500", "--seed", "9"]
    assert started == [told]


def test_the_first_failure_ends_the_run_with_its_code(started, tmp_path):
    assert run.main(["--only", "measures,pages,startup", "--keep", str(tmp_path)]) == 4
    assert [words[1] for words in started] == ["benchmarks.measures", "benchmarks.pages"]


def test_a_folder_that_is_not_kept_is_removed(started):
    run.main(["--only", "startup"])
    assert not Path(started[0][2]).exists()
