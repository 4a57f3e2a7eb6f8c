"""Ids last: that of most records survives, the rest become aliases, none is used twice."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuttuno.identity.checkdigit import WrongCheckDigit, check_digit, read, shown
from tuttuno.identity.ids import FRESH, NOBODY, carry

PARTITION = st.lists(st.integers(0, 5), min_size=1, max_size=12)


def firsts(labels):
    return np.array([labels.index(label) for label in labels])


def carried(former, labels):
    return carry(np.array(former), firsts(labels)).numbered(100)


def test_new_records_get_new_ids_in_their_order():
    found = carried([NOBODY] * 4, "abab")
    assert found.person.tolist() == [100, 101, 100, 101]
    assert found.made.tolist() == [100, 101]


def test_the_id_of_most_records_survives_a_merge_and_the_other_becomes_its_alias():
    found = carried([7, 3, 7, NOBODY], "aaaa")
    assert found.person.tolist() == [7, 7, 7, 7]
    assert (found.gone.tolist(), found.into.tolist()) == ([3], [7])


def test_of_two_ids_with_equally_many_records_the_older_one_survives():
    found = carried([7, 3, 7, 3], "aaaa")
    assert found.person.tolist() == [3, 3, 3, 3]
    assert (found.gone.tolist(), found.into.tolist()) == ([7], [3])


@settings(deadline=None)
@given(PARTITION, st.data())
def test_where_persons_only_merge_no_record_changes_its_id_that_need_not(before, data):
    merged = {one: data.draw(st.integers(0, 2)) for one in set(before)}
    former = np.array(before) + 1
    now = carry(former, firsts([merged[one] for one in before])).person
    held = Counter(zip([merged[one] for one in before], before, strict=True))
    most = Counter()
    for (group, _), records in held.items():
        most[group] = max(most[group], records)
    assert (now == former).sum() == most.total()


def test_a_person_goes_on_where_most_of_her_records_are():
    found = carried([3, 3, 3], "abb")
    assert found.person.tolist() == [100, 3, 3]
    assert (found.parted.tolist(), found.left.tolist()) == ([100], [3])


def test_of_two_equal_parts_the_one_with_the_oldest_record_keeps_the_id():
    assert carried([3, 3], "ab").person.tolist() == [3, 100]


def test_a_part_that_goes_to_another_person_makes_no_alias():
    found = carried([3, 3, 5], "abb")
    assert found.person.tolist() == [3, 5, 5]
    assert (len(found.gone), len(found.parted)) == (0, 0)


@settings(deadline=None)
@given(PARTITION, PARTITION)
def test_the_persons_are_the_groups_whatever_they_were_before(before, after):
    size = min(len(before), len(after))
    former = np.array(before[:size])
    found = carry(former, firsts(after[:size]))
    same = np.array(after[:size])[:, None] == np.array(after[:size])
    assert ((found.person[:, None] == found.person) == same).all()
    assert not set(found.gone) & set(found.person)
    alive = set(found.person[found.person < FRESH])
    assert alive | set(found.gone) >= set(former[former != NOBODY])


@settings(deadline=None)
@given(PARTITION)
def test_carrying_twice_moves_nobody(labels):
    once = carry(np.zeros(len(labels), dtype=np.int64), firsts(labels)).numbered(1)
    again = carry(once.person, firsts(labels))
    assert again.person.tolist() == once.person.tolist()
    assert (len(again.made), len(again.gone), len(again.parted)) == (0, 0, 0)


@settings(deadline=None)
@given(st.integers(0, 10**12))
def test_an_id_is_read_as_it_was_shown(person_id):
    assert read(shown(person_id)) == person_id


@settings(deadline=None)
@given(st.integers(0, 10**8), st.data())
def test_the_check_digit_finds_every_wrong_digit_and_every_swap(number, data):
    text = f"{number}{check_digit(number)}"
    at = data.draw(st.integers(0, len(text) - 1))
    wrong = text[:at] + data.draw(st.sampled_from("0123456789")) + text[at + 1 :]
    swapped = (
        text[: at - 1] + text[at : at + 1] + text[at - 1 : at] + text[at + 1 :] if at else text
    )
    for other in (wrong, swapped):
        assert (check_digit(int(other)) == 0) == (other == text)


def test_an_id_with_a_wrong_last_digit_is_refused():
    with pytest.raises(WrongCheckDigit, match="last digit"):
        read("P-000572-5")
