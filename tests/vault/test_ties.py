"""Pairs compared in bulk agree with pairs compared one by one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tuttuno.vault.ties import Ties

NUMBER = st.integers(0, 3) | st.integers(2**40, 2**40 + 2)
PAIRS = st.lists(st.tuples(NUMBER, NUMBER))


def ties(pairs):
    array = np.array(pairs, np.int64).reshape(-1, 2)
    return Ties(array[:, 0], array[:, 1])


@given(PAIRS)
def test_the_first_of_each_pair_is_found_once_in_order(pairs):
    found = [pairs[at] for at in ties(pairs).firsts()]
    assert found == sorted(set(pairs))


@given(PAIRS, PAIRS.map(lambda pairs: list(dict.fromkeys(pairs))))
def test_each_pair_is_found_where_it_stands_among_others(pairs, others):
    wanted = [others.index(pair) if pair in others else -1 for pair in pairs]
    assert ties(pairs).places_in(ties(others)).tolist() == wanted
