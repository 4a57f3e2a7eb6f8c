"""Residences: one number for one name at one address, however they are written."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuttuno.identity.residence import COLUMNS, _hashed, residence_of, residences

#: Kept in vaults: if it changes, every residence must be made anew (see `registry.METHOD`).
FIXED = -4566156947257176603
ROME = ("Giulia", "Rossi", "Via Giuseppe Garibaldi 10", "50121")


def numbers(*rows):
    columns = {
        name: pa.array([row[at] for row in rows], pa.string()) for at, name in enumerate(COLUMNS)
    }
    return residences(pa.table(columns)).to_pylist()


@pytest.mark.parametrize(
    "row",
    [
        ("GIULIA", "ROSSI", "V. GIUSEPPE GARIBALDI, 10", "50121"),
        ("Rossi", "Giulia", "via giuseppe garibaldi n. 10", "50121"),
        (None, "ROSSI Giulia", "Via Giuseppe Garibaldi 10/A", "50121 "),
        ("GUILIA", "RSOSI", "Via Giuseppe Garibaldi 10 int. 4", "50121"),
        ("Giulia", "Rossi", "10, Giuseppe Garibaldi", "50121"),
    ],
)
def test_one_residence_has_one_number(row):
    one, other = numbers(ROME, row)
    assert one == other < 0


@pytest.mark.parametrize(
    "row",
    [
        ("Giulia", "Bianchi", "Via Giuseppe Garibaldi 10", "50121"),
        ("Giulia", "Rossi", "Via Giuseppe Garibaldi 12", "50121"),
        ("Giulia", "Rossi", "Via Giuseppe Verdi 10", "50121"),
        ("Giulia", "Rossi", "Via Giuseppe Garibaldi 10", "50122"),
    ],
)
def test_another_name_or_place_has_another_number(row):
    one, other = numbers(ROME, row)
    assert one != other


@pytest.mark.parametrize("at", range(4))
def test_half_a_name_or_address_is_no_residence(at):
    row = [*ROME]
    row[at] = None
    assert numbers(tuple(row)) == [None]


def test_the_number_is_the_same_in_every_run():
    assert numbers(ROME) == numbers(ROME, ("Anna", "Neri", "Via Roma 1", "00100"))[:1]
    assert numbers(ROME) == [FIXED]


@settings(deadline=None)
@given(st.lists(st.text(), unique=True))
def test_different_texts_have_different_numbers(texts):
    found = _hashed(pa.array(["", *filter(None, texts)], pa.string()).slice(1)).tolist()
    assert len(set(found)) == len(list(filter(None, texts)))
    assert all(number < 0 for number in found)


PLAIN = st.text("viaVILE intSCALA.,'`/-0123456789", max_size=24)
ADDRESS = st.builds(
    "{} {} {}".format, st.sampled_from(["Via", "V.le", "12", "piazza", "strada dell'"]),
    PLAIN, st.sampled_from(["1", "12 int. 3", "scala B", "7/b", "Forl\u00ec 5", "3\n4", ""]),
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(["Anna", "A.", None, "d'Angelo", "n/a"]),
    st.sampled_from(["Rossi", None, "De Rossi"]),
    st.one_of(st.none(), PLAIN, ADDRESS),
    st.sampled_from(["50121", "50 121", "12", "ab1 2cd", None, "", " 50121\t"]),
)
def test_the_residence_of_one_record_is_that_among_many(given_name, family, address, postal):
    fields = dict(zip(COLUMNS, (given_name, family, address, postal), strict=True))
    assert [residence_of(fields)] == numbers((given_name, family, address, postal))
