"""What a user meets before any data: how soon the command answers, how large it is installed."""

import sys
import sysconfig
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import tuttuno
from benchmarks.command import timed
from benchmarks.machine import save
from benchmarks.task import Task, task
from benchmarks.timing import best_and_median, percentiles

#: How often the command is started.
STARTS = 20


def measured() -> dict[str, Any]:
    """Start `tuttuno --help` over and over, and weigh what the core stands on."""
    command = Path(sysconfig.get_path("scripts")) / "tuttuno"
    timed([str(command), "--help"])  # the first start compiles the modules
    runs = [timed([str(command), "--help"]) for _ in range(STARTS)]
    seconds = [run.seconds for run in runs]
    sizes = dict(sorted(installed_sizes(), key=_size, reverse=True))
    return {
        "help": {
            **best_and_median(seconds),
            **percentiles(seconds),
            "cpu_ms": round(min(run.cpu_seconds for run in runs) * 1000, 3),
            "peak_mb": max(run.peak_mb for run in runs),
        },
        "core_mb": round(sum(sizes.values()), 1),
        "core_distributions": len(sizes),
        "largest_mb": dict(list(sizes.items())[:8]),
        "python": sys.version.split()[0],
    }


def installed_sizes() -> Iterator[tuple[str, float]]:
    """Yield each distribution that a core install brings, with its size in MB.

    The sum is over the files that each was installed with, compiled modules included where
    they are; no extra counts.
    """
    waiting, seen = ["tuttuno"], set[str]()
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in seen:
            continue
        seen.add(name)
        found = distribution(name)
        yield name, _megabytes(_package() if name == "tuttuno" else _files(found))
        waiting += needed(found)


def needed(found: Distribution) -> Iterator[str]:
    """Yield what a distribution requires here, extras of its requirements included."""
    for text in found.requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield requirement.name
            for extra in requirement.extras:
                yield from _of_extra(requirement.name, extra)


def _of_extra(name: str, extra: str) -> Iterator[str]:
    for text in distribution(name).requires or ():
        requirement = Requirement(text)
        if requirement.marker and requirement.marker.evaluate({"extra": extra}):
            yield requirement.name


def _package() -> Iterator[Path]:
    """The package itself may be installed as a link to its source."""
    return Path(tuttuno.__file__).parent.rglob("*")


def _files(found: Distribution) -> Iterator[Path]:
    for file in found.files or ():
        path = Path(str(file.locate()))
        yield path
        if path.suffix == ".py":
            yield from (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc")


def _megabytes(paths: Iterator[Path]) -> float:
    held = {path.resolve() for path in paths if path.is_file()}
    return round(sum(path.stat().st_size for path in held) / 1e6, 2)


def _size(one: tuple[str, float]) -> float:
    return one[1]


def main(asked: Task) -> Path:
    """Measure, and return where the result is."""
    return save("startup", measured(), folder=asked.results)


if __name__ == "__main__":
    main(task(__doc__))
