"""Rules of speech: who may say SQL, ask the time, print, or silence a check."""

import ast
import re
from collections.abc import Iterator

from tests.house.rule import Finding, Module, Rule, dotted

SQL = re.compile(
    r"\bselect\b.+\bfrom\b|\binsert\s+into\b|\bcreate\s+(table|view|index)\b|\bdelete\s+from\b"
    r"|\bupdate\s+\w+\s+set\b|\bdrop\s+(table|view)\b|\balter\s+table\b",
    re.IGNORECASE | re.DOTALL,
)
PRAGMA = re.compile(r"^\s*pragma\s+\w+", re.IGNORECASE)  # SQLAlchemy has no other word for it
SQL_DOORS = {"sa.text", "sqlalchemy.text", "ibis.sql", "ibis.parse_sql"}

NOW = {"now", "utcnow", "today"}
NOW_OWNERS = {"datetime", "date", "datetime.datetime", "datetime.date", "dt.datetime", "dt.date"}
NOW_CALLS = {f"{owner}.{name}" for owner in NOW_OWNERS for name in NOW} | {
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
    "ibis.now",
    "ibis.today",
}

SILENCE = re.compile(r"#\s*(?:noqa|type:\s*ignore|pragma:\s*no cover|ruff:|mypy:)", re.IGNORECASE)
REASONED = re.compile(
    r"#\s*noqa: [A-Z]+\d+(?:, ?[A-Z]+\d+)* - \S+"
    r"|#\s*type: ignore\[[a-z-]+(?:, ?[a-z-]+)*\]  # \S+"
    r"|#\s*pragma: no (?:cover|branch) - \S+"
)


def sql_text(module: Module) -> Iterator[Finding]:
    """A string that is SQL, or a door for one, outside the adapters."""
    if module.folder == "engine" or module.path.startswith("vault/migrations"):
        return
    for line, text in strings(module.tree):
        if SQL.search(text) or (PRAGMA.search(text) and module.folder != "vault"):
            yield Finding(line, repr(text[:50]))
    for node in module.nodes:
        if isinstance(node, ast.Attribute) and dotted(node) in SQL_DOORS:
            yield Finding(node.lineno, dotted(node))
        elif isinstance(node, ast.ImportFrom):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from (Finding(node.lineno, name) for name in names & SQL_DOORS)


def strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every string a module builds, f-strings included, docstrings aside."""
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (str(part.value) for part in node.values if isinstance(part, ast.Constant))
            yield node.lineno, "{}".join(parts) + "{}"
            prose |= {id(part) for part in node.values}
        elif isinstance(node, ast.Constant) and id(node) not in prose:
            yield node.lineno, str(node.value)


def asks_the_time(module: Module) -> Iterator[Finding]:
    """A call, or a default, that reads the clock of the machine."""
    if module.path == "clock.py":
        return
    for node in module.nodes:
        if isinstance(node, ast.Attribute) and dotted(node) in NOW_CALLS:
            yield Finding(node.lineno, dotted(node))
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            names = [alias.name for alias in node.names if f"time.{alias.name}" in NOW_CALLS]
            yield from (Finding(node.lineno, f"time.{name}") for name in names)


def prints(module: Module) -> Iterator[Finding]:
    """Output that no caller asked for."""
    if module.folder == "cli":
        return
    for call in module.calls:
        name = dotted(call.func)
        if name in {"print", "pprint", "sys.stdout.write"}:
            yield Finding(call.lineno, name)


def silenced_without_reason(module: Module) -> Iterator[Finding]:
    """A check that is switched off and does not say which and why."""
    for number, line in enumerate(module.text.splitlines(), 1):
        if SILENCE.search(line) and not REASONED.search(line):
            yield Finding(number, line.strip()[-70:])


def silences(module: Module) -> int:
    """How many checks a module switches off."""
    return sum(bool(SILENCE.search(line)) for line in module.text.splitlines())


def swallows(module: Module) -> Iterator[Finding]:
    """A handler that catches everything and lets nothing through."""
    for node in module.nodes:
        if not isinstance(node, ast.ExceptHandler):
            continue
        caught = dotted(node.type) if node.type else "everything"
        raises = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
        if caught in {"everything", "Exception", "BaseException"} and not raises:
            yield Finding(node.lineno, f"except {caught}")


WORDS = (
    Rule(
        "SQL is written by the adapters only",
        "The lake speaks ibis and the vault SQLAlchemy Core, so both run on every engine and "
        "values are never pasted into text.",
        "Write the expression; what cannot be said belongs into engine/ or a migration.",
        sql_text,
    ),
    Rule(
        "only clock.py knows what time it is",
        "Logic that reads the clock cannot be tested at midnight, nor run again for yesterday.",
        "Take `clock: Clock = utc_now` as an argument; to time something use perf_counter.",
        asks_the_time,
    ),
    Rule(
        "only the command line prints",
        "A library that prints corrupts the JSON of whoever called it.",
        "Return the facts, or take `progress: Progress = silent`.",
        prints,
    ),
    Rule(
        "a silenced check says why",
        "Without a code it silences what comes later too; without a reason nobody dares remove it.",
        "`# noqa: CODE - reason` or `# type: ignore[code]  # reason`.",
        silenced_without_reason,
    ),
    Rule(
        "a bug is not swallowed",
        "What catches everything hides the bug and returns a wrong answer as if it were one.",
        "Catch the exception you can do something about; raise a family of tuttuno.errors.",
        swallows,
    ),
)
