"""The locks hold every dependency, at a version we allow, by its hash, from no named place."""

import re
import tomllib
from itertools import chain

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.rule import ROOT

PIN = re.compile(r"^(?P<name>[\w.-]+)(?:\[[\w,-]+\])?==(?P<version>[\w.+!]+)", re.MULTILINE)
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
CORE = PYPROJECT["project"]["dependencies"]
EVERYTHING = [*CORE, *chain(*EXTRAS.values()), *PYPROJECT["dependency-groups"]["dev"]]


def lock(name):
    return (ROOT / "requirements" / name).read_text("utf-8")


def pins(text):
    return {(canonicalize_name(pin["name"]), pin["version"]) for pin in PIN.finditer(text)}


def unmet(wanted, text):
    locked = pins(text)
    requirements = [Requirement(line) for line in wanted]
    return [
        str(requirement)
        for requirement in requirements
        if not any(
            name == canonicalize_name(requirement.name) and version in requirement.specifier
            for name, version in locked
        )
    ]


@pytest.mark.parametrize(("name", "wanted"), [("locked.txt", EVERYTHING), ("core.txt", CORE)])
def test_every_dependency_is_locked_at_a_version_that_we_allow(name, wanted):
    assert unmet(wanted, lock(name)) == [], "run `make lock`"


def test_the_core_is_the_same_in_both_locks():
    assert pins(lock("core.txt")) <= pins(lock("locked.txt"))


@pytest.mark.parametrize("name", ["locked.txt", "core.txt"])
def test_every_pin_has_a_hash_and_no_file_says_where_to_download(name):
    text = lock(name)
    blocks = re.split(r"\n(?=\w)", text)
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert re.findall(r"https?:\S+|\S+ @ \S+|^-\S+", text, re.MULTILINE) == []


def test_a_dependency_that_is_not_locked_is_found():
    text = "duckdb==1.4.0 \\\n    --hash=sha256:00\n"
    assert unmet(["duckdb>=1.5.5,<2", "scipy"], text) == ["duckdb<2,>=1.5.5", "scipy"]
    assert unmet(["DuckDB>=1.4"], text) == []
