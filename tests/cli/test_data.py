"""`tuttuno ingest`, `build`, `quarantine`, `releases`, `rollback`."""

import json

import pytest

HEAD = "source,sale_id,line_no,sold_at,channel,store_id,product_id,quantity,net,currency\n"
GOOD = "till,S1,1,2025-03-01T10:00:00,store,R1,P1,1,10.00,EUR\n"
BAD = "till,S2,1,2025-03-01T10:00:00,stroe,R1,P1,1,10.00,EUR\n"


@pytest.fixture
def project(tuttuno, tmp_path):
    tuttuno("init", tmp_path / "project")
    return tmp_path / "project"


@pytest.fixture
def sales(tmp_path):
    file = tmp_path / "sales.csv"
    file.write_text(HEAD + GOOD + BAD)
    return file


def counts(said):
    return [each["counts"] for each in json.loads(said.out)]


def test_what_became_of_each_row_is_said(tuttuno, project, sales):
    (found,) = counts(tuttuno("-C", project, "ingest", sales, "--json"))
    assert found == {
        "received": 2, "accepted": 1, "duplicate": 0,
        "quarantined": 1, "suppressed": 0, "rejected": 0,
    }  # fmt: skip


def test_a_file_that_is_not_there_is_not_found(tuttuno, project):
    said = tuttuno("-C", project, "ingest", "none.csv")
    assert (said.code, said.out) == (4, "")
    assert "none.csv does not exist" in said.err


def test_an_engine_that_there_is_not_is_answered_with_those_there_are(tuttuno, project):
    said = tuttuno("-C", project, "build", "--engine", "oracle")
    assert (said.code, "known: duckdb, spark" in said.err) == (4, True)


def test_what_stands_in_brackets_is_shown_as_it_came(tuttuno, project, sales):
    sales.write_text(HEAD + BAD.replace("stroe", "[bold]store"))
    tuttuno("-C", project, "ingest", sales)
    assert "[bold]store" in tuttuno("-C", project, "quarantine", "list").out


def test_a_folder_without_a_file_to_take_in_is_said_to_have_none(tuttuno, project, tmp_path):
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "notes.md").write_text("# Notes\n")
    said = tuttuno("-C", project, "ingest", tmp_path / "papers")
    assert said.code == 0
    assert f"no file of a table is in {tmp_path / 'papers'}" in said.err


def test_a_second_time_changes_nothing(tuttuno, project, sales):
    tuttuno("-C", project, "ingest", sales)
    (found,) = counts(tuttuno("-C", project, "ingest", sales, "--json"))
    assert (found["accepted"], found["duplicate"]) == (0, 2)


def test_each_rule_shows_what_is_wrong_with_its_first_row(tuttuno, project, sales):
    tuttuno("-C", project, "ingest", sales)
    said = tuttuno("-C", project, "quarantine", "list")
    held = json.loads(tuttuno("-C", project, "quarantine", "list", "--json").out)[0]
    assert f"{held['rule']}, e.g. {held['column']} {held['message']}" in said.err
    assert held["message"]


def test_a_row_held_back_says_file_row_column_rule_and_value(tuttuno, project, sales):
    tuttuno("-C", project, "ingest", sales)
    (row,) = json.loads(tuttuno("-C", project, "quarantine", "list", "--json").out)
    assert (row["row"], row["column"], row["value"]) == (2, "channel", "stroe")
    assert row["file"].endswith("sales.csv")


def test_rows_held_back_can_be_handed_out_but_never_run(tuttuno, project, tmp_path):
    (tmp_path / "sales.csv").write_text(HEAD + BAD.replace("stroe", "=cmd()"))
    tuttuno("-C", project, "ingest", tmp_path / "sales.csv")
    assert tuttuno("-C", project, "quarantine", "export", tmp_path / "held.csv").code == 0
    text = (tmp_path / "held.csv").read_text()
    assert ",'=cmd()," in text
    assert tuttuno("-C", project, "quarantine", "export", tmp_path / "held.csv").code == 3


def test_a_row_that_is_of_no_use_is_dismissed_and_stays_counted(tuttuno, project, sales):
    tuttuno("-C", project, "ingest", sales)
    refused = tuttuno("-C", project, "quarantine", "dismiss", 1, 7, "--reason", "a test receipt")
    assert (refused.code, "no row with number 7" in refused.err) == (4, True)
    assert len(json.loads(tuttuno("-C", project, "quarantine", "list", "--json").out)) == 1
    said = tuttuno("-C", project, "quarantine", "dismiss", 1, "--reason", "a test receipt")
    assert said.out == "1 dismissed\n"
    assert json.loads(tuttuno("-C", project, "quarantine", "list", "--json").out) == []
    assert tuttuno("-C", project, "quarantine", "dismiss", 1, "--reason", "again").code == 4
    found = json.loads(tuttuno("-C", project, "verify", "--json").out)
    assert (found["sound"], found["counts"]["quarantined"]) == (True, 1)
    assert counts(tuttuno("-C", project, "ingest", sales, "--json"))[0]["duplicate"] == 2


def test_a_file_without_a_required_column_is_refused_and_the_others_go_on(
    tuttuno, project, sales, tmp_path
):
    (tmp_path / "stores.csv").write_text("name\nRoma\n")
    said = tuttuno("-C", project, "ingest", tmp_path / "stores.csv", sales)
    assert said.code == 3
    assert "store_id" in said.err
    assert "the other files were taken in" in said.err
    alone = tuttuno("-C", project, "ingest", tmp_path / "stores.csv")
    assert (alone.code, "the other files" in alone.err) == (3, False)
    assert json.loads(tuttuno("-C", project, "verify", "--json").out)["counts"]["accepted"] == 1


def test_a_path_that_is_not_there_is_named(tuttuno, project, tmp_path):
    said = tuttuno("-C", project, "ingest", tmp_path / "nothing.csv")
    assert said.code in {3, 4}
    assert "nothing.csv" in said.err


def test_readers_can_be_taken_back_to_an_earlier_release(tuttuno, project, sales):
    tuttuno("-C", project, "ingest", sales)
    tuttuno("-C", project, "build")
    tuttuno("-C", project, "build")
    assert tuttuno("-C", project, "rollback", 1).code == 0
    current = {
        each["release"]: each["current"]
        for each in json.loads(tuttuno("-C", project, "releases", "--json").out)
    }
    assert current == {1: True, 2: False}
    assert tuttuno("-C", project, "rollback", 9).code == 4


def test_a_mended_mapping_takes_in_what_was_held_back(tuttuno, project, tmp_path):
    mapping = """
[sources.till]
[[sources.till.files]]
pattern = "scontrini.csv"
table = "sales"
[sources.till.files.columns]
sale_id = "S"
line_no = { value = "1" }
sold_at = "T"
channel = { column = "C", map = { negozio = "store" } }
store_id = { value = "R1" }
product_id = { value = "P1" }
quantity = { value = "1" }
net = "N"
currency = { value = "EUR" }
"""
    settings = project / "tuttuno.toml"
    settings.write_text(settings.read_text() + mapping)
    (tmp_path / "scontrini.csv").write_text("S,T,C,N\nA1,2025-03-01T10:00,bottega,9.50\n")
    tuttuno("-C", project, "ingest", tmp_path / "scontrini.csv", "--as", "till")
    assert counts(tuttuno("-C", project, "quarantine", "retry", "--json"))[0]["accepted"] == 0
    settings.write_text(settings.read_text().replace("{ negozio", '{ bottega = "store", negozio'))
    (found,) = counts(tuttuno("-C", project, "quarantine", "retry", "--json"))
    assert (found["received"], found["accepted"]) == (1, 1)
    assert json.loads(tuttuno("-C", project, "quarantine", "list", "--json").out) == []
    assert tuttuno("-C", project, "verify").code == 0
