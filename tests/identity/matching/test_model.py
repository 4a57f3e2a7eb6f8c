"""Weights: they add up, keep their bounds, and can be read by others."""

import numpy as np
import pytest

from tests.identity.matching.crowd import crowd
from tuttuno.identity.matching.matcher import FellegiSunter
from tuttuno.identity.matching.prepare import prepare


@pytest.fixture(scope="module")
def weighed():
    return FellegiSunter().weigh(prepare(crowd(80, 3)[0]))


def test_shares_of_every_field_add_up_to_one(weighed):
    for field in weighed.model.fields.values():
        assert field.like.sum() == pytest.approx(1)
        assert field.chance.sum() == pytest.approx(1)


def test_what_speaks_against_one_person_keeps_its_bounds(weighed):
    strangers = FellegiSunter().weigh(prepare(crowd(250, 1)[0]))
    for model in (weighed.model, strangers.model):
        for field in model.fields.values():
            for levels, most in field.expected.bounds:
                assert field.like[list(levels)].sum() <= most + 1e-9


def test_equal_birth_dates_weigh_for_one_person_and_different_ones_against(weighed):
    bits = weighed.model.fields["birth_date"].bits
    assert bits[0] > 5
    assert bits[10] < -3
    assert bits[-1] == 0  # a record that does not say


def test_the_parts_of_a_weight_add_up_to_it(weighed):
    parts = weighed.model.parts(weighed.seen)
    assert np.allclose(np.sum(list(parts.values()), axis=0), weighed.weight, atol=1e-4)


def test_the_model_is_written_in_splink_s_words(weighed):
    said = weighed.model.as_splink()
    names = {one["output_column_name"] for one in said["comparisons"]}
    assert names == set(weighed.model.fields)
    level = said["comparisons"][0]["comparison_levels"][0]
    assert set(level) == {"label_for_charts", "m_probability", "u_probability"}
