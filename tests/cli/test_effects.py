"""`tuttuno effect panel`: a file of the analyst's own, an answer with its doubt."""

import json

import numpy as np
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from tests.effects.panels import long, world

ROLES = ("--unit", "unit", "--time", "time", "--cohort", "cohort", "--outcome", "y")
KEYS = [
    "effect", "question", "rung", "estimate", "low", "high", "unit", "treated", "control",
    "coverage", "diagnostics", "refused",
]  # fmt: skip


@pytest.fixture
def table():
    outcome, cohort = world(np.random.default_rng(1), 200)
    return long(outcome, cohort, size=np.arange(200) % 7)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_panel_in_a_file_is_answered_in_the_promised_form(tuttuno, tmp_path, table, kind):
    path = tmp_path / f"mine.{kind}"
    (pacsv.write_csv if kind == "csv" else pq.write_table)(table, path)
    said = tuttuno("effect", "panel", path, *ROLES, "--aggregate", "dynamic", "--json")
    found = json.loads(said.out)
    assert list(found) == KEYS
    assert (found["rung"], found["unit"], found["refused"]) == ("C", "y", None)
    assert found["treated"] + found["control"] == 200
    assert found["low"] < found["estimate"] < found["high"]
    first = next(
        line for line in found["diagnostics"]["aggregates"]["dynamic"]["lines"] if line["at"] == 0
    )
    assert first["low"] < 1 < first["high"]


def test_the_shared_example_is_answered_as_published(tuttuno, shared):
    path = shared / "data" / "measures" / "mpdta.csv"
    roles = ("--unit", "countyreal", "--time", "year", "--cohort", "first.treat")
    words = ("effect", "panel", path, *roles, "--outcome", "lemp", "--json")
    assert json.loads(tuttuno(*words).out)["estimate"] == pytest.approx(-0.03995, abs=1e-5)
    adjusted = json.loads(tuttuno(*words, "--covariate", "lpop", "--aggregate", "group").out)
    assert adjusted["estimate"] == pytest.approx(-0.0328, abs=5e-5)


def test_semicolons_and_decimal_commas_are_read(tuttuno, tmp_path, table):
    path = tmp_path / "mio.csv"
    plain = tmp_path / "mine.csv"
    pacsv.write_csv(table, plain)
    lines = plain.read_text().replace(",", ";").replace(".", ",")
    path.write_text(lines)
    mine = json.loads(tuttuno("effect", "panel", plain, *ROLES, "--json").out)
    mio = json.loads(tuttuno("effect", "panel", path, *ROLES, "--json").out)
    assert mio["estimate"] == mine["estimate"]


def test_a_bad_cell_is_named_with_file_row_and_column(tuttuno, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("unit,time,cohort,y\na,1,2,1\na,2,2,molto\n")
    said = tuttuno("effect", "panel", path, *ROLES)
    assert said.code == 3
    assert "bad.csv: row 2, column 'y': 'molto' is not a number" in said.err


@pytest.mark.parametrize(
    ("name", "content", "code", "message"),
    [
        ("gone.csv", None, 4, "is not a file"),
        ("short.csv", b"unit,time,y\na,1,2\n", 4, "no column of short.csv is called 'cohort'"),
        ("empty.csv", b"", 4, "no column of empty.csv"),
        ("headed.csv", b"unit,time,cohort,y\n", 3, "has no rows"),
        ("latin.csv", b"unit\xe0,time\n", 3, "is not text in UTF-8"),
        ("twice.csv", b"unit,time,cohort,y,y\na,1,2,1,1\n", 3, "more than one column 'y'"),
        ("ragged.csv", b"unit,time,cohort,y\na,1,2\n", 3, "cannot be read as CSV"),
        ("not.parquet", b"unit", 3, "is not a Parquet file"),
    ],
)
def test_a_file_that_is_no_panel_is_one_sentence(tuttuno, tmp_path, name, content, code, message):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    said = tuttuno("effect", "panel", path, *ROLES)
    assert (said.code, said.out) == (code, "")
    assert message in said.err


def test_a_panel_that_cannot_answer_is_refused_with_the_reason(tuttuno, tmp_path):
    path = tmp_path / "nobody.csv"
    path.write_text("unit,time,cohort,y\na,1,0,1\na,2,0,1\nb,1,0,1\nb,2,0,3\n")
    found = json.loads(tuttuno("effect", "panel", path, *ROLES, "--json").out)
    assert (found["estimate"], found["low"]) == (None, None)
    assert found["refused"] == "no unit becomes treated after the first period"
    assert "refused: no unit becomes treated" in tuttuno("effect", "panel", path, *ROLES).out


def test_without_json_the_event_study_is_a_table(tuttuno, tmp_path, table):
    path = tmp_path / "mine.csv"
    pacsv.write_csv(table, path)
    said = tuttuno("effect", "panel", path, *ROLES)
    assert "since treatment" in said.out
    assert said.out.startswith("rung")


def test_an_unknown_average_is_wrong_usage(tuttuno, tmp_path):
    said = tuttuno("effect", "panel", tmp_path, *ROLES, "--aggregate", "median")
    assert said.code == 2


@pytest.mark.parametrize("method", ["imputation", "sdid", "sc", "did"])
def test_other_methods_answer_in_the_same_form(tuttuno, tmp_path, method):
    outcome, cohort = world(np.random.default_rng(3), 60, cohorts=(0, 0, 5))
    path = tmp_path / "mine.csv"
    pacsv.write_csv(long(outcome, cohort), path)
    said = tuttuno("effect", "panel", path, *ROLES, "--method", method, "--json")
    found = json.loads(said.out)
    assert list(found) == KEYS
    assert found["diagnostics"]["method"] == method
    assert found["low"] < 2.5 < found["high"]
    assert found["treated"] == (cohort > 0).sum()
