"""What no committed file may say: places of one machine, registries, secrets."""

import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.house.rule import ROOT

#: These files spell the patterns out.
EXEMPT = frozenset({"tests/house/committed.py", "tests/house/test_committed.py"})

BINARY = frozenset({".gif", ".gz", ".ico", ".mo", ".parquet", ".png", ".woff2", ".xlsx", ".zip"})

FORBIDDEN = {
    "a path of one machine": re.compile(
        r"(?<![\w./~$}-])/(?:work|root|tmp|mnt|opt|Users)/\w|(?<![\w.])/home/\w+/"
    ),
    "a package registry": re.compile(
        r"pypi\.org/simple|files\.pythonhosted\.org|registry\.npmjs\.org|--(?:extra-)?index-url"
        r"|--find-links|--trusted-host|/(?:pypi|npm)/simple",
        re.IGNORECASE,
    ),
    "an address of a private network": re.compile(
        r"(?<![\d.])(?:10(?:\.\d{1,3}){3}|192\.168(?:\.\d{1,3}){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2})(?![\d.])"
    ),
    "a secret": re.compile(
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{30,}"
    ),
    "a merge conflict": re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE),
}


def committed_files(root: Path = ROOT) -> list[Path]:
    """Every file that git knows, or would add; every file where there is no git."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],  # noqa: S607 - whichever git is used here
        cwd=root,
        check=False,
        capture_output=True,
        text=True,
    )
    names = listing.stdout.split("\0")[:-1] if listing.returncode == 0 else _walk(root)
    return [root / name for name in sorted(names) if (root / name).is_file()]


def _walk(root: Path) -> list[str]:
    paths = (path.relative_to(root) for path in root.rglob("*"))
    return [str(path) for path in paths if not any(part.startswith(".") for part in path.parts)]


def forbidden_words(paths: Iterable[Path], root: Path = ROOT) -> Iterator[str]:
    """List what files say that they may not, as `path:line: kind: text`."""
    for path in paths:
        name = path.relative_to(root).as_posix()
        if name in EXEMPT or path.suffix in BINARY or "/static/" in name:
            continue
        text = path.read_text("utf-8", errors="replace")
        for kind, pattern in FORBIDDEN.items():
            for match in pattern.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                yield f"{name}:{line}: {kind}: {match[0]}"
