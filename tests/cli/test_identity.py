"""`tuttuno identity evaluate`: what it prints, and what it says of a file it cannot use."""

import json

import pytest
from pyarrow import csv, parquet

from tests.identity.matching.crowd import COLUMNS, crowd

KEYS = [
    "records", "persons", "precision", "recall", "f1", "b3_precision", "b3_recall", "b3_f1",
    "cluster_f1", "largest", "seconds", "peak_mb", "config_hash",
]  # fmt: skip


@pytest.fixture(scope="module")
def table():
    records, truth = crowd(40, 3)
    return records.append_column("who", [list(map(str, truth))])


@pytest.fixture
def file(table, tmp_path):
    path = tmp_path / "people.csv"
    csv.write_csv(table, path)
    return path


def test_scores_are_printed_as_json_under_the_promised_names(tuttuno, file):
    said = tuttuno("identity", "evaluate", file, "--truth", "who", "--json")
    facts = json.loads(said.out)
    assert said.code == 0
    assert list(facts) == KEYS
    assert (facts["records"], facts["persons"]) == (120, 40)
    assert facts["f1"] >= 0.99


def test_scores_are_shown_with_what_was_compared(tuttuno, file):
    said = tuttuno("identity", "evaluate", file, "--truth", "who")
    assert "precision" in said.out
    assert "family_name as family_name" in said.out


def test_foreign_headings_are_mapped(tuttuno, table, tmp_path):
    renamed = table.rename_columns([*(f"c{n}" for n in range(len(COLUMNS))), "who"])
    path = tmp_path / "people.parquet"
    parquet.write_table(renamed, path)
    fields = ",".join(f"{name}=c{n}" for n, name in enumerate(COLUMNS))
    words = ("identity", "evaluate", path, "--truth", "who", "--map", fields, "--json")
    mapped = json.loads(tuttuno(*words).out)
    assert mapped["persons"] == 40


def test_well_known_headings_need_no_map(tuttuno, table, tmp_path):
    headings = ("Nome", "Cognome", "Data di nascita", "E-mail", "Cellulare", "Indirizzo", "CAP")
    path = tmp_path / "people.csv"
    csv.write_csv(table.rename_columns([*headings, "who"]), path)
    said = tuttuno("identity", "evaluate", path, "--truth", "who")
    assert "CAP as postal_code" in said.out
    assert "Data di nascita as birth_date" in said.out


def test_the_truth_is_never_compared(tuttuno, table, tmp_path):
    path = tmp_path / "people.csv"
    csv.write_csv(table.rename_columns([*COLUMNS, "tax_code"]), path)
    said = tuttuno("identity", "evaluate", path, "--truth", "tax_code")
    assert "tax_code" not in said.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--truth", "woh"), "did you mean 'who'?"),
        (("--truth", "who", "--map", "given_nam=phone"), "did you mean 'given_name'?"),
        (("--truth", "who", "--map", "given_name=fone"), "did you mean 'phone'?"),
        (("--truth", "who", "--map", "given_name"), "field=column"),
        (("--truth", "who", "--map", "email=phone,email=email"), "twice"),
        (("--truth", "who", "--extra", "who"), "take it out"),
        (("--truth", "who", "--id", "nr"), "no column 'nr'"),
    ],
)
def test_what_is_asked_wrongly_is_answered_with_the_way_out(tuttuno, file, words, told):
    said = tuttuno("identity", "evaluate", file, *words)
    assert said.code == 3
    assert told in said.err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "cannot read"),
        ("given_name,who\n", "holds no records"),
        ("given_name,who\nAnna,\nBruno,\n", "is empty"),
        ("given_name,given_name,who\nAnna,Anna,1\n", "two columns have one name"),
        ("a,who\n1,2\n", "no column is recognised"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_the_reason(tuttuno, tmp_path, text, told):
    path = tmp_path / "people.csv"
    path.write_text(text)
    said = tuttuno("identity", "evaluate", path, "--truth", "who")
    assert said.code == 3
    assert told in said.err


def test_a_missing_file_is_bad_input(tuttuno, tmp_path):
    said = tuttuno("identity", "evaluate", tmp_path / "none.csv", "--truth", "who")
    assert said.code == 3
    assert "cannot read" in said.err
