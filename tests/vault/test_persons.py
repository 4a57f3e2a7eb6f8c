"""Persons: ids for ever, records that move between them, old ids that lead to the present one."""

import pyarrow as pa
import pytest

from tests.vault.rows import AT, fill, key, keys
from tuttuno.vault import persons
from tuttuno.vault.persons import Member, NoSuchPerson, Person, PersonStatus

ANNA = ("7", "email", "anna@example.it")
BOTH = [ANNA, ("8", "email", "anna@example.it"), ("9", "email", "cora@example.it")]


def moves(*rows, cause="email"):
    return pa.table(
        {
            "record_no": pa.array([record for record, _ in rows], pa.int64()),
            "person_id": pa.array([person for _, person in rows], pa.int64()),
            "cause": pa.array([cause] * len(rows), pa.string()),
        }
    )


def merged(*rows):
    status = [PersonStatus.ACTIVE.value if into is None else "merged" for _, into in rows]
    into = pa.array([into for _, into in rows], pa.int64())
    return pa.table({"person_id": [old for old, _ in rows], "status": status, "merged_into": into})


def belonging(vault):
    with vault.read() as con:
        rows = persons.membership_numbers(con).to_pylist()
    return {row["record_no"]: row["person_id"] for row in rows}


@pytest.fixture
def shop(vault):
    """Three records of three persons, as run 1 saw them."""
    fill(vault, *BOTH)
    with vault.begin() as con:
        persons.create_persons(con, 3, AT)
        persons.apply_membership(con, moves((1, 1), (2, 2), (3, 3), cause="new"), 1)
    return vault


def test_ids_are_never_given_twice(vault):
    with vault.begin() as con:
        assert persons.create_persons(con, 3, AT).to_pylist() == [1, 2, 3]
    with vault.begin() as con:
        con.exec_driver_sql("delete from person")
        assert persons.create_persons(con, 0, AT).to_pylist() == []
        assert persons.create_persons(con, 2, AT).to_pylist() == [4, 5]
        assert persons.person_of(con, 4) == Person(4, PersonStatus.ACTIVE, None, AT)


def test_records_belong_to_persons(shop):
    with shop.read() as con:
        everybody = persons.current_membership(con).sort_by("record_no").to_pylist()
        some = persons.persons_of_records(con, keys("9", "none")).to_pylist()
        assert persons.members(con, 2) == [Member(2, key("crm|8"), "crm", "8", 1, "new")]
        assert persons.persons_by_value_key(con, key("email|anna@example.it")) == [1, 2]
    assert everybody[0] == {"record_no": 1, "record_key": key("crm|7"), "person_id": 1}
    assert some == [{"record_key": key("crm|9"), "person_id": 3}]


def test_a_record_that_moves_leaves_a_trace(shop):
    with shop.begin() as con:
        persons.apply_membership(con, moves((2, 1)), 2)
        rows = con.exec_driver_sql(
            "select since_run, until_run, person_id, cause from membership"
            " where record_no = 2 order by since_run"
        ).all()
        assert persons.moved_since(con, 1).to_pylist() == [key("crm|8")]
        assert persons.moved_since(con, 2).to_pylist() == []
        assert persons.persons_by_value_key(con, key("email|anna@example.it")) == [1]
    assert rows == [(1, 2, 2, "new"), (2, None, 1, "email")]
    assert belonging(shop) == {1: 1, 2: 1, 3: 3}


def test_a_record_can_move_back_and_forth(shop):
    with shop.begin() as con:
        for run, person in ((2, 1), (3, 2), (4, 1)):
            persons.apply_membership(con, moves((2, person)), run)
        assert [one.record_no for one in persons.members(con, 1)] == [1, 2]
        assert persons.members(con, 2) == []
        left = persons.members_left(con, pa.array([2, 1, 77])).to_pylist()
        trace = "select since_run, until_run from membership where record_no = 2 order by 1"
        assert con.exec_driver_sql(trace).all() == [(1, 2), (2, 3), (3, 4), (4, None)]
    assert left == [
        {"person_id": 2, "records": 0},
        {"person_id": 1, "records": 2},
        {"person_id": 77, "records": 0},
    ]
    assert belonging(shop) == {1: 1, 2: 1, 3: 3}


def test_membership_is_read_by_record(shop):
    with shop.begin() as con:
        persons.apply_membership(con, moves((2, 1)), 2)
        found = persons.membership_numbers(con, pa.array([2, 3, 99]))
    assert sorted(map(tuple, (row.values() for row in found.to_pylist()))) == [(2, 1), (3, 3)]


def test_an_old_id_leads_to_the_present_one(shop):
    with shop.begin() as con:
        persons.change_persons(con, merged((3, 2)))
        persons.change_persons(con, merged((2, 1)))
        assert [persons.resolve_person_id(con, old) for old in (1, 2, 3)] == [1, 1, 1]
        assert persons.aliases_of(con, 1) == [2, 3]
        assert persons.person_of(con, 3) == Person(3, PersonStatus.MERGED, 2, AT)


def test_a_merge_can_be_undone(shop):
    with shop.begin() as con:
        persons.change_persons(con, merged((2, 1), (3, 1)))
        persons.change_persons(con, merged((2, None)))
        assert persons.resolve_person_id(con, 2) == 2
        assert persons.person_of(con, 2) == Person(2, PersonStatus.ACTIVE, None, AT)
        assert persons.aliases_of(con, 1) == [3]


def test_ids_that_point_at_each_other_end_somewhere(shop):
    with shop.begin() as con:
        persons.change_persons(con, merged((1, 2), (2, 1)))
        assert persons.resolve_person_id(con, 1) in {1, 2}
        assert persons.aliases_of(con, 1) == [1, 2]


def test_an_id_that_was_never_given_is_nobody(shop):
    with shop.begin() as con:
        with pytest.raises(NoSuchPerson, match="no person 4"):
            persons.resolve_person_id(con, 4)
        with pytest.raises(NoSuchPerson, match="no person 5"):
            persons.change_persons(con, merged((1, 2), (5, 1)))
        assert persons.resolve_person_id(con, 1) == 1
