"""Nominal 95 % intervals hold the truth in 95 of 100 simulated worlds, estimator by estimator."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import special

from tests.effects.panels import panel
from tuttuno.effects.aggregate import aggregate, pre_trend
from tuttuno.effects.always_valid import running_difference
from tuttuno.effects.balancing import entropy_balancing
from tuttuno.effects.choices import Control, Kind, Method
from tuttuno.effects.comparison import Design
from tuttuno.effects.diversion import changes_of, diversion
from tuttuno.effects.doubly_robust import aipw
from tuttuno.effects.experiment import cuped
from tuttuno.effects.groups import Groups
from tuttuno.effects.imputation import imputation, imputed_share
from tuttuno.effects.jackknife import jackknife
from tuttuno.effects.regression import difference, oaxaca_blinder, regression
from tuttuno.effects.staggered import staggered
from tuttuno.effects.synthetic import synthetic
from tuttuno.effects.triple import triple_difference
from tuttuno.effects.uplift import qini

NOT_YET = Design(Control.NOT_YET)


def waves(rng, units=200, effect=1.0, periods=6):
    """Three cohorts with serially correlated errors; the effect is the same for all."""
    cohort = rng.choice([0, 3, 5], units)
    noise = rng.normal(size=(units, periods))
    outcome = rng.normal(size=(units, 1)) + rng.normal(size=periods) + noise
    outcome[:, 1:] += 0.5 * noise[:, :-1]
    treated = (cohort[:, None] > 0) & (np.arange(1, periods + 1) >= cohort[:, None])
    return outcome + effect * treated, cohort


def buyers(rng, units=500):
    traits = rng.normal(size=(units, 3))
    treated = rng.random(units) < special.expit(traits @ [0.5, 0.3, 0.2] - 0.5)
    return Groups(traits @ [1, 2, 0.5] + treated + rng.normal(size=units), treated, traits)


def by_waves(estimate, kind, **design):
    def interval(rng):
        return aggregate(estimate(panel(*waves(rng)), Design(**design)), kind)

    return interval


def with_covariate(rng):
    outcome, cohort = waves(rng)
    trait = rng.normal(size=cohort.size) + 0.5 * (cohort > 0)
    outcome = outcome + trait[:, None] * np.arange(outcome.shape[1])
    return aggregate(staggered(panel(outcome, cohort, covariates=("x",), x=trait)), Kind.SIMPLE)


def with_clusters(rng):
    """Fifty stores decide together, and their shoppers share shocks."""
    store = np.repeat(np.arange(60), 5)
    cohort = rng.choice([0, 3], 60)[store]
    outcome = rng.normal(size=(60, 4))[store] + rng.normal(size=(300, 4))
    outcome += ((cohort[:, None] > 0) & (np.arange(1, 5) >= cohort[:, None])) * 1.0
    found = staggered(panel(outcome, cohort, cluster="k", k=store))
    return aggregate(found, Kind.SIMPLE)


def by_cuped(rng):
    before, treated = rng.gamma(2, 1, 400), rng.random(400) < 0.5
    return cuped(before + treated + rng.exponential(1, 400), before, treated).effect


def by_arms(rng):
    """An experiment with arms of unequal size and noise."""
    treated = rng.random(300) < 0.3
    return difference(Groups(rng.normal(treated, 1 + treated), treated, np.empty((300, 0))))


def by_qini(rng):
    """Uplift is normal with a spread of 2 sqrt(pi), and the score is right: the area is one."""
    uplift, treated = rng.normal(size=800), rng.random(800) < 0.5
    outcome = 2 * np.sqrt(np.pi) * uplift * treated + rng.normal(size=800)
    return qini(uplift, outcome, treated, draws=200, seed=int(rng.integers(1 << 31)))


def by_diversion(rng):
    """The store loses all of what the shop gains: a ratio of one."""
    shop, cohort = waves(rng)
    store = waves(rng, effect=0)[0]
    gained = (cohort[:, None] > 0) & (np.arange(1, 7) >= cohort[:, None])
    return diversion(changes_of(panel(store - gained, cohort), panel(shop, cohort)))


def by_delta(rng):
    found = by_diversion(rng)
    return SimpleNamespace(low=found.delta_low, high=found.delta_high)


def by_triple(rng):
    """Both categories drift with whoever is treated; one of them gains besides."""
    touched, cohort = waves(rng)
    other = waves(rng, effect=0)[0]
    drift = 0.5 * (cohort[:, None] > 0) * np.arange(6)
    pair = panel(touched + drift, cohort), panel(other + drift, cohort)
    return aggregate(triple_difference(*pair), Kind.SIMPLE)


def by_share(rng):
    """Stores of any size double what they sell; each is left out once."""
    launch = np.repeat([np.inf, 4.0], [12, 8])
    expected = rng.gamma(4, 100, (20, 1)) * rng.gamma(40, 1 / 40, 10)
    values = expected * (1 + (np.arange(10) >= launch[:, None])) * rng.gamma(60, 1 / 60, (20, 10))
    times = np.arange(10.0)
    found = jackknife(20, lambda kept: np.array([imputed_share(values[kept], launch[kept], times)]))
    middle, half = found.estimate[0], found.half[0]
    return SimpleNamespace(low=middle - half, high=middle + half)


def by_placebo(rng):
    outcome = rng.normal(size=(60, 8)) + rng.normal(size=(60, 1))
    cohort = np.where(np.arange(60) < 10, 6, 0)
    outcome[:10, 5:] += 1
    return synthetic(panel(outcome, cohort), Method.DID, draws=200)


CASES = {
    "cs": by_waves(staggered, Kind.SIMPLE),
    "cs-not-yet": by_waves(staggered, Kind.GROUP, control=Control.NOT_YET),
    "cs-dynamic": by_waves(staggered, Kind.DYNAMIC),
    "cs-calendar": by_waves(staggered, Kind.CALENDAR),
    "cs-doubly-robust": with_covariate,
    "cs-clusters": with_clusters,
    "imputation": by_waves(imputation, Kind.SIMPLE),
    "entropy-balancing": lambda rng: entropy_balancing(buyers(rng)),
    "aipw": lambda rng: aipw(buyers(rng)),
    "oaxaca-blinder": lambda rng: oaxaca_blinder(buyers(rng)),
    "regression": lambda rng: regression(buyers(rng)),
    "difference": by_arms,
    "cuped": by_cuped,
    "qini": by_qini,
    "diversion": by_diversion,
    "diversion-delta": by_delta,
    "triple": by_triple,
    "share": by_share,
    "placebo": by_placebo,
}


def coverage(case, draws, seed):
    rng = np.random.default_rng(seed)
    found = (CASES[case](rng) for _ in range(draws))
    return np.mean([one.low <= 1 <= one.high for one in found])


@pytest.mark.parametrize("case", CASES)
def test_the_interval_keeps_its_promise(case):
    assert coverage(case, 400, seed=1) == pytest.approx(0.95, abs=0.025)


@pytest.mark.storm
@pytest.mark.parametrize("case", CASES)
def test_the_interval_keeps_its_promise_over_many_more_worlds(case):
    assert coverage(case, 2_000, seed=2) == pytest.approx(0.95, abs=0.015)


def test_the_test_of_pre_trends_fails_by_chance_as_often_as_it_says():
    rng = np.random.default_rng(3)
    failed = [pre_trend(staggered(panel(*waves(rng, 400)))).p < 0.05 for _ in range(400)]
    assert np.mean(failed) == pytest.approx(0.05, abs=0.025)


def test_the_band_holds_all_effects_at_once():
    rng = np.random.default_rng(4)
    held = []
    for _ in range(300):
        found = aggregate(staggered(panel(*waves(rng, effect=0)), NOT_YET), Kind.DYNAMIC)
        held.append((np.abs(found.effects) <= found.critical * found.errors).all())
    assert np.mean(held) == pytest.approx(0.95, abs=0.025)


def peeked(experiments, seed, units=4_000, looks=120):
    """How often an experiment without effect looks like one at some look, by sequence and by z."""
    rng = np.random.default_rng(seed)
    spend = rng.lognormal(0, 1, (experiments, units)) * (rng.random((experiments, units)) < 0.3)
    arm = (rng.random((experiments, units)) < 0.5) * 1.0
    found = running_difference(spend, arm, np.linspace(400, units, looks).astype(int))
    half = (found.high - found.low) / 2
    rho2 = (-2 * np.log(0.05) + np.log(-2 * np.log(0.05)) + 1) / units
    grown = found.units * rho2 + 1
    error = half / np.sqrt(2 * grown / (found.units * rho2) * np.log(np.sqrt(grown) / 0.05))
    ever = (np.abs(found.estimate) > half).any(axis=1).mean()
    return ever, (np.abs(found.estimate) > 1.96 * error).any(axis=1).mean()


def test_a_sequence_may_be_looked_at_a_hundred_times_and_a_plain_interval_may_not():
    sequence, plain = peeked(500, seed=5)
    assert sequence <= 0.05
    assert plain > 0.15


@pytest.mark.storm
def test_a_sequence_keeps_its_promise_over_many_experiments():
    assert max(peeked(1_000, seed=seed)[0] for seed in range(6, 10)) <= 0.05
