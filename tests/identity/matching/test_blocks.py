"""Candidate pairs: whoever shares something rare is compared, and no crowd is dropped."""

import numpy as np
import pytest

from tuttuno.identity.matching.blocks import WINDOW, Atoms, candidate_pairs


def atoms(*columns, several=()):
    """Atoms of columns of numbers, one field each."""
    rows = [np.arange(len(column)) for column in columns]
    fields = [np.full(len(column), n) for n, column in enumerate(columns)]
    marks = [np.array(column) + 1_000 * n for n, column in enumerate(columns)]
    return Atoms(np.concatenate(rows), np.concatenate(fields), np.concatenate(marks), several)


def pairs(atoms, records, caps=(3, 3, 3)):
    one, other = candidate_pairs(atoms, records, caps)
    return list(zip(one.tolist(), other.tolist(), strict=True))


def test_records_that_share_something_rare_are_compared_once():
    assert pairs(atoms([1, 1, 2, 3], [5, 5, 6, 5]), 4) == [(0, 1), (0, 3), (1, 3)]


def test_a_crowd_is_split_by_a_second_thing():
    crowd = atoms([1] * 6, [7, 7, 7, 7, 8, 8], [1, 1, 2, 2, 3, 4])
    found = pairs(crowd, 6, caps=(3, 3, 3))
    assert (4, 5) in found  # they share what two records have
    assert (0, 1) in found
    assert (2, 3) in found


def test_a_crowd_that_nothing_splits_is_compared_with_its_neighbours():
    found = pairs(atoms([1] * 40), 40)
    assert (0, 1) in found
    assert (0, WINDOW) not in found
    assert len(found) == sum(40 - step for step in range(1, WINDOW))


@pytest.mark.parametrize("records", [0, 1])
def test_fewer_than_two_records_make_no_pair(records):
    assert pairs(atoms([1] * records), records) == []
