"""The scores, by hand."""

import numpy as np
import pytest

from tuttuno.identity.matching.quality import quality_of


def test_scores_are_those_of_the_textbook():
    # found: {0,1,2} {3,4}; truth: {0,1} {2,3,4}
    score = quality_of(np.array([0, 0, 0, 3, 3]), np.array([7, 7, 8, 8, 8]))
    assert (score.records, score.persons, score.largest) == (5, 2, 3)
    assert (score.precision, score.recall) == (2 / 4, 2 / 4)  # {0,1} and {3,4} of four each
    assert score.b3_precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5)
    assert score.b3_recall == pytest.approx((1 + 1 + 1 / 3 + 2 / 3 + 2 / 3) / 5)
    assert score.cluster_f1 == 0


def test_nothing_to_find_and_nothing_found_is_right():
    score = quality_of(np.array([0, 1, 2]), np.array([5, 6, 7]))
    assert (score.precision, score.recall, score.f1, score.cluster_f1) == (1, 1, 1, 1)


def test_one_wrong_merge_among_strangers_costs_all_precision():
    assert quality_of(np.array([0, 0, 2]), np.array([5, 6, 7])).precision == 0


def test_a_cluster_counts_only_when_it_is_exactly_right():
    score = quality_of(np.array([0, 0, 2, 2]), np.array([1, 1, 2, 3]))
    assert score.cluster_f1 == pytest.approx(2 * (1 / 2) * (1 / 3) / (1 / 2 + 1 / 3))
