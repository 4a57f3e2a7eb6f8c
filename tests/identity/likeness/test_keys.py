"""Block keys: one record has the keys that it has among all, and alike records share one."""

from datetime import date

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tuttuno.identity.likeness.keys import keys_of, keys_of_one
from tuttuno.identity.likeness.texts import COLUMNS

TYPES = dict.fromkeys(COLUMNS, pa.string())
TYPES |= {"record_no": pa.int64(), "birth_date": pa.date32()}

NAMES = st.sampled_from([None, "", "Anna", "Anna Maria", "D'Angelò", "De Luca", "Rossi", "Sig."])
RECORDS = st.fixed_dictionaries(
    {
        "given_name": NAMES,
        "family_name": NAMES,
        "birth_date": st.sampled_from([None, date(1980, 2, 3), date(1900, 1, 1), date(1899, 1, 1)]),
        "postal_code": st.sampled_from([None, "", "50121", "I-50121", " 00100 "]),
        "email": st.sampled_from([None, "a@b.it", "Anna.Rossi@posta.it ", "nessuna", "anna.rossi"]),
    }
)


def table(rows):
    rows = [{"record_no": at, **row} for at, row in enumerate(rows, 1)]
    return pa.Table.from_pylist(rows, pa.schema(list(TYPES.items())))


def key_sets(rows):
    found = {at: set() for at in range(1, len(rows) + 1)}
    for row in keys_of(table(rows)).to_pylist():
        assert row["key64"] not in found[row["record_no"]]
        found[row["record_no"]].add(row["key64"])
    return list(found.values())


@settings(deadline=None, max_examples=150)
@given(st.lists(RECORDS, max_size=8))
def test_one_record_has_the_keys_that_it_has_among_all(rows):
    assert [set(keys_of_one(row)) for row in rows] == key_sets(rows)
    assert all(key > 0 for keys in key_sets(rows) for key in keys)


def shared(one, other):
    mine, yours = key_sets([one, other])
    return len(mine & yours)


ANNA = {"given_name": "Anna", "family_name": "Rossi", "birth_date": date(1980, 2, 3)}


def test_a_slip_in_the_name_a_swap_of_the_fields_and_another_family_name_leave_a_key():
    for said in (
        {"family_name": "Rosi"},
        {"given_name": "Rossi", "family_name": "Anna"},
        {"given_name": None, "family_name": "ROSSI ANNA"},
        {"family_name": "Bianchi"},
    ):
        assert shared(ANNA, ANNA | said) >= 1, said


def test_who_has_no_whole_name_or_nothing_beside_it_is_not_looked_for():
    assert keys_of_one({"given_name": "Anna", "birth_date": date(1980, 2, 3)}) == ()
    assert keys_of_one({"given_name": "Anna", "family_name": "Rossi"}) == ()
    assert keys_of_one(ANNA | {"birth_date": date(1970, 1, 1)}) == ()


def test_a_slip_behind_the_at_leaves_a_key():
    both = ({"email": "anna.rossi@gmail.com"}, {"email": "anna.rossi@gmial.com"})
    mine, yours = (ANNA | said | {"birth_date": None} for said in both)
    assert shared(mine, yours) == 1


def test_names_in_each_other_s_field_leave_the_key_of_the_postal_code():
    here = {"birth_date": None, "postal_code": "50121"}
    swapped = {"given_name": "Rossi", "family_name": "Anna"}
    assert shared(ANNA | here, ANNA | here | swapped) == 1
