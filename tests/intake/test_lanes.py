"""Persons and what happened, side by side: the vault comes to hold the same in the same order."""

from contextlib import closing
from threading import Event

import pyarrow as pa
import pytest

from tests.intake.project import csv_text
from tuttuno.engine.duckdb import DuckDBEngine
from tuttuno.errors import BadInput, Unavailable
from tuttuno.intake.lanes import side_by_side
from tuttuno.vault.records import read_records

SALE = {
    "line_no": "1",
    "sold_at": "2025-05-10T10:00:00Z",
    "channel": "web",
    "product_id": "P1",
    "quantity": "1",
    "net": "10.00",
    "currency": "EUR",
    "source": "crm",
}


def lay(project):
    people = [{"source": "crm", "record_id": f"C{n}", "email": f"c{n}@x.it"} for n in range(50)]
    sales = [{**SALE, "sale_id": f"S{n}", "record_id": f"C{n}"} for n in range(0, 80, 2)]
    (project.files / "people.csv").write_text(csv_text(people))
    (project.files / "sales.csv").write_text(csv_text(sales))


def numbers(project):
    with project.work.vault.read() as con:
        return read_records(con, ["record_no", "record_id", "batch"]).sort_by("record_no")


def test_records_are_numbered_as_if_sales_had_followed_the_people(project, other_project):
    for each in (project, other_project):
        lay(each)
    project.take(project.files)
    other_project.take(other_project.files / "people.csv")
    other_project.take(other_project.files / "sales.csv")
    assert numbers(project).equals(numbers(other_project))
    assert project.faults() == []
    assert numbers(project).num_rows == 65


def test_each_writes_when_those_before_it_have_ended(project):
    begun, order = Event(), []

    def people(work):
        work.rests()
        with work.vault.begin():
            begun.wait()
            order.append("people")

    def sales(work):
        work.rests()
        with work.vault.begin():
            order.append("sales")

    def touches(work):
        begun.set()
        with work.vault.begin():
            order.append("touches")

    side_by_side(project.work, [people, sales, touches])
    assert order == ["people", "sales", "touches"]


def test_one_that_says_nothing_to_the_vault_keeps_its_place(project):
    order = []

    def sales(work):
        with work.vault.begin():
            order.append("sales")

    def pickups(_work):
        order.append("pickups")

    def touches(work):
        with work.vault.begin():
            order.append("touches")

    side_by_side(project.work, [sales, pickups, touches])
    assert order.index("sales") < order.index("touches")


def test_when_one_fails_those_behind_it_write_nothing_and_the_reason_is_told(project):
    begun, seen = Event(), []

    def sales(work):
        work.rests()
        begun.wait()
        raise BadInput("sales have failed")

    def touches(work):
        begun.set()
        try:
            with work.vault.begin():
                seen.append("written")
        except Unavailable:
            seen.append("stopped")
            raise

    with pytest.raises(BadInput, match="sales have failed"):
        side_by_side(project.work, [lambda _: seen.append("people"), sales, touches])
    assert seen == ["people", "stopped"]


def test_those_before_one_that_fails_still_write(project):
    failed, seen = Event(), []

    def people(work):
        work.rests()
        with work.vault.begin():
            failed.wait()
            seen.append("people")

    def sales(_work):
        failed.set()
        raise BadInput("sales have failed")

    with pytest.raises(BadInput, match="sales have failed"):
        side_by_side(project.work, [people, sales])
    assert seen == ["people"]


def test_the_engine_works_for_one_table_at_a_time(project):
    at_rest, seen = Event(), []

    def people(work):
        seen.append("people")
        at_rest.set()
        work.rests()

    def sales(_work):
        seen.append(f"sales while people rest: {at_rest.is_set()}")

    side_by_side(project.work, [people, sales])
    assert seen == ["people", "sales while people rest: True"]


def test_nothing_to_do_is_done_at_once(project):
    side_by_side(project.work, [])


def test_rooms_of_an_engine_have_names_of_their_own():
    with closing(DuckDBEngine(threads=1)) as engine:
        mine = engine.bind("rows", pa.table({"n": [1]}))
        with engine.room() as room:
            theirs = room.bind("rows", pa.table({"n": [2]}))
            assert room.run(theirs)["n"].to_pylist() == [2]
            assert engine.run(mine)["n"].to_pylist() == [1]
        assert engine.run(mine)["n"].to_pylist() == [1]
