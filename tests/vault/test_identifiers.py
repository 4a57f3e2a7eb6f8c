"""Identifiers: one value once, every carrier known, nobody tied by what is no longer so."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vault.rows import carried, fill, key, keys, people, ties_of
from tuttuno.vault import identifiers, records
from tuttuno.vault.counters import last_change
from tuttuno.vault.identifiers import Origin
from tuttuno.vault.migration import migrate
from tuttuno.vault.records import UnknownRecords
from tuttuno.vault.tables import IDENTIFIER_VALUE, RECORD_IDENTIFIER
from tuttuno.vault.vault import open_vault
from tuttuno.vocab import IdentifierType

ANNA = ("7", "email", "anna@example.it")
SHARED = ("8", "email", "anna@example.it")
PHONE = ("8", "phone", "+390551234567")


def changed(vault, since):
    with vault.read() as con:
        found = records.read_records(con, ["record_id"], since_seq=since)
        return sorted(found["record_id"].to_pylist())


def seen(vault):
    with vault.read() as con:
        return last_change(con)


def values(vault):
    with vault.read() as con:
        return sorted(identifiers.identifier_values(con)["value"].to_pylist())


def test_a_tie_that_is_known_changes_nothing(vault):
    fill(vault, ANNA, PHONE)
    with vault.begin() as con:
        assert identifiers.add_identifiers(con, carried(ANNA, PHONE, ANNA)) == 0
        assert identifiers.add_identifiers(con, carried(ANNA, SHARED, SHARED)) == 1
    assert ties_of(vault) == {ANNA, PHONE, SHARED}


def test_a_value_is_kept_once_however_many_carry_it(vault):
    fill(vault, ANNA, SHARED, PHONE)
    assert values(vault) == ["+390551234567", "anna@example.it"]
    with vault.read() as con:
        pairs = identifiers.identifier_pairs(con).to_pylist()
    numbers = {(pair["record_no"], pair["type"]): pair["value_no"] for pair in pairs}
    assert numbers[1, "email"] == numbers[2, "email"] != numbers[2, "phone"]


def test_nobody_carries_anything_without_a_record(vault):
    with pytest.raises(UnknownRecords), vault.begin() as con:
        identifiers.add_identifiers(con, carried(ANNA))


def test_carriers_are_found_by_the_surrogate_of_a_value(vault):
    fill(vault, ANNA, SHARED, PHONE)
    asked = pa.array([key("email|anna@example.it"), key("email|nobody@example.it")])
    with vault.read() as con:
        found = identifiers.records_by_value_keys(con, asked).to_pylist()
        numbers = identifiers.value_numbers(con, asked).to_pylist()
    assert {row["record_key"] for row in found} == set(keys("7", "8").to_pylist())
    assert {row["value_key"] for row in found} == {asked[0].as_py()}
    assert [number > 0 for number in numbers] == [True, False]


def test_pairs_are_read_by_record_by_value_and_by_kind(vault):
    fill(vault, ANNA, SHARED)
    with vault.begin() as con:
        identifiers.add_identifiers(con, carried(PHONE))
        mine = identifiers.values_of_records(con, pa.array([2]))
        both = identifiers.records_with_values(con, pa.array([1]))
        called = identifiers.identifier_pairs(con, IdentifierType.PHONE)
    assert sorted(mine["type"].to_pylist()) == ["email", "phone"]
    assert sorted(both["record_no"].to_pylist()) == [1, 2]
    assert called["type"].unique().to_pylist() == ["phone"]
    assert called["record_no"].to_pylist() == [2]


def test_values_are_read_by_number(vault):
    fill(vault, ANNA, PHONE)
    with vault.read() as con:
        found = identifiers.identifier_values(con, pa.array([2])).to_pylist()
    number, value = "phone|+390551234567", "+390551234567"
    assert found == [{"value_no": 2, "type": "phone", "value_key": key(number), "value": value}]


def test_a_source_that_drops_an_email_unties_it(vault):
    fill(vault, ANNA, SHARED, PHONE)
    with vault.begin() as con:
        assert identifiers.set_identifiers(con, keys("8"), carried(PHONE)) == 1
    assert ties_of(vault) == {ANNA, PHONE}
    assert values(vault) == ["+390551234567", "anna@example.it"]
    with vault.begin() as con:
        identifiers.set_identifiers(con, keys("7"), carried())
    assert ties_of(vault) == {PHONE}
    assert values(vault) == ["+390551234567"]


def test_whoever_shared_a_dropped_value_counts_as_changed(vault):
    fill(vault, ANNA, SHARED, ("9", "email", "cora@example.it"))
    before = seen(vault)
    with vault.begin() as con:
        identifiers.set_identifiers(con, keys("8"), carried())
    assert changed(vault, before) == ["7", "8"]


def test_saying_the_same_again_changes_nobody(vault):
    fill(vault, ANNA, SHARED, PHONE)
    before = seen(vault)
    with vault.begin() as con:
        assert identifiers.set_identifiers(con, keys("7", "8"), carried(ANNA, SHARED, PHONE)) == 0
    assert changed(vault, before) == []


def test_what_a_sale_has_shown_outlives_what_the_source_says(vault):
    fill(vault, ANNA, PHONE)
    with vault.begin() as con:
        shown = carried(ANNA, ("7", "loyalty_card", "2900001"))
        assert identifiers.add_identifiers(con, shown, origin=Origin.EVENT) == 1
        assert identifiers.set_identifiers(con, keys("7"), carried()) == 0
        assert identifiers.set_identifiers(con, keys("7"), carried()) == 0
    assert ties_of(vault) == {ANNA, PHONE, ("7", "loyalty_card", "2900001")}


@settings(max_examples=20, deadline=None)
@given(st.permutations([0, 1, 2]))
def test_the_order_of_people_and_sales_does_not_matter(tmp_path_factory, order):
    vault = open_vault(f"sqlite:///{tmp_path_factory.mktemp('vault')}/v.sqlite")
    migrate(vault)
    new = ("7", "email", "new@example.it")
    with vault.begin() as con:
        records.insert_records(con, people("7"))
        steps = [
            lambda: identifiers.add_identifiers(con, carried(ANNA), origin=Origin.EVENT),
            lambda: identifiers.set_identifiers(con, keys("7"), carried(ANNA)),
            lambda: identifiers.set_identifiers(con, keys("7"), carried(new)),
        ]
        said = [step for step in order if step != 0]
        for step in order:
            steps[step]()
    assert ties_of(vault) == {ANNA, *([new] if said[-1] == 2 else [])}
    vault.close()


@pytest.mark.parametrize(
    ("column", "wanted"),
    [
        pytest.param(IDENTIFIER_VALUE.c.value_key, "value_key=?", id="value-by-key"),
        pytest.param(RECORD_IDENTIFIER.c.value_no, "value_no=?", id="carriers-by-value"),
    ],
)
def test_look_ups_read_an_index_alone(file_vault, column, wanted):
    number = RECORD_IDENTIFIER.c.record_no if "no" in column.name else IDENTIFIER_VALUE.c.value_no
    statement = number.table.select().with_only_columns(number).where(column == 1)
    with file_vault.read() as con:
        text = str(statement.compile(dialect=con.dialect))
        ((*_, plan),) = con.exec_driver_sql(f"explain query plan {text}", ("a",)).all()
    assert "COVERING INDEX" in plan
    assert wanted in plan


def test_ties_may_bring_the_numbers_of_their_records(vault):
    ties = carried(ANNA, PHONE, ANNA)
    with vault.begin() as con:
        numbers = records.insert_records(con, people("7", "8"))
        numbered = ties.append_column("record_no", numbers.take(pa.array([0, 1, 0])))
        assert identifiers.add_identifiers(con, numbered) == 2
        assert identifiers.add_identifiers(con, ties) == 0
        held = identifiers.identifiers_of(con, keys("7", "8")).sort_by("value")
    assert held["value"].to_pylist() == ["+390551234567", "anna@example.it"]
    assert held["record_key"].to_pylist() == keys("8", "7").to_pylist()
