"""Surrogates in bulk are those of one text at a time, and their key stays here."""

import logging

import ibis
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuttuno.engine.keyed import key_table, keyed_all
from tuttuno.schema.keyed import keyed

KEY = b"a key of thirty-two bytes, more or less"


@given(st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=80)))
def test_every_text_has_the_surrogate_it_has_alone(texts):
    alone = [None if text is None else keyed(KEY, text) for text in texts]
    assert keyed_all(KEY, pa.array(texts, pa.string())).to_pylist() == alone


def test_chunks_are_one_column():
    texts = pa.chunked_array([["a", "b"], [], ["a", None]], pa.string())
    surrogates = keyed_all(KEY, texts).to_pylist()
    assert surrogates == [keyed(KEY, "a"), keyed(KEY, "b"), keyed(KEY, "a"), None]


def test_another_key_gives_other_surrogates():
    assert keyed_all(KEY, pa.array(["a"])) != keyed_all(KEY + b"!", pa.array(["a"]))


def test_texts_of_a_table_are_joined_with_their_surrogates(duckdb_engine):
    rows = duckdb_engine.bind("cards", pa.table({"card": ["c2", "c1", "c2", None]}))
    keys = key_table(duckdb_engine, "card_keys", rows.select("card"), KEY)
    joined = rows.left_join(keys, "card").select("card", "key")
    found = {row["card"]: row["key"] for row in duckdb_engine.run(joined).to_pylist()}
    assert found == {"c1": keyed(KEY, "c1"), "c2": keyed(KEY, "c2"), None: None}
    assert duckdb_engine.run(keys).num_rows == 2


def test_the_key_is_in_no_plan_and_no_log(duckdb_engine, caplog):
    caplog.set_level(logging.DEBUG)
    rows = duckdb_engine.bind("cards", pa.table({"card": ["c1"]}))
    keys = key_table(duckdb_engine, "card_keys", rows, KEY)
    said = duckdb_engine.explain(keys) + caplog.text + str(ibis.to_sql(keys, dialect="duckdb"))
    assert not [form for form in (KEY.decode(), KEY.hex()) if form in said]


def test_a_table_of_two_columns_is_no_column(duckdb_engine):
    rows = duckdb_engine.bind("two", pa.table({"a": ["x"], "b": ["y"]}))
    with pytest.raises(ValueError, match="too many values"):
        key_table(duckdb_engine, "two_keys", rows, KEY)
