"""On what a figure was measured: processor, memory, versions, in every result file."""

import json
import os
import platform
import resource
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"

_LIBRARIES = ("duckdb", "deltalake", "ibis-framework", "numpy", "pyarrow", "scipy", "sqlalchemy")


def machine() -> dict[str, Any]:
    """Describe the machine and the versions that a result depends on."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(pages / 2**30, 1),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "tuttuno": version("tuttuno"),
        "libraries": {name: version(name) for name in _LIBRARIES},
    }


def peak_mb() -> float:
    """The largest resident set of this process so far, in MB of 10^6 bytes."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6, 1)


def save(name: str, result: dict[str, Any], *, folder: Path = RESULTS) -> Path:
    """Write a result file, the machine at its head; return where it is."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    text = json.dumps({"machine": machine(), **result}, indent=2, default=str)
    path.write_text(text + "\n", "utf-8")
    return path


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
