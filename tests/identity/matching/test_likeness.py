"""Which two words are probably one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuttuno.identity.matching.likeness import Likeness, WordByWord


def alike(one, other):
    words = sorted({one, other})
    if len(words) == 1:
        words.append("ZZZ")
    return bool(Likeness(words).alike(np.array([0]), np.array([1]))[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ENGLEFIELD", "ENGLEFIWLD"),  # one letter wrong
        ("ROSSI", "ROSI"),  # one missing
        ("BRUNO", "BURNO"),  # two swapped
        ("GUGLIELMINI", "GUGLIEMNI"),  # two slips in a long word
        ("BEPPE", "GIUSEPPE"),  # a short form
        ("BEPPE", "PINO"),  # two short forms of one name
        ("ALE", "ALESSANDRA"),  # a beginning
        ("G", "GIULIA"),  # an initial
    ],
)
def test_slips_short_forms_and_initials_are_alike(one, other):
    assert alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("PAOLO", "PAOLA"),  # one letter, and two people
        ("GABRIELE", "GABRIELA"),
        ("MARCO", "MARTA"),
        ("ANNA", "LUCA"),
        ("NEGRI", "BIANCHI"),
    ],
)
def test_other_names_are_not(one, other):
    assert not alike(one, other)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.text("AEIMNORT", min_size=1, max_size=10), min_size=2, max_size=12, unique=True))
def test_two_words_alone_are_alike_where_they_are_among_many(words):
    words = sorted({*words, "MARIO", "MARIA", "ROSSI", "ROSI", "GIUSEPPE", "BEPPE", "PINO", "1980"})
    one, other = np.triu_indices(len(words), k=1)
    assert (WordByWord(words).alike(one, other) == Likeness(words).alike(one, other)).all()
