"""Measures tuttuno as it is used, and writes what it found to `benchmarks/results`.

    python benchmarks/run.py --people 100000
    python benchmarks/run.py --people 1000000 --keep million --only measures,pages

Every part runs in a process of its own, so that its memory is its own.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]

#: In the order in which they need each other: the next three read what the pipeline built.
PARTS = ("pipeline", "measures", "pages", "lookup", "startup", "estimators", "recall")


def chosen(words: str) -> list[str]:
    """Read a list of parts, `a,b`, into their proper order.

    >>> chosen("startup,measures")
    ['measures', 'startup']
    """
    asked = {word.strip() for word in words.split(",")}
    unknown = ", ".join(sorted(asked - set(PARTS)))
    if unknown:
        known = ", ".join(PARTS)
        raise argparse.ArgumentTypeError(f"there is no part called {unknown}; there are {known}")
    return [part for part in PARTS if part in asked]


def run(parts: Sequence[str], work: Path, options: Sequence[str]) -> int:
    """Run parts one after the other; return 0, or the exit code of the first that failed."""
    for part in parts:
        print(f"measuring {part}", file=sys.stderr, flush=True)
        words = ["-m", f"benchmarks.{part}", str(work.absolute()), *options]
        code = subprocess.run([sys.executable, *words], cwd=ROOT, check=False).returncode  # noqa: S603 - ours
        if code:
            return code
    return 0


def main(words: Sequence[str] | None = None) -> int:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=100_000, help="simulated customers")
    parser.add_argument("--seed", type=int, default=7, help="the same seed, the same retailer")
    parser.add_argument(
        "--only", type=chosen, default=list(PARTS), metavar="PARTS", help=f"of {','.join(PARTS)}"
    )
    parser.add_argument("--keep", type=Path, metavar="DIR", help="work there, and leave it there")
    parser.add_argument("--results", type=Path, metavar="DIR", help="where the JSON goes")
    given = parser.parse_args(words)
    options = ["--people", str(given.people), "--seed", str(given.seed)]
    if given.results:
        options += ["--results", str(given.results.absolute())]
    if given.keep:
        return run(given.only, given.keep, options)
    with tempfile.TemporaryDirectory(prefix="tuttuno-bench-") as work:
        return run(given.only, Path(work), options)


if __name__ == "__main__":
    sys.exit(main())
