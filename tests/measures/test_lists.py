"""Lists are filled with what most people buy and the person has not."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tuttuno.measures.suggesting.lists import EMPTY, filled, without
from tuttuno.measures.suggesting.neighbours import held

THINGS, PLACES = 7, 3
PEOPLE = st.lists(
    st.tuples(
        st.sets(st.integers(0, THINGS - 1)),
        st.lists(st.integers(0, THINGS - 1), unique=True, max_size=PLACES),
    ),
    min_size=1,
    max_size=6,
)


def by_hand(own, listed, popular):
    more = [thing for thing in popular if thing not in own and thing not in listed]
    return [*listed, *more, *[EMPTY] * PLACES][:PLACES]


@settings(max_examples=60, deadline=None)
@given(PEOPLE, st.permutations(range(THINGS)), st.integers(0, THINGS))
def test_a_list_is_filled_in_the_order_of_what_most_people_buy(people, order, known):
    popular = order[:known]
    pairs = [(row, thing) for row, (own, _) in enumerate(people) for thing in sorted(own)]
    had = held(
        np.array([row for row, _ in pairs], int), np.array([thing for _, thing in pairs], int),
        shape=(len(people), THINGS),
    )  # fmt: skip
    lists = np.array([(listed + [EMPTY] * PLACES)[:PLACES] for _, listed in people])
    found = filled(lists, np.array(popular, int), had)
    assert found.tolist() == [by_hand(own, listed, popular) for own, listed in people]


def test_what_she_has_is_no_candidate():
    had = held(np.array([0, 2]), np.array([1, 0]), shape=(3, THINGS))
    person, thing = np.array([0, 0, 1, 2, 2]), np.array([1, 2, 1, 0, 6])
    assert without(person, thing, had).tolist() == [False, True, True, False, True]
    assert without(person, thing, held([], [], shape=(3, THINGS))).all()
