"""What Spark needs from the machine; the session itself is the engine's."""

import os
import re
import shutil
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path

OLDEST_JAVA = 17


@cache
def lacks_spark() -> str | None:
    """Say what is missing for Spark in local mode."""
    if find_spec("pyspark") is None:
        return "pyspark is not installed; install the extra `spark`"
    java = java_path()
    if java is None:
        return "no Java here; on Debian: apt install openjdk-17-jre-headless"
    version = java_version(java)
    if version < OLDEST_JAVA:
        return f"Java {version} is too old; Spark 4 needs {OLDEST_JAVA}"
    return None


def java_path() -> str | None:
    """Find Java the way Spark does: JAVA_HOME first."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which(Path(home, "bin/java")) if home else shutil.which("java")


def java_version(java: str) -> int:
    """Ask a Java for its number; 0 when it does not say."""
    said = subprocess.run([java, "-version"], check=False, capture_output=True, text=True).stderr
    number = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(number[1]) if number else 0
