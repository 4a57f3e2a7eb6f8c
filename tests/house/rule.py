"""What a rule is: a question to a module, the reason for asking, and what to do about a yes."""

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "tuttuno"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One file of the source, read once.

    Attributes:
        path: Below the source folder, with slashes: `mart/purchase.py`.
    """

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed text."""
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the tree."""
        return tuple(ast.walk(self.tree))

    @property
    def folder(self) -> str:
        """The first folder of the path; empty for a file at the top."""
        return self.path.partition("/")[0] if "/" in self.path else ""

    @property
    def name(self) -> str:
        """The name to import it by."""
        parts = ("tuttuno", *Path(self.path).with_suffix("").parts)
        return ".".join(parts).removesuffix(".__init__")

    @property
    def functions(self) -> Iterator[Function]:
        """Every function and method, nested ones included."""
        return (node for node in self.nodes if isinstance(node, Function))

    @property
    def calls(self) -> Iterator[ast.Call]:
        """Every call."""
        return (node for node in self.nodes if isinstance(node, ast.Call))

    def imports(self, package: str) -> bool:
        """Tell whether the module imports a package, at the top or deferred."""
        return any(name.partition(".")[0] == package for name, _ in imported(self.tree))


class Finding(NamedTuple):
    """A place that breaks a rule."""

    line: int
    what: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A promise of every module.

    Attributes:
        why: The reason, for somebody who meets the rule for the first time.
        instead: What to do about a finding.
    """

    name: str
    why: str
    instead: str
    find: Callable[[Module], Iterable[Finding]]

    def broken(self, modules: Iterable[Module]) -> list[str]:
        """List the places that break the rule, as `path:line what`."""
        return [
            f"{module.path}:{line} {what}"
            for module in modules
            for line, what in sorted(self.find(module))
        ]

    def lesson(self, found: list[str]) -> str:
        """Say what was found, why it matters and what to do."""
        places = "\n".join(f"  {place}" for place in found)
        return f"{self.name}:\n{places}\nWhy: {self.why}\nInstead: {self.instead}"


def modules(source: Path = SOURCE) -> list[Module]:
    """Read every module below a source folder; migrations have their own tests."""
    return [
        Module(path.relative_to(source).as_posix(), path.read_text("utf-8"))
        for path in sorted(source.rglob("*.py"))
        if "migrations" not in path.parts
    ]


def imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """What a tree imports, deferred imports included: pairs of module and member, or ``""``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.module, alias.name) for alias in node.names)


def dotted(node: ast.AST) -> str:
    """Spell a chain of names: `datetime.now`; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""
