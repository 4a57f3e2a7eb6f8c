"""The contracts on imports in pyproject catch whoever breaks them."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.rule import ROOT

LINTER = Path(sys.executable).with_name("lint-imports")

#: One fault per contract and direction: file, what it imports, how the linter names it.
FAULTS = [
    ("measures/rate.py", "from tuttuno.tasks import build", "measures.rate -> tuttuno.tasks.build"),
    (
        "mart/purchase.py",
        "from tuttuno.identity import key",
        "mart.purchase -> tuttuno.identity.key",
    ),
    ("schema/sale.py", "def f():\n    import tuttuno.engine", "schema.sale -> tuttuno.engine"),
    ("vault/look.py", "from tuttuno.engine import duck", "vault.look -> tuttuno.engine.duck"),
    ("measures/fast.py", "import duckdb", "measures.fast -> duckdb"),
    ("mart/spark.py", "from pyspark.sql import functions", "mart.spark -> pyspark"),
    ("cli/ask.py", "import sqlalchemy as sa", "cli.ask -> sqlalchemy"),
    ("tasks/serve.py", "def f():\n    import uvicorn", "tasks.serve -> uvicorn"),
    ("measures/bar.py", "from rich.progress import track", "measures.bar -> rich"),
    ("attic/old.py", "", "tuttuno.attic"),
]

ALLOWED = {
    "tasks/build.py": "import tuttuno.measures",
    "identity/key.py": "",
    "engine/duck.py": "import duckdb",
    "lake/table.py": "import deltalake\nimport tuttuno.engine.duck",
    "vault/write.py": "from sqlalchemy import Table",
    "web/app.py": "from fastapi import FastAPI\nimport tuttuno.workspace",
    "cli/main.py": "import typer\nfrom rich.table import Table",
    "workspace.py": "import tuttuno.vault",
    "errors.py": "",
}


def lint(tmp_path, files):
    for name, text in files.items():
        path = tmp_path / "src" / "tuttuno" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text(text)
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text("utf-8"))
    done = subprocess.run(
        [LINTER, "--no-cache"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "src")},
        check=False,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout


@pytest.mark.slow
def test_imports_that_point_down_pass(tmp_path):
    code, said = lint(tmp_path, ALLOWED | {"chart/bar.py": "", "mart/a.py": "", "schema/a.py": ""})
    assert code == 0, said


@pytest.mark.slow
def test_every_planted_import_is_named(tmp_path):
    code, said = lint(tmp_path, ALLOWED | {name: text for name, text, _ in FAULTS})
    assert code == 1
    assert [edge for _, _, edge in FAULTS if edge not in said] == []


def test_there_is_a_fault_for_every_contract():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    drivers = {
        name for each in contracts["contracts"] for name in each.get("forbidden_modules", [])
    }
    caught = {edge.rpartition(" ")[2].partition(".")[0] for _, _, edge in FAULTS}
    assert {"duckdb", "pyspark", "sqlalchemy", "uvicorn", "rich"} <= drivers & caught
