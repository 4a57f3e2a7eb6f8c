"""What a power cut leaves half written at the end of a log, which was never acknowledged.

A commit is flushed before anybody is told of it, and the next one comes after that; so only
the newest can be torn. The reader of Delta logs skips lines that it cannot parse, and would
take half a commit for a whole one.
"""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

#: Under this name a commit says how many files it adds and removes.
FILES = "files"


def newest_whole(log: Path) -> int | None:
    """Return the newest version whose commit is whole; None when there is none."""
    versions = sorted((int(path.stem) for path in log.glob("*.json")), reverse=True)
    return next((version for version in versions[:2] if _is_whole(log, version)), None)


def drop_torn(log: Path) -> None:
    """Remove the newest commit or checkpoint if it is torn."""
    versions = [int(path.stem) for path in log.glob("*.json")]
    if versions and not _is_whole(log, max(versions)):
        (log / f"{max(versions):020d}.json").unlink()
    for path in log.glob("*.checkpoint.parquet"):
        if not _is_parquet(path):
            path.unlink()
            (log / "_last_checkpoint").unlink(missing_ok=True)


def _is_whole(log: Path, version: int) -> bool:
    try:
        lines = (log / f"{version:020d}.json").read_text("utf-8").splitlines()
        actions: list[dict[str, Any]] = [json.loads(line) for line in lines]
    except ValueError:
        return False
    said = [action["commitInfo"].get(FILES) for action in actions if "commitInfo" in action]
    found = sum("add" in action or "remove" in action for action in actions)
    return bool(said) and said[0] in {None, found}


def _is_parquet(path: Path) -> bool:
    try:
        pq.read_metadata(path)
    except (pa.ArrowInvalid, OSError):
        return False
    return True
