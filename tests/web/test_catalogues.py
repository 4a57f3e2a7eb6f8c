"""Everything that is shown is written in Italian too, and says the same facts."""

import re

import pytest
from web_messages import messages, stored

HOLES = re.compile(r"%\((\w+)\)s")
TEXTS = [message for message in messages() if message.id]
ITALIAN = stored("it")


def forms(strings):
    return strings if isinstance(strings, tuple) else (strings,)


def test_there_are_texts():
    assert len(TEXTS) > 200


def italian(text):
    return ITALIAN.get(text.id, text.context)


def test_every_text_is_in_the_catalogue():
    missing = [text.id for text in TEXTS if italian(text) is None]
    assert missing == [], "run `python tests/web/web_messages.py`, then translate"


def test_every_text_has_its_italian():
    bare = [text.id for text in TEXTS if not all(forms(italian(text).string))]
    assert bare == [], "translate it in src/tuttuno/web/locales/it.po"


@pytest.mark.parametrize("text", [t for t in TEXTS if HOLES.search(str(t.id))], ids=str)
def test_the_italian_names_no_figure_that_is_not_given(text):
    given = {hole for form in forms(text.id) for hole in HOLES.findall(form)}
    for form in forms(italian(text).string):
        assert set(HOLES.findall(form)) <= given


def test_the_catalogue_keeps_nothing_that_is_no_longer_shown():
    shown = {text.id for text in TEXTS}
    assert [kept.id for kept in ITALIAN if kept.id and kept.id not in shown] == []


def test_nobody_shouts():
    assert [m.id for m in ITALIAN if m.id and "!" in "".join(forms(m.string) + forms(m.id))] == []
