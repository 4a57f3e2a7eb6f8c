"""Files that no version needs: what was replaced or deleted, and what a killed run left."""

import json
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

#: A run may write for this long before it commits; its files are left alone until then.
GRACE = timedelta(hours=24)

#: Where an engine puts files before they have their names.
STAGING = "_staging-"


def present(folder: Path) -> set[str]:
    """List the data files in a table's folder, relative to it."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.parquet")
        if not path.relative_to(folder).parts[0].startswith("_")
    }


def once_committed(folder: Path) -> set[str]:
    """List every file that a commit ever added."""
    return {
        unquote(action["add"]["path"])
        for path in (folder / "_delta_log").glob("*.json")
        for action in map(json.loads, path.read_text("utf-8").splitlines())
        if "add" in action
    }


def older(paths: Iterator[Path], before: datetime) -> Iterator[Path]:
    """Keep the paths that were last written before a moment."""
    return (path for path in paths if path.stat().st_mtime < before.timestamp())


def drop_staging(folder: Path, before: datetime) -> None:
    """Remove the staging folders of runs that were killed."""
    for path in older(folder.glob(f"{STAGING}*"), before):
        shutil.rmtree(path)
