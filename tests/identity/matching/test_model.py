"""Weights: they add up, keep their bounds, and can be read by others."""

import numpy as np
import pytest

from tests.identity.matching.crowd import crowd
from tuttuno.identity.matching.matcher import FellegiSunter
from tuttuno.identity.matching.names import LEVELS, bags_of, levels_by_chance
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


def test_the_chance_of_two_equal_names_is_what_all_pairs_of_words_say():
    given = ["anna"] * 60 + ["luca"] * 30 + ["ugo"] * 10
    family = ["rossi"] * 20 + ["verdi"] * 10 + [f"altro{n}x" for n in range(70)]
    bags = bags_of(given, family, [None] * 100)
    pairs = 200_000
    found = levels_by_chance(bags, pairs, np.random.default_rng(1)) / pairs
    equal = dict.fromkeys(LEVELS, 0.0)
    for level, share in zip(LEVELS, found, strict=True):
        equal[level] = float(share)
    drawn = sum(
        given.count(one) * family.count(other) / 100**2
        for one, other in zip(given, family, strict=True)
    )
    both = equal["2 equal, 0 alike, nothing against"]
    assert both == pytest.approx(drawn / 100, rel=0.03)
    assert found.sum() == pytest.approx(1, abs=0.01)
