"""What every part of the benchmarks is told: where to work, how large, where results go."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import RESULTS


@dataclass(frozen=True, slots=True)
class Task:
    """One measurement to be made.

    Attributes:
        work: Holds the simulated retailer and the project; kept between parts.
        people: Size of the retailer.
        seed: Which of the retailers of that size.
        results: Where the JSON goes.
    """

    work: Path
    people: int
    seed: int
    results: Path


def task(doc: str | None, words: Sequence[str] | None = None) -> Task:
    """Read the command line of a part."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("work", type=Path, help="folder to work in")
    parser.add_argument("--people", type=int, default=100_000, help="simulated customers")
    parser.add_argument("--seed", type=int, default=7, help="the same seed, the same retailer")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for the JSON")
    given = parser.parse_args(words)
    return Task(given.work.absolute(), given.people, given.seed, given.results.absolute())
