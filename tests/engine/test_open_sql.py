"""A look-up with open parameters is compiled once, however often it is asked."""

import ibis

from tuttuno.engine import open_sql
from tuttuno.engine.open_sql import MOST, Texts, named

SALE = ibis.table({"id": "int64", "month": "string"}, name="sale")
NUMBER = ibis.param("int64")


def test_the_same_question_is_compiled_once(monkeypatch):
    compiled, whole = [], open_sql._compiled
    monkeypatch.setattr(open_sql, "_compiled", lambda *asked: compiled.append(1) or whole(*asked))
    texts = Texts()
    for _ in range(3):
        texts.of(SALE.filter(SALE.id == NUMBER), [NUMBER])
    texts.of(SALE.filter(SALE.id > NUMBER), [NUMBER])
    assert len(compiled) == 2


def test_no_value_is_in_the_text():
    text = Texts().of(SALE.filter(SALE.id == NUMBER), [NUMBER])
    (mark,) = named({NUMBER: 7})
    assert f"${mark}" in text


def test_texts_are_forgotten_before_they_are_too_many():
    texts = Texts()
    for n in range(MOST + 1):
        texts.of(SALE.filter(SALE.id > NUMBER + n), [NUMBER])
    assert len(texts._texts) == 1
