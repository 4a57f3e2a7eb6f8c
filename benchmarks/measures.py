"""Every measure against a hand-written query that gives the same answer, in the same run."""

from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.machine import peak_mb, save
from benchmarks.peer import ASKED, answered, connected, refuse_difference
from benchmarks.task import Task, task
from benchmarks.timing import ROUNDS, best_and_median, in_turn
from tuttuno.measures.ask import Ask
from tuttuno.schema.lake import LAKE
from tuttuno.schema.mart import MART
from tuttuno.tasks.measure import compute
from tuttuno.tasks.open_release import OpenRelease, find_release, open_release
from tuttuno.workspace import Workspace, open_workspace


def measured(workspace: Workspace, *, rounds: int = ROUNDS) -> dict[str, Any]:
    """Compare every measure of the catalogue on the release that readers see.

    Raises:
        Differs: A hand-written query answers something else.
    """
    choice = workspace.settings.engine
    release = find_release(workspace.vault)
    opened = open_release(release, lake=workspace.lake, engine=workspace.embedded())
    files = {
        table.name: workspace.lake.files(table, release.tables[table.name])
        for table in (*LAKE, *MART)
        if table.name in release.tables
    }
    con = connected(files, threads=choice.threads or None, memory=choice.memory)
    found = {name: _compared(name, opened, con, rounds) for name in ASKED}
    return {
        "rounds": rounds,
        "threads": choice.threads or "all",
        "memory": choice.memory,
        "worst_ratio": max(one["ratio"] for one in found.values()),
        "measures": found,
        "peak_mb": peak_mb(),
    }


def _compared(
    name: str, opened: OpenRelease, con: duckdb.DuckDBPyConnection, rounds: int
) -> dict[str, Any]:
    ours = partial(compute, name, Ask(), engine=opened.engine, tables=opened.tables, params={})
    raw = partial(answered, con, name)
    refuse_difference(ours(), raw())
    spent = in_turn({"tuttuno": ours, "raw": raw}, rounds=rounds)
    taken = {
        side: best_and_median([one.seconds for one in times])
        | {"cpu_ms": best_and_median([one.cpu_seconds for one in times])["best_ms"]}
        for side, times in spent.items()
    }
    return {
        **taken,
        "ratio": _ratio(taken, "best_ms"),
        "ratio_of_cpu": _ratio(taken, "cpu_ms"),
        "ratio_of_medians": _ratio(taken, "median_ms"),
    }


def _ratio(taken: dict[str, dict[str, float]], which: str) -> float:
    return round(taken["tuttuno"][which] / taken["raw"][which], 3)


def main(asked: Task) -> Path:
    """Measure, and return where the result is."""
    workspace = open_workspace(asked.work / "project")
    result = {"people": asked.people, "seed": asked.seed, **measured(workspace)}
    return save(f"measures_{asked.people}", result, folder=asked.results)


if __name__ == "__main__":
    main(task(__doc__))
