"""What the new channel took from the old one."""

import numpy as np
import pytest

from tests.effects.panels import panel, world
from tuttuno.effects.aggregate import aggregate
from tuttuno.effects.choices import Kind
from tuttuno.effects.diversion import Changes, changes_of, diversion
from tuttuno.effects.staggered import staggered
from tuttuno.effects.triple import triple_difference
from tuttuno.errors import BadInput


def channels(rng, units=300, lost=0.35):
    """A store and a shop: of each euro the shop gains, the store loses a part."""
    shop, cohort = world(rng, units, effect=2.0)
    store, _ = world(rng, units, effect=0.0)
    since = np.where(cohort[:, None] > 0, np.maximum(np.arange(1, 9) - cohort[:, None] + 1, 0), 0)
    return panel(store - lost * 2.0 * since, cohort), panel(shop, cohort)


def test_the_known_share_is_found():
    store, shop = channels(np.random.default_rng(1))
    found = diversion(changes_of(store, shop))
    assert found.low < 0.35 < found.high
    assert found.ratio == pytest.approx(0.35, abs=0.05)
    assert found.incremental == 1 - found.ratio


def test_fieller_holds_exactly_the_ratios_that_cannot_be_rejected():
    changes = Changes(-3.0, 10.0, 1.0, 2.0, -0.4)
    found = diversion(changes)
    for end in (found.low, found.high):
        variance = 1 + 2 * end * -0.4 + end**2 * 4
        assert (-3 + end * 10) ** 2 == pytest.approx(1.959963985**2 * variance)
    assert found.low < 0.3 < found.high


def test_fieller_and_delta_agree_where_the_new_channel_is_certain():
    found = diversion(Changes(-3.0, 10.0, 0.01, 0.01, 5e-5))
    assert (found.low, found.high) == pytest.approx((found.delta_low, found.delta_high), abs=1e-5)


def test_an_unbounded_ratio_is_refused():
    found = diversion(Changes(-3.0, 1.0, 1.0, 2.0, 0.0))
    assert found.refused == "the change in the new channel cannot be told from zero"
    assert (found.low, found.high) == (-np.inf, np.inf)
    with pytest.raises(BadInput, match="there is no ratio"):
        diversion(Changes(1.0, 0.0, 1.0, 1.0, 0.0))


def test_the_covariance_is_that_of_estimates_on_the_same_units():
    store, _ = channels(np.random.default_rng(2))
    itself = changes_of(store, store)
    assert itself.covariance == pytest.approx(itself.old_se**2)


def test_panels_of_other_units_are_not_mixed():
    store, shop = channels(np.random.default_rng(3))
    keep = np.arange(300) > 0
    with pytest.raises(BadInput, match="the same units, periods and cohorts"):
        changes_of(store, shop.only(keep, ""))


def test_the_triple_difference_takes_off_what_moves_everything():
    rng = np.random.default_rng(4)
    touched, cohort = world(rng, 400, effect=1.0)
    drift = 0.5 * (cohort[:, None] > 0) * np.arange(8)
    other, _ = world(rng, 400, effect=0.0)
    inside, outside = panel(touched + drift, cohort), panel(other + drift, cohort)
    found = aggregate(triple_difference(inside, outside), Kind.DYNAMIC)
    assert found.effects[found.at == 0] == pytest.approx(1, abs=0.3)
    naive = aggregate(staggered(inside), Kind.DYNAMIC)
    assert naive.effects[naive.at == 0] > 1.3
