"""Examine: what a project stands on, and what on this machine is missing for it."""

import os
import shutil
import stat
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tuttuno.errors import TuttunoError
from tuttuno.schema.lake import LAKE
from tuttuno.tasks.open_release import NothingBuilt, find_release
from tuttuno.tasks.stores import Stores

#: Below this much free disk space a build may not end.
FREE_BYTES = 2 * 2**30

_LIBRARIES = ("tuttuno", "duckdb", "deltalake", "ibis-framework", "sqlalchemy")


@dataclass(frozen=True, slots=True)
class Examined:
    """One thing looked at: what was found, and whether all is well with it."""

    what: str
    found: str
    well: bool = True


def examine(stores: Stores, *, folder: Path) -> list[Examined]:
    """Look at versions, space, secrets, vault, lake, release and the optional parts."""
    return [
        *(Examined(name, version(name)) for name in _LIBRARIES),
        _space(folder),
        *(_secret(folder / "keys" / name) for name in ("project.key", "pepper")),
        _vault(stores),
        _lake(stores),
        _release(stores),
        _spark(),
    ]


def _space(folder: Path) -> Examined:
    free = shutil.disk_usage(folder).free
    return Examined("free disk space", f"{free / 2**30:.1f} GiB", well=free >= FREE_BYTES)


def _secret(path: Path) -> Examined:
    mode = stat.S_IMODE(path.stat().st_mode)
    well = mode & 0o077 == 0
    said = "readable by its owner only" if well else f"readable by others ({mode:o}): chmod 600"
    return Examined(path.name, said, well=well)


def _vault(stores: Stores) -> Examined:
    try:
        with stores.vault.read():
            return Examined("vault", stores.vault.url)
    except TuttunoError as exc:
        return Examined("vault", str(exc), well=False)


def _lake(stores: Stores) -> Examined:
    try:
        rows = sum(stores.lake.rows(table) for table in LAKE)
    except TuttunoError as exc:
        return Examined("lake", str(exc), well=False)
    return Examined("lake", f"{rows:,} rows in {stores.lake.root}")


def _release(stores: Stores) -> Examined:
    try:
        release = find_release(stores.vault)
    except NothingBuilt as exc:
        return Examined("release", str(exc))
    except TuttunoError as exc:
        return Examined("release", str(exc), well=False)
    return Examined("release", f"{release.number} of {release.at:%Y-%m-%d %H:%M} UTC")


def _spark() -> Examined:
    try:
        spark = version("pyspark")
    except PackageNotFoundError:
        return Examined("Spark", "not installed; `pip install tuttuno[spark]` adds it")
    java = shutil.which("java", path=os.environ.get("PATH"))
    if java is None:
        return Examined("Spark", f"{spark}, but no Java: install a Java 17 runtime")
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)  # noqa: S603 - a path found on PATH, no words of the user's
    return Examined("Spark", f"{spark}, {said.stderr.splitlines()[0] if said.stderr else java}")
