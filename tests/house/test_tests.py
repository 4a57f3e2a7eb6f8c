"""The tests are short, lie where the source lies, and can fail."""

import ast
from pathlib import Path

from tests import conftest
from tests.house.rule import ROOT, SOURCE, Module
from tests.house.shape import body_lines

TEST_LINES = 40
TESTS = ROOT / "tests"

#: Folders of tests about the repository rather than about one folder of the source.
OWN = frozenset({"benchmarks", "docs", "house", "services", "storm"})


def files_of_tests():
    files = sorted(TESTS.rglob("test_*.py"))
    return [Module(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) for path in files]


def cases(modules):
    return [
        (module.path, function)
        for module in modules
        for function in module.functions
        if function.name.startswith("test_")
    ]


def long_cases(modules):
    return [
        f"{path}:{case.lineno} {case.name}: {lines} lines"
        for path, case in cases(modules)
        if (lines := body_lines(case)) > TEST_LINES
    ]


def sleepers(modules):
    return [
        f"{module.path}:{call.lineno}"
        for module in modules
        for call in module.calls
        if ast.unparse(call.func) in {"time.sleep", "sleep", "asyncio.sleep"}
    ]


def imported_fixtures(modules, given=conftest.__all__):
    """A fixture that a module imports is made once more for that module, however dear it is."""
    return [
        f"{module.path}:{node.lineno} {name.name}"
        for module in modules
        for node in module.nodes
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests.")
        for name in node.names
        if name.name in given
    ]


def weak_checks(modules):
    """`is not None` or `len(x) > 0` as a whole assertion is true of almost anything."""
    return [
        f"{module.path}:{node.lineno} {ast.unparse(node)}"
        for module in modules
        for node in module.nodes
        if isinstance(node, ast.Assert) and _is_weak(node.test)
    ]


def _is_weak(test):
    match test:
        case ast.Compare(ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]):
            return True
        case ast.Compare(
            left=ast.Call(func=ast.Name(id="len")),
            ops=[ast.Gt()],
            comparators=[ast.Constant(value=0)],
        ):
            return True
    return False


def homeless(tests=TESTS, source=SOURCE):
    """Test folders that mirror no folder of the source."""
    return [
        folder.name
        for folder in sorted(tests.iterdir())
        if folder.is_dir()
        and folder.name not in OWN | {"__pycache__"}
        and any(folder.rglob("test_*.py"))
        and not (source / folder.name).is_dir()
        and not (source / f"{folder.name}.py").is_file()
    ]


def test_a_test_is_read_without_scrolling():
    found = long_cases(files_of_tests())
    assert not found, f"{found}: name the arrangement (a scenario, a factory) and keep the claim"


def test_no_test_sleeps():
    found = sleepers(files_of_tests())
    assert not found, f"{found}: wait for the event itself, or pass a clock"


def test_what_every_test_is_given_is_imported_by_none():
    found = imported_fixtures(files_of_tests())
    assert not found, f"{found}: ask for it by its name alone; tests/conftest.py gives it"


def test_every_assertion_could_fail():
    found = weak_checks(files_of_tests())
    assert not found, f"{found}: say which value; almost anything is not None"


def test_tests_lie_where_the_source_lies():
    assert not homeless(), f"{homeless()}: tests/<folder> is about src/tuttuno/<folder>"


def planted(text):
    return [Module("tests/mart/test_a.py", text)]


def test_a_long_test_is_found():
    text = "def test_a():\n" + "    x = 1\n" * 41
    assert long_cases(planted(text)) == ["tests/mart/test_a.py:1 test_a: 41 lines"]
    assert long_cases(planted(text.replace("test_a", "make_a"))) == []


def test_a_sleep_is_found():
    assert sleepers(planted("import time\ntime.sleep(1)")) == ["tests/mart/test_a.py:2"]


def test_an_assertion_that_cannot_fail_is_found():
    weak = planted("assert x is not None\nassert len(x) > 0\nassert x == 1\nassert len(x) > 3")
    assert len(weak_checks(weak)) == 2


def test_a_folder_that_mirrors_nothing_is_found(tmp_path):
    for name in ("tests/mart/test_a.py", "tests/odd/test_b.py", "source/mart/a.py"):
        path = Path(tmp_path, name)
        path.parent.mkdir(parents=True)
        path.touch()
    assert homeless(tmp_path / "tests", tmp_path / "source") == ["odd"]


def test_an_imported_fixture_is_found():
    text = "from tests.projects import shop, take_in"
    assert imported_fixtures(planted(text)) == ["tests/mart/test_a.py:1 shop"]
    assert imported_fixtures(planted("from tests.projects import take_in")) == []
