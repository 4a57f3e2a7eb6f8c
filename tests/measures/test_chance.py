"""Sides dealt at random: the closed form against every deal there is."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tuttuno.measures.chance import covariance, in_both
from tuttuno.measures.overlapping import chance


def every_deal(things, online):
    """Number of things on both sides in each way to choose the online lines."""
    lines = [thing for thing, count in enumerate(things) for _ in range(count)]
    found = []
    for chosen in combinations(range(len(lines)), online):
        here = {lines[line] for line in chosen}
        there = {lines[line] for line in range(len(lines)) if line not in chosen}
        found.append(len(here & there))
    return np.array(found)


def counted(things, online):
    """The buyer as the queries tell her: cells of single things and pairs of things."""
    n = sum(things)
    often = {m: things.count(m) for m in sorted(set(things)) if m > 1}
    at = {"n": n, "nw": online}
    single = [{**at, "m": m, "things": c, "ordered_pairs": c * (c - 1)} for m, c in often.items()]
    pairs = [
        {**at, "m": m, "other_m": o, "pairs": often[m] * often[o]}
        for m, o in combinations(often, 2)
    ]
    return single, pairs


@settings(deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=5), st.data())
def test_mean_and_variance_are_those_of_all_deals(things, data):
    online = data.draw(st.integers(0, sum(things)))
    deals = every_deal(things, online)
    expected, variance = chance(*counted(things, online))
    assert expected == pytest.approx(deals.mean(), abs=1e-9)
    assert variance == pytest.approx(deals.var(), abs=1e-9)


def test_the_formula_of_the_definition():
    # n = 5 lines, 2 online, 3 of the thing: 1 - C(2,2)/C(5,2) - C(2,3)/C(5,3) = 0.9
    assert float(in_both(5, 2, 3)) == pytest.approx(0.9)


def test_two_things_of_one_buyer_are_not_independent():
    assert float(covariance(4, 2, 2, 2)) == pytest.approx(2 / 3 - 4 / 9)


def test_heavy_buyers_do_not_overflow():
    assert 0.99 < float(in_both(5_000, 2_500, 40)) <= 1.0
