"""A model keeps what its table declares."""

import pytest

from tests.measures.scenario import opened
from tuttuno.mart.build import MODELS
from tuttuno.mart.model import WrongShape, model, repeated
from tuttuno.mart.returns import RETURN_ORIGIN
from tuttuno.schema.lake import LAKE
from tuttuno.schema.mart import MART, PERSON_OF_RECORD, PURCHASE, STORE
from tuttuno.schema.reach import RECORD_CONSENT, RECORD_CONTACT

#: What a build hands to the models beside the lake: told by the vault, or made on the way.
TOLD = (PERSON_OF_RECORD, RETURN_ORIGIN, RECORD_CONTACT, RECORD_CONSENT)


def test_every_table_of_the_mart_has_a_model():
    assert {each.table.name for each in MODELS} == {table.name for table in MART}


def test_a_model_comes_after_what_it_reads():
    there = {table.name for table in (*LAKE, *TOLD)}
    for each in MODELS:
        assert {table.name for table in each.reads} <= there
        there.add(each.name)


def test_a_model_with_other_columns_is_refused():
    @model(table=STORE, reads=(PURCHASE,))
    def store(purchase):
        return purchase.select("store_id", "net").rename(name_of_it="net")

    with pytest.raises(WrongShape, match="name_of_it"):
        store.of(purchase=PURCHASE.unbound)


def test_a_model_names_its_parameters_after_what_it_reads():
    with pytest.raises(WrongShape):

        @model(table=STORE, reads=(PURCHASE,))
        def store(sales):
            return sales


def test_a_model_gives_the_declared_types_in_the_declared_order():
    tables = {each.name: each.unbound for each in (*LAKE, *MART, *TOLD)}
    for each in MODELS:
        found = each.of(**tables).schema()
        nullable = {name: dtype.copy(nullable=True) for name, dtype in each.table.schema.items()}
        assert {name: dtype.copy(nullable=True) for name, dtype in found.items()} == nullable
        assert list(found) == list(each.table.columns)


def test_a_key_that_two_rows_have_is_found(duck):
    purchase = opened("x 2026-03-01 web - 9.00 sale=o1", duck)["purchase"]
    twice = purchase.union(purchase)
    assert duck.run(repeated(PURCHASE, twice)).num_rows == 1
    assert duck.run(repeated(PURCHASE, purchase)).num_rows == 0
