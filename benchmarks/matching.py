"""How well and how fast labelled records are put together, beside Splink and others on the same.

    python -m benchmarks.matching FOLDER --peers PYTHON

FOLDER holds the public labelled sets (`historical_a.parquet`, `febrl_4a.csv`, `febrl_4b.csv`,
`fake_1000.csv`); PYTHON is an interpreter with `splink`, `goldenmatch` and `recordlinkage`. All
get the same columns, nobody sees a label, and one evaluator scores all. Each runs in a process
of its own.
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from benchmarks.machine import RESULTS, save
from tuttuno.identity.matching.quality import quality_of

#: Compared by their own configuration, made by `matching_peers`.
PEERS = ("splink", "goldenmatch", "recordlinkage")
#: Seconds after which a tool has not finished.
PATIENCE = 900

_ROOT = Path(__file__).parents[1]
_HISTORICAL = {"first_name": "given_name", "surname": "family_name", "dob": "birth_date",
               "birth_place": "city", "postcode_fake": "postal_code"}  # fmt: skip
_FAKE = {"first_name": "given_name", "surname": "family_name", "dob": "birth_date",
         "city": "city", "email": "email"}  # fmt: skip
_FEBRL = {"given_name": "given_name", "surname": "family_name", "date_of_birth": "birth_date",
          "suburb": "city", "postcode": "postal_code", "address_1": "address"}  # fmt: skip


def labelled(folder: Path) -> Iterator[tuple[str, pa.Table, list[str]]]:
    """Yield each set: its name, the records under the names of our fields, and the truth."""
    yield "fake_1000", *_named(_csv(folder / "fake_1000.csv"), _FAKE, "cluster")
    rows = [*_csv(folder / "febrl_4a.csv"), *_csv(folder / "febrl_4b.csv")]
    for row in rows:
        row["person"] = (row["rec_id"] or "").split("-")[1]
    yield "febrl_4", *_named(rows, _FEBRL, "person")
    rows = parquet.read_table(folder / "historical_a.parquet").to_pylist()
    yield "historical_a", *_named(rows, _HISTORICAL, "cluster")


def _csv(path: Path) -> list[dict[str, str | None]]:
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, skipinitialspace=True))
    return [{name.strip(): (text or "").strip() or None for name, text in r.items()} for r in rows]


def _named(
    rows: Sequence[Mapping[str, Any]], names: Mapping[str, str], truth: str
) -> tuple[pa.Table, list[str]]:
    columns = {ours: pa.array([r[theirs] for r in rows], pa.string()) for theirs, ours in
               names.items()}  # fmt: skip
    return pa.table(columns), [str(row[truth]) for row in rows]


def ours(file: Path) -> str:
    """What `tuttuno` prints of a file in a process of its own, as `matching_peers` does."""
    code = (
        "import json, resource, sys, time\n"
        "from importlib.metadata import version\n"
        "from pyarrow import parquet\n"
        "from tuttuno.identity.matching.matcher import persons_of\n"
        "rows = parquet.read_table(sys.argv[1])\n"
        "started, used = time.perf_counter(), time.process_time()\n"
        "label = list(map(str, persons_of(rows).tolist()))\n"
        "cost = {'seconds': time.perf_counter() - started,\n"
        "        'cpu_seconds': time.process_time() - used,\n"
        "        'peak_mb': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10}\n"
        "print(json.dumps({**cost, 'version': version('tuttuno'), 'label': label}))\n"
    )
    return _run([sys.executable, "-c", code, str(file)])


def theirs(python: Path, peer: str, file: Path) -> str:
    """What a peer prints of a file; empty where it does not finish."""
    return _run([str(python), str(_ROOT / "benchmarks" / "matching_peers.py"), peer, str(file)])


def _run(words: Sequence[str]) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - ours, and the interpreter that was named
            words, capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=_ROOT
        )
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout.strip().rpartition("\n")[2] if done.returncode == 0 else ""


def scored(said: str, truth: Sequence[str]) -> dict[str, Any]:
    """Score what a tool printed; `failed` where it printed nothing.

    >>> scored("", ["a", "b"])
    {'failed': True}
    """
    if not said:
        return {"failed": True}
    told = json.loads(said)
    numbers = [np.unique(labels, return_inverse=True)[1] for labels in (told.pop("label"), truth)]
    quality = asdict(quality_of(numbers[0].astype(np.int64), numbers[1].astype(np.int64)))
    found = {**quality, **told}
    return {name: round(v, 4) if isinstance(v, float) else v for name, v in found.items()}


def measured(folder: Path, python: Path) -> dict[str, Any]:
    """Put every set together with every tool."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="tuttuno-bench-") as work:
        for name, records, truth in labelled(folder):
            file = Path(work) / f"{name}.parquet"
            parquet.write_table(records, file)
            found[name] = {"tuttuno": scored(ours(file), truth)}
            for peer in PEERS:
                found[name][peer] = scored(theirs(python, peer, file), truth)
                print(name, peer, found[name][peer], file=sys.stderr, flush=True)
    return found


def main() -> None:
    """Read the command line, measure, write `matching.json`."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peers", type=Path, required=True, metavar="PYTHON")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="DIR")
    given = parser.parse_args()
    save("matching", {"sets": measured(given.folder, given.peers.absolute())}, folder=given.results)


if __name__ == "__main__":
    main()
