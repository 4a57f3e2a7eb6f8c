"""Figures in the README: each names the benchmark result it was taken from, and agrees with it."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

MARKER = re.compile(r"<!-- bench: (?P<file>[\w.-]+\.json)#(?P<key>[\w.-]+) -->")
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")

#: A speed, a duration or a size: nobody can check it without knowing where it was measured.
MEASURED = re.compile(
    r"\b\d[\d.,]*\s*(?:ms|s|sec|seconds?|minutes?|[kMG]i?B)\b"
    r"|\b\d[\d.,]*\s*(?:k|thousand|million)?\s*\w+(?:\s\w+)?\s*"
    r"(?:/\s?s\b|(?:per|a) (?:second|minute)\b)"
)
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def wrong_figures(text: str, results: Path) -> Iterator[str]:
    """List figures without a source, with a missing one, or that say something else."""
    prose = FENCED.sub(lambda block: "\n" * block[0].count("\n"), text)
    for number, line in enumerate(prose.splitlines(), 1):
        start = 0
        for marker in MARKER.finditer(line):
            problem = _disagreement(line[start : marker.start()], marker, results)
            if problem:
                yield f"line {number}: {problem}"
            start = marker.end()
        if loose := MEASURED.search(line[start:]):
            yield f"line {number}: {loose[0]!r} has no `<!-- bench: file.json#key -->` behind it"


def _disagreement(before: str, marker: re.Match[str], results: Path) -> str | None:
    shown = NUMBER.findall(before)
    if not shown:
        return f"no figure before {marker[0]}"
    path = results / marker["file"]
    if not path.is_file():
        return f"there is no benchmarks/results/{marker['file']}"
    value = _look_up(json.loads(path.read_text("utf-8")), marker["key"])
    if not isinstance(value, int | float):
        return f"{marker['file']} has no number called {marker['key']}"
    return None if agrees(shown[-1], value) else f"{shown[-1]} is shown, {value} was measured"


def _look_up(result: Any, key: str) -> Any:
    """Follow a dotted key into a result."""
    for part in key.split("."):
        result = result.get(part) if isinstance(result, dict) else None
    return result


def agrees(shown: str, value: float) -> bool:
    """Tell whether a value, rounded to the digits shown, is what is shown.

    >>> agrees("12,400", 12387.2), agrees("12,400", 12310.0), agrees("0.35", 0.354)
    (True, False, True)
    """
    plain = shown.replace(",", "")
    zeros = len(plain) - len(plain.rstrip("0")) if "." not in plain else 0
    step = Decimal(1).scaleb(zeros if plain.strip("0") else 0)
    if "." in plain:
        step = Decimal(1).scaleb(-len(plain.partition(".")[2]))
    rounded = (Decimal(str(value)) / step).quantize(Decimal(1)) * step
    return rounded == Decimal(plain)
