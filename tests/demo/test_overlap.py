from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuttuno.demo.overlap import measure


def by_trying_all(items, online):
    """Shuffle the labels in every possible way; count items in both, on average."""
    lines, drawn = range(len(items)), sum(online)
    hits = [
        len({items[k] for k in chosen} & {items[k] for k in lines if k not in chosen})
        for chosen in combinations(lines, drawn)
    ]
    return sum(hits) / len(hits)


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=2, max_size=8))
def test_chance_is_the_mean_over_all_ways_to_shuffle_the_channels(lines):
    items, online = [line[0] for line in lines], [line[1] for line in lines]
    found = measure(np.zeros(len(lines), dtype=np.int64), np.array(items), np.array(online))
    if all(online) or not any(online):
        assert found.expected == 0
    else:
        assert found.expected == pytest.approx(by_trying_all(items, online), abs=1e-9)


def test_a_buyer_of_one_channel_does_not_count():
    person, item = np.array([0, 0, 1, 1]), np.array([5, 5, 5, 6])
    found = measure(person, item, np.array([True, False, True, True]))
    assert (found.in_both, found.online_only, found.store_only) == (1, 0, 0)


def test_nobody_overlaps_with_nothing():
    none = np.zeros(0, dtype=np.int64)
    assert measure(none, none, none.astype(bool)).in_both == 0
