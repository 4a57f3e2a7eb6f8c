"""What one person may buy next, with the reason, from what all have bought."""

import numpy as np
import pytest

from tuttuno.measures.suggesting.again import Had
from tuttuno.measures.suggesting.neighbours import Taste
from tuttuno.measures.suggesting.personal import again, fresh, learn

TASTE = Taste(shrunk=1.0, least=2, most=10)
HAT, SHOE, SOCK, COAT = range(4)


def had(*rows):
    """Read rows of person, thing, times, first and last day."""
    return Had(*(np.array(column, np.int64) for column in zip(*rows, strict=True)))


@pytest.fixture(scope="module")
def learned():
    rng = np.random.default_rng(1)
    rows = [(p, HAT, 1, 0, 0) for p in range(40)]
    rows += [(p, SHOE, 1, 5, 5) for p in range(30)]
    rows += [(p, SOCK, 1, 5, 5) for p in range(25, 40)]
    rows += [(p, SOCK, 4, int(rng.integers(0, 60)), int(rng.integers(200, 300)))
             for p in range(40, 140)]  # fmt: skip
    rows += [(p, COAT, 1, 9, 9) for p in range(200, 204)]
    return learn(had(*rows), shape=(204, 4), taste=TASTE, until=365)


def test_what_most_who_have_the_same_have_too_comes_first_with_its_reason(learned):
    (first, *_) = fresh(np.array([HAT]), np.array([HAT]), learned, places=5)
    assert (first.thing, first.because, first.persons) == (SHOE, HAT, 30)
    assert first.share == 30 / 40
    assert first.score == pytest.approx(30 / (np.sqrt(40 * 30) + 1))


def test_what_may_not_be_offered_is_on_no_list(learned):
    never = np.array([HAT, SHOE])
    assert [one.thing for one in fresh(np.array([HAT]), never, learned, places=5)] == [SOCK]


def test_without_a_neighbour_nothing_is_new(learned):
    assert fresh(np.array([COAT]), np.array([COAT]), learned, places=5) == []


def test_a_thing_that_is_bought_again_comes_before_one_that_never_is(learned):
    own = had((0, HAT, 1, 300, 300), (0, SOCK, 4, 20, 300))
    found = again(own, learned, ahead=30, places=5)
    assert [one.thing for one in found] == [SOCK, HAT]
    assert 60 < found[0].days < 120
    assert found[0].chance > 5 * found[1].chance


def test_where_too_few_came_back_nothing_is_foreseen():
    few = had((0, HAT, 1, 0, 0), (1, HAT, 2, 0, 30), (2, HAT, 1, 3, 3))
    learned = learn(few, shape=(3, 1), taste=TASTE, until=100)
    assert again(few, learned, ahead=30, places=5) == []
