"""Kill -9 at random moments of ingest and build: nothing is lost, nothing half-done shows."""

import shutil
import subprocess
import sys
import time

import numpy as np
import pytest

from tests.projects import digest
from tuttuno.demo.simulate import simulate
from tuttuno.tasks.verify import verify
from tuttuno.vault import batches, releases
from tuttuno.workspace import make_workspace, open_workspace

SETTINGS = '[project]\nname = "Storm"\n'


@pytest.fixture(scope="module")
def retailer(tmp_path_factory):
    return simulate(tmp_path_factory.mktemp("retailer"), people=200, seed=3, months=12).exchange


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    """An empty project; every run starts from a copy, so that all share one key."""
    workspace = make_workspace(tmp_path_factory.mktemp("blank"), settings=SETTINGS)
    workspace.vault.close()
    return workspace.root


@pytest.fixture(scope="module")
def undisturbed(retailer, blank, tmp_path_factory):
    """What the release says when nobody disturbs, and how long it takes."""
    root = tmp_path_factory.mktemp("calm") / "project"
    shutil.copytree(blank, root)
    started = time.perf_counter()
    run(root, retailer).wait()
    return digest(open_workspace(root)), time.perf_counter() - started


def run(root, retailer):
    """Start ingest and build in one process, as one command after the other would."""
    code = (
        "import sys; from tuttuno.cli.main import app\n"
        f"for words in (['ingest', {str(retailer)!r}], ['build']):\n"
        f"    app(['-C', {str(root)!r}, *words], standalone_mode=False)\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def kill_during(root, retailer, seconds):
    process = run(root, retailer)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def accepted(root):
    """Rows that the ledger of a project says were taken in for good."""
    with open_workspace(root).vault.read() as con:
        return sum(batch.counts.accepted for batch in batches.batches(con, limit=10_000))


def check_one_kill(root, retailer, undisturbed, after):
    calm, _ = undisturbed
    kill_during(root, retailer, after)
    workspace = open_workspace(root)
    kept = accepted(root)
    found = verify(workspace.stores, workspace.embedded())
    assert found.sound, [finding for finding in found.findings if finding.broken]
    with workspace.vault.read() as con:
        shown = releases.current(con)
    if shown is not None:
        assert digest(workspace) == calm
    assert run(root, retailer).wait() == 0
    assert accepted(root) >= kept
    assert digest(open_workspace(root)) == calm
    assert verify(workspace.stores, workspace.embedded()).sound


@pytest.mark.slow
@pytest.mark.parametrize("part", [0.3, 0.9])
def test_a_kill_loses_nothing(retailer, blank, undisturbed, tmp_path, part):
    shutil.copytree(blank, tmp_path / "project")
    check_one_kill(tmp_path / "project", retailer, undisturbed, part * undisturbed[1])


@pytest.mark.storm
@pytest.mark.parametrize("seed", range(30))
def test_thirty_kills_lose_nothing(retailer, blank, undisturbed, tmp_path, seed):
    moment = np.random.default_rng(seed).uniform(0.05, 1.0)
    shutil.copytree(blank, tmp_path / "project")
    check_one_kill(tmp_path / "project", retailer, undisturbed, moment * undisturbed[1])
