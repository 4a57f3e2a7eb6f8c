"""The decomposition adds up to the regression, and reproduces the castle doctrine study."""

import numpy as np
import pyarrow as pa
import pytest

from tests.effects.lalonde import published
from tests.effects.panels import panel, world
from tuttuno.effects.bacon import Sort, bacon
from tuttuno.effects.columns import Columns
from tuttuno.effects.panel import read_panel
from tuttuno.errors import BadInput


def test_the_castle_doctrine_study_is_reproduced():
    rows = published("castle")
    start = rows[rows["post"] == 1].groupby("sid")["year"].min()
    table = pa.table({
        "state": rows["sid"].to_numpy(), "year": rows["year"].to_numpy(),
        "cohort": rows["sid"].map(start).fillna(0).to_numpy(), "y": rows["l_homicide"].to_numpy(),
    })  # fmt: skip
    found = bacon(read_panel(table, Columns("state", "year", "cohort", "y")))
    assert found.estimate == pytest.approx(0.06940, abs=1e-5)
    weights = [found.weight(sort) for sort in (Sort.NEVER, Sort.LATER, Sort.EARLIER)]
    assert weights == pytest.approx([0.8988, 0.0771, 0.0241], abs=1e-4)


@pytest.mark.parametrize("cohorts", [(0, 4, 6), (3, 5, 7), (0, 1, 5)])
def test_the_pieces_add_up_to_the_two_way_regression(cohorts):
    outcome, cohort = world(np.random.default_rng(1), 90, cohorts=cohorts)
    treated = (np.arange(1, 9) >= cohort[:, None]) & (cohort[:, None] > 0)

    def demean(values):
        return values - values.mean(0) - values.mean(1, keepdims=True) + values.mean()

    rest = demean(treated * 1.0)
    expected = (rest * outcome).sum() / (rest * treated).sum()
    found = bacon(panel(outcome, cohort))
    assert found.estimate == pytest.approx(expected)
    assert sum(piece.weight for piece in found.pieces) == pytest.approx(1)


def test_growing_effects_bias_the_comparison_with_those_already_treated():
    outcome, cohort = world(np.random.default_rng(2), 600)
    found = bacon(panel(outcome, cohort))
    assert found.mean(Sort.EARLIER) < found.mean(Sort.NEVER)


def test_a_panel_that_nobody_enters_cannot_be_taken_apart():
    outcome, cohort = world(np.random.default_rng(3), 30, cohorts=(0,))
    with pytest.raises(BadInput, match="no unit becomes treated"):
        bacon(panel(outcome, cohort))
