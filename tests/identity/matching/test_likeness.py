"""Which two words are probably one."""

import numpy as np
import pytest

from tuttuno.identity.matching.likeness import Likeness


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
