import tomllib

import pytest

from tests.intake.project import Project
from tuttuno.intake.declared import parse_mapping
from tuttuno.schema.lake import SALE_LINE
from tuttuno.vault.batches import Counts
from tuttuno.vault.quarantine import count_by_batch

TOML = """
decimal = ","
[[files]]
pattern = "t*.csv"
table = "sales"
[files.columns]
sale_id = "id"
line_no = { value = "1" }
sold_at = "at"
channel = { value = "web" }
product_id = "p"
quantity = "n"
net = "eur"
currency = { value = "EUR" }
"""
TEXT = "id,at,p,n,eur\nA,2026-01-01,x,1,9.50\nB,2026-01-01,y,1,7\nC,2026-01-01,,1,8.00\nD,2026\n"


def mapping(text: str):
    return parse_mapping(tomllib.loads(text), name="till")


def taken(project: Project) -> Project:
    report = project.take(project.write("t1.csv", TEXT), mapping=mapping(TOML))[0]
    assert report.counts == Counts(received=4, accepted=1, quarantined=3)
    return project


def test_rows_that_pass_the_mapping_of_today_are_taken_in(project: Project):
    taken(project)
    (report,) = project.retry(mapping(TOML.replace('","', '"."', 1)))
    assert report.counts == Counts(received=1, accepted=1)
    assert project.rows(SALE_LINE, "sale_id", "source") == [("A", "till"), ("B", "till")]
    assert [each.row for each in project.quarantine("open")] == [4, 3]
    project.law()


def test_a_row_that_was_taken_in_remembers_by_whom(project: Project):
    taken(project)
    (report,) = project.retry(mapping(TOML.replace('","', '"."', 1)))
    (moved,) = project.quarantine("retried")
    assert (moved.row, moved.retried_by) == (1, report.batch)
    with project.work.vault.read() as con:
        put_aside, taken_out = count_by_batch(con)
    assert put_aside == {project.ledger()[0].batch: 3}
    assert taken_out == {report.batch: 1}


def test_trying_again_without_a_change_moves_nothing(project: Project):
    taken(project)
    (report,) = project.retry(mapping(TOML))
    assert report.counts == Counts()
    assert len(project.quarantine("open")) == 3


def test_a_row_that_is_wrong_in_two_ways_says_what_is_wrong_with_it_today(project: Project):
    text = "id,at,p,n,eur\nA,2026-01-01,,1,9.50\n"
    project.take(project.write("t1.csv", text), mapping=mapping(TOML))
    fixed = mapping(TOML.replace('","', '"."', 1))
    assert project.faults() == [(1, "product_id", "required", None)]
    given = mapping(TOML.replace('product_id = "p"', 'product_id = { value = "y" }'))
    assert project.retry(given)[0].counts == Counts()
    assert project.faults() == [(1, "net", "type", "9.50")]
    (held,) = project.quarantine("open")
    assert (held.quarantine_no, held.file) == (1, str(project.files / "t1.csv"))
    assert project.retry(fixed)[0].counts == Counts()
    assert project.faults() == [(1, "product_id", "required", None)]
    project.law()


def test_only_the_rule_that_is_asked_for_is_tried(project: Project):
    taken(project)
    fixed = mapping(TOML.replace('","', '"."', 1))
    assert project.retry(fixed, rule="required")[0].counts == Counts()
    assert project.retry(fixed, rule="type")[0].counts == Counts(received=1, accepted=1)


def test_a_row_that_came_another_way_meanwhile_is_a_duplicate(project: Project):
    taken(project)
    fixed = mapping(TOML.replace('","', '"."', 1))
    project.take(project.write("t2.csv", "id,at,p,n,eur\nA,2026-01-01,x,1,9.50\n"), mapping=fixed)
    (report,) = project.retry(fixed)
    assert report.counts == Counts(received=1, duplicate=1)


@pytest.mark.parametrize("name", ["t1.csv", "t2.csv"])
def test_a_bad_row_of_a_file_that_has_grown_is_held_once(project: Project, name):
    taken(project)
    grown = TEXT.replace("\nB,", "\nE,2026-01-02,x,1,6.66\nB,") + "F,2026-01-02,x,1,5\n"
    (report,) = project.take(project.write(name, grown), mapping=mapping(TOML))
    assert report.counts == Counts(received=6, accepted=1, duplicate=4, quarantined=1)
    assert [(each.row, each.value) for each in project.quarantine("open")][3:] == [(2, "6.66")]
    project.law()


def test_bad_rows_that_are_alike_in_one_file_are_all_held_and_once(project: Project):
    file = project.write("t1.csv", "id,at,p,n,eur\nA,2026-01-01,,1,7\nA,2026-01-01,,1,7\n")
    assert project.take(file, mapping=mapping(TOML))[0].counts.quarantined == 2
    assert project.take(file, mapping=mapping(TOML))[0].counts == Counts(received=2, duplicate=2)


COUNTED = TOML.replace('line_no = { value = "1" }', 'line_no = { count = ["id"] }')
LINES = """id,at,p,n,eur
A,2026-01-01,x,1,7
B,2026-01-01,x,1,3
A,2026-01-01,,1,8
A,2026-01-01,z,1,9
"""


def numbers(project: Project):
    return sorted(project.rows(SALE_LINE, "sale_id", "line_no", "product_id"))


def test_lines_that_nobody_numbered_are_counted_receipt_by_receipt(project: Project):
    project.take(project.write("t1.csv", LINES), mapping=mapping(COUNTED))
    assert numbers(project) == [("A", 1, "x"), ("A", 3, "z"), ("B", 1, "x")]
    later = LINES.replace("id,at,p,n,eur\n", "id,at,p,n,eur\nC,2026-01-02,x,1,5\n")
    (report,) = project.take(project.write("t2.csv", later), mapping=mapping(COUNTED))
    assert report.counts == Counts(received=5, accepted=1, duplicate=4)


def test_a_line_that_waited_keeps_the_number_it_had_in_its_file(project: Project):
    project.take(project.write("t1.csv", LINES), mapping=mapping(COUNTED))
    fixed = COUNTED.replace('product_id = "p"', 'product_id = { value = "y" }')
    (report,) = project.retry(mapping(fixed))
    assert report.counts == Counts(received=1, accepted=1)
    assert numbers(project) == [("A", 1, "x"), ("A", 2, "y"), ("A", 3, "z"), ("B", 1, "x")]
    project.law()


def test_files_that_mean_nothing_today_are_left_alone(project: Project):
    taken(project)
    assert project.retry(mapping(TOML.replace("t*.csv", "u*.csv"))) == ()


def test_rows_of_the_exchange_format_are_tried_again_too(project: Project):
    project.take_text("products", "product_id,cost\nP1,1x3\n")
    assert project.retry()[0].counts == Counts()
    project.take_text(
        "memberships", "source,programme,card,enrolled_at\ncard,club,0000,2025-01-01\n"
    )
    assert [report.counts.received for report in project.retry()] == [0, 0]
