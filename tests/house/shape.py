"""Rules of shape: how long, how wide, how named, and no circles."""

import ast
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from graphlib import CycleError, TopologicalSorter

from tests.house.rule import Finding, Function, Module, Rule, imported

MODULE_LINES = 400
BODY_LINES = 60
PARAMETERS = 6

DRAWER = re.compile(
    r"^_?(utils?|helpers?|common|misc|core|managers?|base|base_.+|.+_(utils?|helpers?|manager))$"
)


def long_module(module: Module) -> Iterator[Finding]:
    """More lines than one sitting holds."""
    lines = len(module.text.splitlines())
    if lines > MODULE_LINES:
        yield Finding(MODULE_LINES, f"{lines} lines")


def long_function(module: Module) -> Iterator[Finding]:
    """A body, docstring aside, that does not fit on a screen."""
    for function in module.functions:
        lines = body_lines(function)
        if lines > BODY_LINES:
            yield Finding(function.lineno, f"{function.name}: {lines} lines")


def body_lines(function: Function) -> int:
    """Lines of a function without its head and docstring."""
    documented = ast.get_docstring(function, clean=False) is not None
    first = function.body[1] if documented and len(function.body) > 1 else function.body[0]
    return (function.end_lineno or first.lineno) - first.lineno + 1


def many_parameters(module: Module) -> Iterator[Finding]:
    """More than a caller can hold in mind; `self` and `cls` do not count."""
    handlers = {"cli", "web"}  # there a parameter is an option of the user's, and has a default
    for function in module.functions:
        count = parameters(function)
        if count > PARAMETERS and module.folder not in handlers:
            yield Finding(function.lineno, f"{function.name}: {count} parameters")


def parameters(function: Function) -> int:
    """Count what a caller may pass."""
    args = function.args
    named = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    return sum(arg.arg not in {"self", "cls"} for arg in named)


def drawer_name(module: Module) -> Iterator[Finding]:
    """A file or folder named after nothing."""
    for part in module.path.removesuffix(".py").split("/"):
        if DRAWER.match(part):
            yield Finding(1, part)


def undocumented(module: Module) -> Iterator[Finding]:
    """A public module, class, function or method without a docstring."""
    if module.text.strip() and not ast.get_docstring(module.tree):
        yield Finding(1, "module")
    for name, node in _public(module.tree.body):
        if not ast.get_docstring(node):
            yield Finding(node.lineno, name)


def _public(
    body: Sequence[ast.stmt], prefix: str = ""
) -> Iterator[tuple[str, ast.ClassDef | Function]]:
    for node in body:
        if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_"):
            if _is_overload(node):
                continue
            yield f"{prefix}{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from _public(node.body, f"{node.name}.")


def _is_overload(node: ast.ClassDef | Function) -> bool:
    return any(isinstance(mark, ast.Name) and mark.id == "overload" for mark in node.decorator_list)


def mutable_registry(module: Module) -> Iterator[Finding]:
    """An empty list, dict or set at module level: somebody will fill it from elsewhere."""
    for node in module.tree.body:
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        display = isinstance(value, ast.Dict | ast.List) and ast.unparse(value) in {"{}", "[]"}
        made = isinstance(value, ast.Call) and _makes_empty(value)
        if display or made:
            yield Finding(node.lineno, ast.unparse(node))


def _makes_empty(call: ast.Call) -> bool:
    name = ast.unparse(call.func).partition("[")[0]
    empty = not call.args and not call.keywords
    return name == "defaultdict" or (name in {"dict", "list", "set"} and empty)


def import_circle(modules: Iterable[Module]) -> list[str]:
    """Return one circle of imports, deferred ones included; empty when there is none."""
    known = {module.name: module for module in modules}
    graph = {name: _needs(module, known) for name, module in known.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        return list(circle.args[1])
    return []


def _needs(module: Module, known: Container[str]) -> set[str]:
    """Modules that one imports: the member where it is a module, else where it comes from."""
    members = {(name, f"{name}.{member}") for name, member in imported(module.tree)}
    needs = {member if member in known else name for name, member in members}
    return {name for name in needs if name in known} - {module.name}


SHAPE = (
    Rule(
        "a module fits in one sitting",
        f"Nobody holds more than {MODULE_LINES} lines in mind; half of ours have fewer than 120.",
        "Find the second noun in it and give it a file of its own.",
        long_module,
    ),
    Rule(
        "a function fits on a screen",
        f"A body of more than {BODY_LINES} lines does more than one thing.",
        "Name the parts; public first, helpers below.",
        long_function,
    ),
    Rule(
        "a caller can remember the parameters",
        f"With more than {PARAMETERS} parameters calls are copied, not written.",
        "Make a frozen dataclass of those that travel together, or two functions.",
        many_parameters,
    ),
    Rule(
        "a file is named after what is in it",
        "A drawer (utils, helpers, common, core, manager, base) collects what nobody can find.",
        "Use the noun of the trade that the file is about.",
        drawer_name,
    ),
    Rule(
        "what is public is explained",
        "The reference is made of docstrings, and a caller reads nothing else.",
        "Say what the signature cannot: meaning, unit, edge value, errors. Or make it private.",
        undocumented,
    ),
    Rule(
        "nothing fills a module from outside",
        "A registry that grows at import depends on who imported what first.",
        "Write the catalogue down as a tuple, or pass the collection as an argument.",
        mutable_registry,
    ),
)
