"""Names: what is one person's, what is two people's, whichever record comes first."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuttuno.identity.names import Name, Verdict, compare_names, words_of

PARTS = st.lists(
    st.sampled_from(["ANNA", "MARCO", "ROSSI", "BIANCHI", "DE", "LUCA", "A", "MARIA", "MARIANO"]),
    max_size=3,
).map(tuple)
NAMES = st.builds(Name, PARTS, PARTS)


def name(text):
    given, _, family = text.partition("/")
    return Name(words_of(given), words_of(family))


@settings(deadline=None)
@given(NAMES, NAMES)
def test_which_name_comes_first_does_not_matter(one, other):
    assert compare_names(one, other) == compare_names(other, one)


@settings(deadline=None)
@given(NAMES)
def test_a_name_never_contradicts_itself(one):
    assert compare_names(one, one) in {Verdict.AGREES, Verdict.LEANS, Verdict.SILENT}


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        ("Anna/Rossi", "Anna/Rossi", Verdict.AGREES),
        ("Anna/Rossi", "/ROSSI Anna", Verdict.AGREES),
        ("Anna/De Luca", "/DE LUCA ANNA", Verdict.AGREES),
        ("Anna/De Luca", "/De Luca", Verdict.SILENT),
        ("Anna/Rossi", "/Rossi", Verdict.SILENT),
        ("Anna/Rossi", "Anna/", Verdict.LEANS),
        ("Anna/Rossi", "/Bianchi Anna", Verdict.RENAMED),
        ("Anna/Rossi", "Anna/Bianchi", Verdict.RENAMED),
        ("Anna/Rossi", "Marco/Rossi", Verdict.CONTRADICTS),
        ("Anna/Rossi", "/ROSSI MARCO", Verdict.CONTRADICTS),
        ("/ROSSI ANNA", "/ROSSI MARCO", Verdict.CONTRADICTS),
        ("Anna/Rossi", "A./Rossi", Verdict.AGREES),
        ("Maria Grazia/Rossi", "Maria/Rossi", Verdict.AGREES),
        ("Paolo/Rossi", "Paola/Rossi", Verdict.CONTRADICTS),
        ("Maria/Rossi", "Mariano/Rossi", Verdict.CONTRADICTS),
        ("Marina/Rossi", "Martina/Rossi", Verdict.CONTRADICTS),
        ("Alessandra/Rossi", "Ale/Rossi", Verdict.AGREES),
        ("Alessandra/Rossi", "Ale/Bianchi", Verdict.CONTRADICTS),
        ("Giulia/Rossi", "Giuly/Rossi", Verdict.AGREES),
        ("Anna/Ferrari", "Anna/Ferrarini", Verdict.RENAMED),
        ("Anna/Rossi", "cliente 12/", Verdict.SILENT),
        ("Allessandro/Rossi", "Alessandro/Rossi", Verdict.AGREES),
        ("Alessamdro/Rossi", "Alessandro/Rossi", Verdict.AGREES),
    ],
)
def test_two_names_say_one_thing(one, other, verdict):
    assert compare_names(name(one), name(other)) is verdict


@pytest.mark.parametrize("raw", [None, "", "n/a", "Cliente", "UNDEFINED", "---", "123"])
def test_a_field_without_a_name_says_nothing(raw):
    assert words_of(raw) == ()
