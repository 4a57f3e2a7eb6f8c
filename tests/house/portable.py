"""Rules for expressions: what one engine forgives, another answers differently without a word."""

import ast
from collections.abc import Iterator

from tests.house.rule import Finding, Module, Rule, dotted

#: Not in the SQL of every engine, or not with the same meaning.
UNPORTABLE = {
    "asof_join",
    "pivot_wider",
    "pivot_longer",
    "mode",
    "levenshtein",
    "soundex",
    "jaro_similarity",
    "jaro_winkler_similarity",
    "re_split",
    "approx_nunique",
    "approx_median",
    "approx_quantile",
}

#: A different answer on every run, or on every file layout.
UNREPEATABLE = {"arbitrary", "any_value", "random", "uuid", "sample", "collect_unordered"}

#: Reads rows here and now; the engine does that.
EXECUTES = {"execute", "to_pandas", "to_polars", "to_pyarrow", "to_pyarrow_batches", "memtable"}

NEEDS_ORDER = {
    "row_number",
    "rank",
    "dense_rank",
    "percent_rank",
    "cume_dist",
    "ntile",
    "lag",
    "lead",
    "cumsum",
    "cummax",
    "cummin",
}

RATIO_FOLDERS = {"mart", "measures"}


def unportable(module: Module) -> Iterator[Finding]:
    """A method that another engine lacks or understands differently."""
    for call, name in _methods(module):
        if name in UNPORTABLE:
            yield Finding(call.lineno, f".{name}()")


def unrepeatable(module: Module) -> Iterator[Finding]:
    """A method whose answer depends on the order in which rows happen to come."""
    for call, name in _methods(module):
        given = {keyword.arg for keyword in call.keywords}
        if name in UNREPEATABLE:
            yield Finding(call.lineno, f".{name}()")
        if name in {"first", "last"} and not {"order_by", "include_null"} <= given:
            yield Finding(call.lineno, f".{name}() without order_by= and include_null=")


def executes(module: Module) -> Iterator[Finding]:
    """An expression that is run by ibis itself."""
    if module.folder in {"engine", "lake", "schema", "vault"}:
        return
    for call, name in _methods(module):
        if name in EXECUTES or dotted(call.func).startswith(("ibis.duckdb", "ibis.pyspark")):
            yield Finding(call.lineno, f".{name}()")


def silent_edge(module: Module) -> Iterator[Finding]:
    """A step back or ahead that does not say what lies beyond the edge."""
    for call, name in _methods(module):
        named = any(keyword.arg == "default" for keyword in call.keywords)
        if name in {"lag", "lead"} and not named:
            yield Finding(call.lineno, f".{name}() without default=")


def unordered_window(module: Module) -> Iterator[Finding]:
    """A rank or a running total over rows in no order."""
    for call, name in _methods(module):
        if name != "over" or not isinstance(call.func, ast.Attribute):
            continue
        inner = call.func.value
        ranked = isinstance(inner, ast.Call) and _last_name(inner) in NEEDS_ORDER
        if ranked and not _is_ordered(call):
            yield Finding(call.lineno, f".{_last_name(inner)}().over() without order_by=")


def bare_ratio(module: Module) -> Iterator[Finding]:
    """A division of columns, which for decimals keeps the scale and loses the share."""
    if module.folder not in RATIO_FOLDERS or not module.imports("ibis"):
        return
    floats = _floats(module)
    for node in module.nodes:
        if (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.Div)
            and _of_columns(node, floats)
        ):
            yield Finding(node.lineno, ast.unparse(node)[:60])


def _floats(module: Module) -> set[str]:
    """Names that a module gives to something it made a float of."""
    return {
        target.id
        for node in module.nodes
        if isinstance(node, ast.Assign) and "float" in ast.unparse(node.value)
        for target in ast.walk(node.targets[0])
        if isinstance(target, ast.Name)
    }


def vague_decimal(module: Module) -> Iterator[Finding]:
    """A decimal whose precision the engine chooses."""
    for call, name in _methods(module):
        to = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
        if name in {"cast", "try_cast"} and {"decimal", "numeric"} & set(map(str, to)):
            yield Finding(call.lineno, f".{name}({to[0]!r})")


def _methods(module: Module) -> Iterator[tuple[ast.Call, str]]:
    """Calls of methods in a module that writes expressions."""
    if module.imports("ibis"):
        for call in module.calls:
            if isinstance(call.func, ast.Attribute):
                yield call, call.func.attr


def _last_name(node: ast.AST) -> str:
    func = node.func if isinstance(node, ast.Call) else node
    return func.attr if isinstance(func, ast.Attribute) else dotted(func)


def _is_ordered(over: ast.Call) -> bool:
    """True where an order is given, or comes in under a name that we cannot look behind."""
    if any(keyword.arg == "order_by" for keyword in over.keywords):
        return True
    window = over.args[0] if over.args else None
    if isinstance(window, ast.Call):
        return any(keyword.arg == "order_by" for keyword in window.keywords)
    return window is not None


def _of_columns(ratio: ast.BinOp, floats: set[str]) -> bool:
    """True where a side is taken from a table and neither is made a float first."""
    if isinstance(ratio.left, ast.Constant):
        return False  # one over a parameter
    if isinstance(ratio.right, ast.Constant) and isinstance(ratio.right.value, str):
        return False  # a path
    leaves = {leaf.id for leaf in ast.walk(ratio) if isinstance(leaf, ast.Name)}
    if leaves & floats or "float" in ast.unparse(ratio):
        return False
    return any(
        isinstance(node, ast.Attribute | ast.Subscript)
        and not dotted(node).startswith(("np.", "math.", "self.", "scipy."))
        for node in ast.walk(ratio)
    )


PORTABLE = (
    Rule(
        "an expression runs on every engine",
        "ASOF, PIVOT, MODE and string similarity pass through to Spark untranslated and unflagged.",
        "Say it with joins and aggregates; compare strings in identity/, on Arrow.",
        unportable,
    ),
    Rule(
        "an expression gives the same answer twice",
        "Which row comes first depends on files and threads, so a rebuild would change history.",
        "Use min or max, or name order_by= and include_null=.",
        unrepeatable,
    ),
    Rule(
        "ibis compiles, the engine runs",
        "Only the engine reads a table at its version; ibis' own connection reads another state.",
        "Return the expression, or call `engine` with it.",
        executes,
    ),
    Rule(
        "the edge of a window is said aloud",
        "Beyond the first row one engine answers null and another an empty string.",
        "Write `default=`, if only `default=None`.",
        silent_edge,
    ),
    Rule(
        "a rank has an order",
        "Without order_by the rows are numbered as they come, differently each time.",
        "Give order_by= with a tie-breaker that is unique.",
        unordered_window,
    ),
    Rule(
        "a ratio is a float",
        "decimal / decimal keeps two places on some engines: a third becomes 0.33, a percent 0.",
        "Use `ratio(part, whole)` from engine.semantics, which also settles division by zero.",
        bare_ratio,
    ),
    Rule(
        "a decimal names its places",
        "A bare `decimal` is (18, 3) here and (10, 0) on Spark: cents vanish.",
        "Write `decimal(14, 2)`.",
        vague_decimal,
    ),
)
