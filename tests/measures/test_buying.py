"""Models of repeat buying: published estimates, their own laws, and parameters found again."""

import csv
import math
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import hyp2f1
from scipy.stats import beta, gamma

from tuttuno.errors import BadInput
from tuttuno.measures.buying.fitting import NotIdentified
from tuttuno.measures.buying.gamma_gamma import GammaGamma, Spending, fit_gamma_gamma
from tuttuno.measures.buying.histories import Histories
from tuttuno.measures.buying.mbg_nbd import MbgNbd, fit_mbg_nbd
from tuttuno.measures.buying.pareto_nbd import ParetoNbd, fit_pareto_nbd

#: Fader, Hardie and Lee (2005); the library that carries it is not run.
CDNOW = "datasets/cdnow_customers_summary_with_transactions.csv"
PUBLISHED = MbgNbd(0.525, 6.183, 0.891, 1.614)


@pytest.fixture(scope="module")
def cdnow():
    """Repeats, recency, age (weeks), mean value of repeats of 2,357 buyers of records."""
    (folder,) = find_spec("lifetimes").submodule_search_locations
    with (Path(folder) / CDNOW).open() as file:
        rows = [[float(value) for value in row.values()][1:] for row in csv.DictReader(file)]
    return np.array(rows).T


def test_the_estimates_of_cdnow_are_the_published_ones(cdnow):
    # BTYDplus, as quoted by the tests of lifetimes: r .525, alpha 6.183, a .891, b 1.614
    found = fit_mbg_nbd(Histories.of(*cdnow[:3]))
    estimates = (found.r, found.alpha, found.a, found.b)
    assert estimates == pytest.approx((0.525, 6.183, 0.891, 1.614), rel=1e-3)


def test_the_other_model_has_the_published_estimates_of_cdnow(cdnow):
    # Fader, Hardie and Lee (2005): r .553, alpha 10.578, s .606, beta 11.669, LL -9595.0;
    # standard errors of CLVTools .0476, .843, .187, 6.21
    found = fit_pareto_nbd(Histories.of(*cdnow[:3]))
    assert found.fit.values == pytest.approx((0.553, 10.578, 0.606, 11.669), rel=1e-3)
    assert found.fit.log_likelihood == pytest.approx(-9594.976, abs=1e-2)
    errors = found.fit.errors * found.fit.values
    assert errors == pytest.approx((0.0476, 0.843, 0.187, 6.21), rel=5e-3)


PARETO = ParetoNbd(0.553, 10.578, 0.606, 11.669)


@pytest.mark.parametrize("history", [(0, 0, 20), (3, 12, 20), (2, 30.43, 38.86), (9, 40, 40)])
def test_staying_until_now_is_what_the_closed_form_says(history):
    # Fader and Hardie (2005), A note on deriving the Pareto/NBD model, equation 20
    x, t_x, until = history
    m, power = PARETO, PARETO.r + PARETO.s + x

    def part(at):
        nearness = (m.beta - m.alpha) / (m.beta + at)
        return hyp2f1(power, m.r + x, power + 1, nearness) / (m.beta + at) ** power

    a0 = part(t_x) - part(until)
    stayed = (m.alpha + until) ** (m.r + x) * (m.beta + until) ** m.s
    assert m.alive(*history) == pytest.approx(1 / (1 + m.s / power * stayed * a0), rel=1e-9)


@pytest.mark.parametrize("s", [0.6, 1.0, 2.5])
def test_purchases_to_come_follow_from_rate_and_staying_as_they_vary(s):
    model = ParetoNbd(0.8, 5.0, s, 9.0)
    x, t_x, until, ahead = 3, 12, 20, 30
    rate = (model.r + x) / (model.alpha + until)
    stays = quad(lambda t: ((model.beta + until) / (model.beta + until + t)) ** s, 0, ahead)[0]
    expected = model.expected(ahead, x, t_x, until)
    assert expected == pytest.approx(rate * stays * model.alive(x, t_x, until))


def test_the_other_model_finds_known_parameters_again():
    draw, n = np.random.default_rng(5), 6_000
    rate, ends = draw.gamma(0.8, 1 / 5, n), draw.exponential(1 / draw.gamma(1.2, 1 / 30, n))
    age = draw.uniform(20, 104, n)
    rows = []
    for own, end, until in zip(rate, ends, age, strict=True):
        days = np.cumsum(draw.exponential(1 / own, draw.poisson(own * 150) + 5))
        seen = days[days < min(end, until)]
        rows.append((len(seen), seen[-1] if len(seen) else 0.0, until))
    found = fit_pareto_nbd(Histories.of(*np.array(rows).T))
    away = np.log(found.fit.values / np.array([0.8, 5.0, 1.2, 30.0])) / found.fit.errors
    assert np.abs(away).max() < 3


def test_the_value_of_a_purchase_at_cdnow_is_the_published_one(cdnow):
    # Fader and Hardie (2013): p 6.25, q 3.74, gamma 15.44, log-likelihood -4055.918
    again = cdnow[0] > 0
    found = fit_gamma_gamma(Spending.of(cdnow[0][again], cdnow[3][again]))
    assert (found.p, found.q, found.gamma) == pytest.approx((6.25, 3.74, 15.44), rel=5e-3)
    assert found.fit.log_likelihood == pytest.approx(-4055.918, abs=1e-2)


def test_gathering_equal_histories_changes_nothing(cdnow):
    alone = np.arange(len(cdnow[0]))
    one_by_one = Histories(*cdnow[:3], np.ones(len(alone)), alone)
    gathered = Histories.of(*cdnow[:3])
    assert len(gathered.repeats) < len(one_by_one.repeats) == gathered.total
    apart, together = fit_mbg_nbd(one_by_one), fit_mbg_nbd(gathered)
    assert together.fit.values == pytest.approx(apart.fit.values, rel=1e-6)


@pytest.mark.parametrize("history", [(0, 0, 20), (3, 12, 20), (3, 19, 20), (9, 2, 40)])
def test_being_alive_follows_from_rate_and_leaving_as_they_vary(history):
    x, t_x, until = history
    m = PUBLISHED
    rates, leaves = gamma(m.r, scale=1 / m.alpha), beta(m.a, m.b)

    def over_rates(at):
        return quad(lambda z: z**x * math.exp(-z * at) * rates.pdf(z), 0, np.inf, limit=200)[0]

    def over_leaving(power, weight):
        return quad(lambda p: (1 - p) ** power * p**weight * leaves.pdf(p), 0, 1, limit=200)[0]

    stayed = over_rates(until) * over_leaving(x + 1, 0)
    left = over_rates(t_x) * over_leaving(x, 1)
    assert m.alive(*history) == pytest.approx(stayed / (stayed + left), rel=1e-4, abs=1e-8)


def bought(draw, customers, weeks, model):
    """Let customers buy as the model says; returns repeats, recency, age, repeats after."""
    rate = draw.gamma(model.r, 1 / model.alpha, customers)
    leaving = draw.beta(model.a, model.b, customers)
    age = draw.uniform(20, weeks, customers)
    rows = []
    for own, leaves, until in zip(rate, leaving, age, strict=True):
        x = after = 0
        last = now = 0.0
        while draw.random() > leaves:
            now += draw.exponential(1 / own)
            if now > until + 52:
                break
            if now <= until:
                x, last = x + 1, now
            else:
                after += 1
        rows.append((x, last, until, after))
    return np.array(rows).T


def test_known_parameters_are_found_again_and_the_year_after_is_foreseen():
    true = MbgNbd(0.8, 5.0, 1.2, 3.0)
    x, last, age, after = bought(np.random.default_rng(3), 6_000, 104, true)
    found = fit_mbg_nbd(Histories.of(x, last, age))
    logs = np.log([found.r, found.alpha, found.a, found.b])
    away = (logs - np.log([0.8, 5.0, 1.2, 3.0])) / found.fit.errors
    assert np.abs(away).max() < 3
    foreseen = found.expected(52, x, last, age)
    assert foreseen.sum() == pytest.approx(after.sum(), rel=0.05)
    worst = np.argsort(found.alive(x, last, age))[:1_000]
    assert after[worst].mean() < 0.3 * after.mean()


def test_new_customers_are_expected_to_do_what_customers_did():
    true = MbgNbd(0.8, 5.0, 1.2, 3.0)
    x, _, age, _ = bought(np.random.default_rng(4), 6_000, 104, true)
    assert true.mean(age).sum() == pytest.approx(x.sum(), rel=0.05)


def test_a_customer_of_whom_nothing_is_known_spends_the_mean():
    model = GammaGamma(6.25, 3.74, 15.44)
    assert model.expected(0, 0) == pytest.approx(model.mean)
    assert model.expected(1e9, 80.0) == pytest.approx(80.0)


def test_how_much_and_how_often_are_compared():
    assert Spending.of([1, 2, 3], [10, 20, 30]).correlation == pytest.approx(1.0)
    assert Spending.of([1, 2, 3], [10, 10, 10]).correlation == 0.0


@pytest.mark.parametrize(
    ("history", "why"),
    [
        (([], [], []), "no purchase histories"),
        (([1], [2], [1]), "recency outside"),
        (([0], [2], [3]), "recency but no repeat"),
        (([0.5], [1], [3]), "no whole number"),
        (([1], [math.nan], [3]), "not finite"),
        (([1, 2], [1], [3]), "same length"),
    ],
)
def test_a_history_that_cannot_be_is_named(history, why):
    with pytest.raises(BadInput, match=why):
        Histories.of(*history)


def test_nothing_is_estimated_when_nobody_came_back():
    for fit in (fit_mbg_nbd, fit_pareto_nbd):
        with pytest.raises(NotIdentified, match="nobody bought twice"):
            fit(Histories.of([0, 0], [0, 0], [3, 4]))


def test_customers_who_never_leave_are_expected_to_go_on():
    draw = np.random.default_rng(8)
    rate, age = draw.gamma(2.0, 0.1, 3_000), draw.uniform(30, 100, 3_000)
    x = draw.poisson(rate * age)
    last = age * np.where(x > 0, draw.beta(np.maximum(x, 1), 1), 0.0)
    found = fit_mbg_nbd(Histories.of(x, last, age))
    assert found.fit.at_bound[:2] == (False, False)
    assert any(found.fit.at_bound[2:])
    assert found.alive(x, last, age).mean() > 0.97
    assert found.expected(52, x, last, age).sum() == pytest.approx(52 * rate.sum(), rel=0.05)
    other = fit_pareto_nbd(Histories.of(x, last, age))
    assert other.alive(x, last, age).mean() > 0.97
    assert other.expected(52, x, last, age).sum() == pytest.approx(52 * rate.sum(), rel=0.05)
