"""Each rule catches a planted fault and lets the right spelling pass."""

import ast
from textwrap import dedent

import pytest

from tests.house.portable import PORTABLE
from tests.house.rule import Module, modules
from tests.house.shape import SHAPE, import_circle
from tests.house.words import WORDS, silences

RULES = {rule.name: rule for rule in (*SHAPE, *WORDS, *PORTABLE)}
EXPRESSION = "import ibis\n"


def planted(text, path="mart/purchase.py"):
    return Module(path, dedent(text))


def body(lines):
    return '"""M."""\ndef f():\n    """F."""\n' + "    x = 1\n" * lines


def taking(parameters):
    return f'"""M."""\nclass C:\n    """C."""\n    def f(self, {parameters}):\n        """F."""\n'


FAULTS = [
    ("a module fits in one sitting", "x = 1\n" * 401, "x = 1\n" * 400),
    ("a function fits on a screen", body(61), body(60)),
    ("a caller can remember the parameters", taking("a, b, c, *, d, e, f, g"), taking("a, *, b")),
    ("what is public is explained", '"""M."""\ndef f(): ...', '"""M."""\ndef _f(): ...'),
    ("what is public is explained", "x = 1", '"""M."""\nx = 1'),
    (
        "what is public is explained",
        '"""M."""\nclass C:\n    """C."""\n    def f(self): ...',
        '"""M."""\nclass C:\n    """C."""\n    def _f(self): ...',
    ),
    ("nothing fills a module from outside", "SOURCES = {}", "SOURCES = ()"),
    ("nothing fills a module from outside", "s: set[str] = set()", "s = frozenset({'a'})"),
    ("nothing fills a module from outside", "s = defaultdict(list)", "s = dict(a=1)\nt = list(u)"),
    ("SQL is written by the adapters only", "q = f'SELECT a\\nFROM {t}'", "q = table.select('a')"),
    ("SQL is written by the adapters only", "q = 'insert into sale values (1)'", "'insert a coin'"),
    (
        "SQL is written by the adapters only",
        "from sqlalchemy import text",
        "from tuttuno.vault.columns import text\ntext(q)",
    ),
    ("SQL is written by the adapters only", "f('pragma optimize')", "f('pragmatic')"),
    ("SQL is written by the adapters only", "sa.text(q)", "sa.select(q)"),
    (
        "SQL is written by the adapters only",
        "import ibis\nibis.sql(q)",
        "import ibis\nibis.desc(q)",
    ),
    ("only clock.py knows what time it is", "at = datetime.now(UTC)", "at = clock()"),
    ("only clock.py knows what time it is", "f(default=datetime.datetime.utcnow)", "f()"),
    ("only clock.py knows what time it is", "date.today()", "date(2026, 1, 1)"),
    ("only clock.py knows what time it is", "import time\ntime.time()", "time.perf_counter()"),
    ("only clock.py knows what time it is", "from time import time", "from time import monotonic"),
    ("only the command line prints", "print(1)", "blueprint(1)"),
    ("only the command line prints", "sys.stdout.write('x')", "out.write('x')"),
    ("a silenced check says why", "x = 1  # noqa", "x = 1  # noqa: S105 - a word"),
    ("a silenced check says why", "x = 1  # noqa: S105", "x = 1  # noqa: S105, E501 - a word"),
    (
        "a silenced check says why",
        "x = 1  # type: ignore",
        "x = 1  # type: ignore[arg-type]  # why",
    ),
    ("a silenced check says why", "# ruff: noqa", "# rough"),
    (
        "a bug is not swallowed",
        "try:\n    f()\nexcept Exception:\n    pass",
        "try:\n    f()\nexcept Exception as e:\n    raise BadInput('x') from e",
    ),
    (
        "a bug is not swallowed",
        "try:\n    f()\nexcept:\n    pass",
        "try: f()\nexcept OSError: pass",
    ),
    ("an expression runs on every engine", "t.asof_join(u, 'at')", "t.inner_join(u, 'at')"),
    ("an expression runs on every engine", "a.levenshtein(b)", "a.lower() == b.lower()"),
    ("an expression gives the same answer twice", "t.a.arbitrary()", "t.a.min()"),
    (
        "an expression gives the same answer twice",
        "t.a.first(order_by=t.at)",
        "t.a.first(order_by=t.at, include_null=True)",
    ),
    ("ibis compiles, the engine runs", "t.execute()", "engine.run(t)"),
    ("ibis compiles, the engine runs", "ibis.memtable(rows)", "ibis.table(schema, name='a')"),
    ("the edge of a window is said aloud", "t.a.lag(1)", "t.a.lag(1, default=None)"),
    ("a rank has an order", "ibis.row_number().over(group_by='a')", "ibis.row_number().over(w)"),
    (
        "a rank has an order",
        "t.a.lag().over(ibis.window(group_by='a'))",
        "t.a.sum().over(ibis.window(group_by='a'))",
    ),
    (
        "a rank has an order",
        "ibis.rank().over()",
        "ibis.rank().over(ibis.window(group_by='a', order_by='b'))",
    ),
    ("a ratio is a float", "t.net / t.gross", "t.net.cast('float64') / t.gross"),
    ("a ratio is a float", "t.net.sum() / 100", "alpha / (alpha + 1)"),
    ("a ratio is a float", "t.net / n", "1 / told.shape"),
    ("a ratio is a float", "a = t.b\nt.net / a", "a, b = t.b.cast('float64'), t.c\nt.net / a"),
    ("a ratio is a float", "t['net'] / n", "settings.folder / 'lake'"),
    ("a decimal names its places", "t.a.cast('decimal')", "t.a.cast('decimal(14, 2)')"),
]


@pytest.mark.parametrize(("name", "fault", "right"), FAULTS)
def test_the_rule_catches_the_fault_and_passes_the_right_spelling(name, fault, right):
    before = EXPRESSION if RULES[name] in PORTABLE else ""
    assert len(RULES[name].broken([planted(before + fault)])) == 1
    assert RULES[name].broken([planted(before + right)]) == []


@pytest.mark.parametrize(
    "path", ["utils.py", "intake/helpers.py", "common/a.py", "mart/base_model.py", "x_manager.py"]
)
def test_a_drawer_is_found_wherever_it_stands(path):
    assert RULES["a file is named after what is in it"].broken([planted("", path)])


@pytest.mark.parametrize("path", ["mart/basket.py", "coreference.py", "identity/score.py"])
def test_a_noun_is_no_drawer(path):
    assert not RULES["a file is named after what is in it"].broken([planted("", path)])


@pytest.mark.parametrize(
    ("name", "path", "text"),
    [
        ("SQL is written by the adapters only", "engine/duckdb.py", "'SELECT a FROM b'"),
        ("SQL is written by the adapters only", "vault/sqlite.py", "f('PRAGMA optimize')"),
        ("only clock.py knows what time it is", "clock.py", "datetime.now(UTC)"),
        ("only the command line prints", "cli/main.py", "print(1)"),
        ("ibis compiles, the engine runs", "engine/duckdb.py", "import ibis\nibis.memtable(1)"),
        ("a ratio is a float", "effects/did.py", "import ibis\nt.a / t.b"),
    ],
)
def test_the_rule_has_its_one_place_of_exception(name, path, text):
    assert RULES[name].broken([planted(f"x = 1\n{text}", path)]) == []


def test_every_rule_was_seen_to_fail():
    planted_rules = {name for name, _, _ in FAULTS} | {"a file is named after what is in it"}
    assert set(RULES) == planted_rules


def test_a_docstring_may_speak_of_sql():
    rule = RULES["SQL is written by the adapters only"]
    assert rule.broken([planted('"""We never select a from b."""')]) == []


def test_a_lesson_says_where_why_and_what_instead():
    rule = RULES["only the command line prints"]
    lesson = rule.lesson(rule.broken([planted("x = 1\nprint(x)")]))
    assert "mart/purchase.py:2 print" in lesson
    assert "Why: A library that prints" in lesson
    assert "Instead: Return the facts" in lesson


def test_a_circle_is_found_through_a_deferred_import():
    circle = import_circle(
        [
            planted("from tuttuno.mart import b", "mart/a.py"),
            planted("def f():\n    from tuttuno.mart.c import x", "mart/b.py"),
            planted("import tuttuno.mart.a", "mart/c.py"),
            planted("", "mart/__init__.py"),
        ]
    )
    assert set(circle) == {"tuttuno.mart.a", "tuttuno.mart.b", "tuttuno.mart.c"}


def test_a_package_that_gathers_its_modules_is_no_circle():
    modules = [
        planted("from tuttuno.mart.a import x", "mart/__init__.py"),
        planted("from tuttuno.mart import b", "mart/a.py"),
        planted("", "mart/b.py"),
    ]
    assert import_circle(modules) == []


def test_silences_are_counted():
    assert silences(planted("a = 1  # noqa: S105 - a word\nb = 2  # type: ignore[x]  # y")) == 2


def test_modules_are_read_from_a_folder_but_not_its_migrations(tmp_path):
    for name in ("mart/a.py", "vault/migrations/0001.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text("x = 1")
    [module] = modules(tmp_path)
    assert (module.path, module.folder, module.name) == ("mart/a.py", "mart", "tuttuno.mart.a")
    assert isinstance(module.tree, ast.Module)
