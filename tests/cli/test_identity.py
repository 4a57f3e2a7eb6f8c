"""`tuttuno identity`: scores of a labelled file, classes of values, and what has drifted."""

import gzip
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


def test_a_file_that_is_not_there_is_not_found(tuttuno, tmp_path):
    said = tuttuno("identity", "evaluate", tmp_path / "none.csv", "--truth", "who")
    assert said.code == 4
    assert "none.csv does not exist" in said.err


@pytest.mark.parametrize(("cut", "code", "told"), [(None, 0, ""), (30, 3, "cannot read")])
def test_a_packed_file_is_unpacked_and_a_cut_one_named(tuttuno, file, tmp_path, cut, code, told):
    path = tmp_path / "people.csv.gz"
    path.write_bytes(gzip.compress(file.read_bytes())[:cut])
    said = tuttuno("identity", "evaluate", path, "--truth", "who")
    assert said.code == code
    assert told in said.err


@pytest.mark.parametrize(
    ("columns", "compared"),
    [
        (("Name", "City", "who"), "Name as full_name"),
        (("Name", "Surname", "who"), "Name as given_name"),
    ],
)
def test_a_name_without_a_family_name_is_the_whole_one(tuttuno, tmp_path, columns, compared):
    path = tmp_path / "people.csv"
    path.write_text(f"{','.join(columns)}\nAnna Rossi,Roma,1\nBruno Neri,Bari,2\n")
    assert compared in tuttuno("identity", "evaluate", path, "--truth", "who").out


def test_values_that_are_not_one_persons_are_listed_masked_with_the_reason(tuttuno, shop):
    said = tuttuno("-C", shop.root, "identity", "values", "--json")
    assert said.code == 0
    found = json.loads(said.out)
    assert found["total"] >= len(found["values"]) > 0
    assert {one["class"] for one in found["values"]} <= {"household", "shared", "junk"}
    assert all(one["why"] and "•••" in one["shown"] for one in found["values"])
    only = json.loads(
        tuttuno("-C", shop.root, "identity", "values", "--class", "household", "--json").out
    )
    assert {one["class"] for one in only["values"]} == {"household"}
    assert tuttuno("-C", shop.root, "identity", "values", "--class", "hers").code == 4


def test_one_value_is_classed_and_a_strange_one_not_found(tuttuno, own_shop):
    people = parquet.read_table(own_shop.exchange / "people.parquet").to_pylist()
    card = next(row["loyalty_card"] for row in people if row["loyalty_card"])
    said = tuttuno("-C", own_shop.root, "identity", "value", card)
    assert said.code == 0
    assert "loyalty_card" in said.out
    assert card not in said.out
    assert tuttuno("-C", own_shop.root, "identity", "value", "nobody@example.org").code == 4


def test_after_a_build_nothing_is_left_to_settle_and_nothing_has_drifted(tuttuno, own_shop):
    settled = json.loads(tuttuno("-C", own_shop.root, "identity", "settle", "--json").out)
    assert (settled["full"], settled["records"], settled["moved"]) == (False, 0, 0)
    again = json.loads(tuttuno("-C", own_shop.root, "identity", "reconcile", "--json").out)
    assert (again["full"], again["moved"], again["created"]) == (True, 0, 0)
    assert again["records"] > again["persons"] > 0


def test_an_extra_column_that_is_a_name_joins_the_others_and_counts_no_word_twice(
    tuttuno, tmp_path
):
    path = tmp_path / "people.csv"
    lines = ["first_name,surname,whole,dob,person"]
    for n, name in enumerate(["Anna", "Luca", "Sara", "Ugo"]):
        lines += [f"{name},Rossi{n},{name} Rossi{n},19{50 + n}-04-12,{n}"] * 2
    path.write_text("\n".join(lines).replace("whole", "full_name"), "utf-8")
    words = ("identity", "evaluate", path, "--truth", "person", "--json")
    mapped = ("--map", "given_name=first_name,family_name=surname,birth_date=dob")
    plain = json.loads(tuttuno(*words, *mapped).out)
    extra = json.loads(tuttuno(*words, *mapped, "--extra", "full_name").out)
    both = json.loads(tuttuno(*words, "--extra", "full_name").out)
    for found in (extra, both):
        assert {**found, "seconds": 0, "peak_mb": 0} == {**plain, "seconds": 0, "peak_mb": 0}
