"""Synthetic control and its relatives: California's tobacco programme, and worlds with a truth."""

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pytest

from tests.effects.panels import panel
from tuttuno.effects import frank_wolfe
from tuttuno.effects.choices import Method
from tuttuno.effects.columns import Columns
from tuttuno.effects.frank_wolfe import Fit
from tuttuno.effects.panel import read_panel
from tuttuno.effects.synthetic import synthetic
from tuttuno.errors import BadInput


def factors(rng, units=25, periods=20, treated=1, effect=3.0, start=15):
    """Units that share two paths in different measure: no parallel trends."""
    paths = np.cumsum(rng.normal(size=(2, periods)), axis=1)
    outcome = rng.uniform(0, 1, (units, 2)) @ paths + rng.normal(0, 0.1, (units, periods))
    cohort = np.where(np.arange(units) < treated, start, 0)
    outcome[:treated, start - 1 :] += effect
    return outcome, cohort


@pytest.mark.parametrize(
    ("method", "published"),
    [(Method.SDID, -15.60383), (Method.SC, -19.61966), (Method.DID, -27.34911)],
)
def test_the_published_effect_of_proposition_99_is_reproduced(shared, method, published):
    options = pacsv.ParseOptions(delimiter=";")
    path = shared / "data" / "measures" / "california_prop99.csv"
    table = pacsv.read_csv(path, parse_options=options)
    start = [1989 if state == "California" else 0 for state in table["State"].to_pylist()]
    table = table.append_column("start", pa.array(start))
    found = synthetic(
        read_panel(table, Columns("State", "Year", "start", "PacksPerCapita")), method
    )
    assert found.estimate == pytest.approx(published, abs=1e-4)
    assert (found.treated, found.control, found.placebos.size) == (1, 38, 38)


def test_the_plain_method_is_the_difference_in_differences_of_means():
    outcome, cohort = factors(np.random.default_rng(1), treated=3)
    change = outcome[:, 14:].mean(axis=1) - outcome[:, :14].mean(axis=1)
    expected = change[:3].mean() - change[3:].mean()
    assert synthetic(panel(outcome, cohort), Method.DID).estimate == pytest.approx(expected)


@pytest.mark.parametrize("method", [Method.SDID, Method.SC])
@pytest.mark.parametrize("treated", [1, 3])
def test_a_known_effect_is_found_where_trends_are_not_parallel(method, treated):
    outcome, cohort = factors(np.random.default_rng(2), treated=treated)
    found = synthetic(panel(outcome, cohort), method, draws=50)
    assert found.low < 3 < found.high
    assert found.estimate == pytest.approx(3, abs=0.3)
    assert found.unit_weights.sum() == pytest.approx(1)
    assert found.p == pytest.approx(1 / (found.placebos.size + 1))


def test_cohorts_are_averaged_over_treated_units_and_periods():
    outcome, cohort = factors(np.random.default_rng(3), treated=0)
    outcome = np.vstack([outcome, outcome[:3]])
    cohort = np.append(cohort, [11, 11, 16])
    whole = synthetic(panel(outcome, cohort), Method.DID, draws=2).estimate
    first = synthetic(panel(outcome[:-1], cohort[:-1]), Method.DID, draws=2).estimate
    last = np.r_[0:25, 27]
    second = synthetic(panel(outcome[last], cohort[last]), Method.DID, draws=2).estimate
    assert whole == pytest.approx((first * 2 * 10 + second * 5) / 25)


def test_placebos_are_drawn_from_the_seed():
    whole = panel(*factors(np.random.default_rng(4), treated=2))
    draws = [synthetic(whole, Method.DID, draws=20, seed=seed).placebos for seed in (1, 1, 2)]
    assert draws[0].tolist() == draws[1].tolist() != draws[2].tolist()


def test_weights_solve_the_penalised_problem_on_the_simplex():
    rng = np.random.default_rng(5)
    donors, target = rng.normal(size=(1, 30, 4)), rng.normal(size=(1, 30))
    fit = Fit(donors, target, np.array([0.5]), np.array([1e-9]), intercept=False)
    ours = fit.weights()[0]

    def loss(x):
        return 0.25 * x @ x + ((donors[0] @ x - target[0]) ** 2).mean()

    others = rng.dirichlet(np.ones(4), 3_000)
    assert ours.sum() == pytest.approx(1)
    assert loss(ours) <= min(loss(other) for other in others) + 1e-6


def test_problems_solved_side_by_side_are_solved_as_alone():
    rng = np.random.default_rng(6)
    donors, target = rng.normal(size=(3, 20, 5)), rng.normal(size=(3, 20))
    noise = np.array([0.1, 0.2, 0.3])
    both = Fit(donors, target, noise, noise * 1e-5, intercept=True).weights()
    alone = Fit(donors[1:2], target[1:2], noise[1:2], noise[1:2] * 1e-5, intercept=True).weights()
    assert both[1] == pytest.approx(alone[0], abs=1e-12)


@pytest.mark.parametrize(
    ("cohort", "message"),
    [
        ([15] * 25, "no unit that is never treated"),
        ([0] * 25, "no unit becomes treated"),
        ([15] * 13 + [0] * 12, "too few for placebos of 13"),
    ],
)
def test_without_enough_controls_nothing_is_claimed(cohort, message):
    outcome, _ = factors(np.random.default_rng(7))
    with pytest.raises(BadInput, match=message):
        synthetic(panel(outcome, np.array(cohort)))


def test_no_control_plays_the_treated_of_two_cohorts_in_one_placebo():
    outcome, cohort = factors(np.random.default_rng(8), units=4, treated=0)
    outcome[0] += 100 * (np.arange(20) >= 9)
    cohort = np.array([11, 16, 0, 0, 0])
    outcome = np.vstack([outcome, outcome[1:2]])
    outcome[:4] = 0.0
    outcome[4] = np.where(np.arange(20) >= 10, 30.0, 0.0)
    found = synthetic(panel(outcome, cohort), Method.DID, draws=300)
    early, late, rest = 30.0, 30.0 - 30.0 / 3, -30.0
    possible = [(10 * early + 5 * 0) / 15, (10 * 0 + 5 * 20) / 15, (10 * rest + 5 * -20) / 15]
    assert late == 20
    assert sorted(set(found.placebos.round(6))) == pytest.approx(sorted(possible))


def coverage(method, treated, draws, seed):
    """How often an effect of one is inside, where placebo inference may be used.

    Forty units that all load alike on two paths, with equally noisy months: whoever is treated
    could as well have been a control, and there are many of these.
    """
    rng, start, held = np.random.default_rng(seed), 7, 0
    for _ in range(draws):
        paths = rng.normal(size=(2, 10)).cumsum(axis=1)
        outcome = rng.uniform(0, 1, (40, 2)) @ paths + rng.normal(size=(40, 10))
        outcome[:treated, start - 1 :] += 1
        cohort = np.where(np.arange(40) < treated, start, 0)
        found = synthetic(panel(outcome, cohort), method, draws=60)
        held += found.low <= 1 <= found.high
    return held / draws


DESIGNS = [(Method.SC, 1), (Method.SC, 5), (Method.SDID, 1), (Method.SDID, 5)]


@pytest.fixture
def few_steps(monkeypatch):
    """A solver that stops soon, for placebos as for the treated."""
    monkeypatch.setattr(frank_wolfe, "FIRST_STEPS", 20)
    monkeypatch.setattr(frank_wolfe, "MORE_STEPS", 20)


@pytest.mark.usefixtures("few_steps")
@pytest.mark.parametrize(("method", "treated"), [DESIGNS[0], DESIGNS[3]])
def test_the_placebo_interval_keeps_its_promise(method, treated):
    assert coverage(method, treated, 300, seed=1) == pytest.approx(0.95, abs=0.025)


@pytest.mark.storm
@pytest.mark.parametrize(("method", "treated"), DESIGNS)
def test_the_placebo_interval_keeps_its_promise_over_many_more_worlds(method, treated):
    assert coverage(method, treated, 1_000, seed=2) == pytest.approx(0.95, abs=0.015)


def placebo_worlds(controls, draws):
    rng = np.random.default_rng(9)
    cohort = np.where(np.arange(controls + 1) < 1, 7, 0)
    for _ in range(draws):
        noise = rng.normal(size=(controls + 1, 10)) + rng.normal(size=(controls + 1, 1))
        yield synthetic(panel(noise, cohort), Method.DID)


@pytest.mark.parametrize("controls", [4, 8, 19])
def test_few_controls_make_a_wide_interval_and_no_false_certainty(controls):
    held = [found.low <= 0 <= found.high for found in placebo_worlds(controls, 400)]
    assert np.mean(held) == pytest.approx(0.95, abs=0.025)


def test_one_treated_among_twenty_is_the_largest_by_chance_once_in_twenty():
    """No smaller p can be had from nineteen controls; without an effect it is had as often."""
    p = np.array([found.p for found in placebo_worlds(19, 400)])
    assert p.min() == pytest.approx(0.05)
    assert np.mean(p < 0.06) == pytest.approx(0.05, abs=0.025)
    assert np.mean(p < 0.21) == pytest.approx(0.20, abs=0.04)
