"""From files to a release: intake, first build, new data, second build; seconds and memory."""

import json
import shutil
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.command import Failed, Run, timed, tuttuno
from benchmarks.machine import save
from benchmarks.retailer import made
from benchmarks.same import difference
from benchmarks.task import Task, task
from benchmarks.truth import told_apart
from tuttuno.measures.ask import Ask
from tuttuno.measures.catalog import MEASURES
from tuttuno.tasks.measure import measure as answer
from tuttuno.tasks.open_release import find_release
from tuttuno.workspace import open_workspace


def measured(work: Path, *, people: int, seed: int) -> dict[str, Any]:
    """Take in and build a retailer in `work/project`, add the new data, and build again.

    At the end everything is built once more from the start: what the new data cost is compared
    with that, and the answers must be the same.

    Raises:
        Failed: A command ended with an error, or the two ways of building give different answers.
    """
    retailer, project = made(work, people=people, seed=seed), work / "project"
    shutil.rmtree(project, ignore_errors=True)
    timed([sys.executable, "-m", "tuttuno", "init", str(project)])
    first = {
        "ingest": _spent(tuttuno("ingest", str(retailer.base), "--json", project=project)),
        "build": _built(tuttuno("build", "--json", project=project)),
    }
    new = {
        "ingest": _spent(tuttuno("ingest", str(retailer.addition), "--json", project=project)),
        "build": _built(tuttuno("build", "--json", project=project)),
    }
    by_increment = _answers(project)
    again = _built(tuttuno("build", "--full", "--json", project=project))
    refuse_change(by_increment, _answers(project))
    with closing(open_workspace(project).vault) as vault:
        apart = told_apart(vault, work / "simulated" / "truth")
    return {
        **retailer.facts,
        "records": first["build"]["records"],
        "persons": first["build"]["persons"],
        "first": {**first, **_both(first)},
        "new": {**new, **_both(new)},
        "again": again,
        "told_apart": apart,
        "new_build_percent": _percent(new["build"]["seconds"], again["seconds"]),
        "new_percent": _percent(_both(new)["seconds"], _both(first)["seconds"]),
        "lake_mb": _size(project / "lake"),
        "vault_mb": _size(project / "vault"),
    }


def refuse_change(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Do nothing when building by increment and from the start gave the same answers.

    Raises:
        Failed: A measure says something else.
    """
    found = difference(before, after)
    if found:
        raise Failed(f"an increment and a full build answer differently: {found}")


def _answers(project: Path) -> dict[str, Any]:
    """Every measure as it is first asked, without the number of the release."""
    workspace = open_workspace(project)
    release = find_release(workspace.vault)
    told = {
        name: answer(
            name,
            Ask(),
            release=release,
            vault=workspace.vault,
            opener=workspace.reading().open,
            params=workspace.settings.params,
        ).as_dict(0)
        for name in MEASURES
    }
    workspace.vault.close()
    return told


def _spent(run: Run) -> dict[str, Any]:
    return {"seconds": run.seconds, "cpu_seconds": run.cpu_seconds, "peak_mb": run.peak_mb}


def _built(run: Run) -> dict[str, Any]:
    built = json.loads(run.out)
    months = built["months"]
    return {
        **_spent(run),
        "steps": built["seconds"],
        "records": built["records"],
        "persons": built["persons"],
        "months": "all" if months is None else len(months),
    }


def _both(runs: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    seconds = sum(run["seconds"] for run in runs.values())
    return {"seconds": round(seconds, 3), "peak_mb": max(run["peak_mb"] for run in runs.values())}


def _percent(part: float, whole: float) -> float:
    return round(100 * part / whole, 1)


def _size(folder: Path) -> float:
    held = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return round(held / 1e6, 1)


def main(asked: Task) -> Path:
    """Measure, and return where the result is."""
    result = measured(asked.work, people=asked.people, seed=asked.seed)
    return save(f"pipeline_{asked.people}", result, folder=asked.results)


if __name__ == "__main__":
    main(task(__doc__))
