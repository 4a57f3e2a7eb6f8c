"""What the steward reads of likeness: every word of it, in both languages."""

import pytest

from tuttuno.identity.likeness.kept import EXPECTED
from tuttuno.identity.likeness.words import SAYS
from tuttuno.identity.waterfall import Step, Waterfall
from tuttuno.identity.weights import Reason
from tuttuno.web.locale import speeches
from tuttuno.web.steward import bars, said

EN, IT = (speeches()[name] for name in ("en", "it"))


@pytest.mark.parametrize("word", SAYS)
def test_every_word_of_likeness_is_said_in_both_languages(word):
    step = Step(Reason.LIKENESS, word, 1.0, 1.0, kind="name")
    assert said(step, EN)
    assert said(step, IT) != said(step, EN)


def test_every_field_that_likeness_compares_has_a_name_of_its_own():
    steps = tuple(Step(Reason.LIKENESS, "equal", 1.0, 1.0, kind=field) for field in EXPECTED)
    for speech in (EN, IT):
        _, drawn = bars(Waterfall((1, 2), steps, 1.0, 0.6), speech)
        names = [bar.kind for bar in drawn]
        assert len(set(names)) == len(EXPECTED)
        assert not set(names) & (set(EXPECTED) - {"phone"})


def test_what_is_about_no_field_stands_without_one():
    steps = tuple(
        Step(Reason.LIKENESS, word, -1.0, -1.0, kind=word)
        for word in ("prior", "around", "household")
    )
    _, drawn = bars(Waterfall((1, 2), steps, -1.0, 0.3), IT)
    assert [bar.kind for bar in drawn] == ["", "", ""]
