"""Running the command line in this process, as `tuttuno ...` would."""

import sys
from dataclasses import dataclass

import pytest

from tuttuno.cli.main import run


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str


@pytest.fixture
def tuttuno(monkeypatch, capsys):
    """Call the command with words; returns its exit code and what it said where."""

    def call(*words):
        monkeypatch.setattr(sys, "argv", ["tuttuno", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            run()
        said = capsys.readouterr()
        return Said(ended.value.code or 0, said.out, said.err)

    return call
