"""Who is probably still a customer: the model's own numbers by risk and class, and its trial."""

from datetime import timedelta

import numpy as np
import pytest

from tests.measures.scenario import asked
from tests.measures.test_lifetime_value import END, sales, written
from tuttuno.measures.buying.histories import Histories
from tuttuno.measures.buying.mbg_nbd import MbgNbd, fit_mbg_nbd
from tuttuno.measures.churn_risk import RISKS


@pytest.fixture(scope="module")
def known():
    return sales()


@pytest.fixture(scope="module")
def found(known, duck):
    lines = written(known).splitlines()
    shop = [line.replace(" web ", " store ") if int(line[1]) % 2 else line for line in lines]
    return asked("churn_risk", "\n".join(shop), duck, until=END)


def part(found, kind="all", risk="all"):
    (row,) = (row for row in found.rows if (row["class"], row["risk"]) == (kind, risk))
    return row


def alive(known, until=END):
    days = [[day for day, _ in own if day < until] for own in known.values()]
    days = [own for own in days if own]
    first = np.array([(until - min(own)).days for own in days]) / 7
    last = np.array([(until - max(own)).days for own in days]) / 7
    told = (np.array([len(own) - 1 for own in days]), first - last, first)
    return fit_mbg_nbd(Histories.of(*told)), told


def test_every_buyer_has_the_risk_that_the_model_gives_her(known, found):
    model, told = alive(known)
    each = model.alive(*told)
    assert part(found)["alive"] == pytest.approx(each.mean(), rel=1e-6)
    assert part(found)["left"] == pytest.approx((1 - each).sum(), rel=1e-6)
    counts = [((each >= 0.8).sum()), ((each < 0.8) & (each >= 0.5)).sum(),
              ((each < 0.5) & (each >= 0.2)).sum(), (each < 0.2).sum()]  # fmt: skip
    assert [part(found, risk=risk)["persons"] for risk in RISKS] == counts


def test_classes_and_risks_add_up(found):
    kinds = [row for row in found.rows if row["risk"] == "all" and row["class"] != "all"]
    assert {row["class"] for row in kinds} == {"online_only", "store_only"}
    assert sum(row["persons"] for row in kinds) == part(found)["persons"]
    assert sum(part(found, risk=risk)["persons_share"] for risk in RISKS) == pytest.approx(1)


def test_the_trial_knows_nothing_of_the_weeks_it_is_tried_on(known, found):
    cut = END - timedelta(weeks=13)
    model, told = alive(known, until=cut)
    came = [max(d for d, _ in own) >= cut for own in known.values() if min(own)[0] < cut]
    row = part(found)
    assert row["back_expected"] == pytest.approx(model.returns(13, *told).mean(), rel=1e-6)
    assert row["back_actual"] == pytest.approx(np.mean(came))
    assert row["low"] < row["back_expected"] < row["high"]


def test_the_probability_to_come_back_is_that_of_simulated_customers():
    """Customers of the model's own making, those alike in history taken together."""
    draw, model = np.random.default_rng(11), MbgNbd(0.8, 6.0, 0.9, 2.5)
    count = 60_000
    rates, leaves = draw.gamma(0.8, 1 / 6.0, count), draw.beta(0.9, 2.5, count)
    repeats, last, came = np.zeros(count), np.zeros(count), np.zeros(count, bool)
    at, here = np.zeros(count), draw.random(count) >= leaves
    while here.any():
        at = np.where(here, at + draw.exponential(1 / np.maximum(rates, 1e-9)), at)
        seen = here & (at <= 40)
        repeats += seen
        last = np.where(seen, at, last)
        came |= here & (at > 40) & (at <= 53)
        here &= (at <= 53) & (draw.random(count) >= leaves)
    expected = model.returns(13, repeats, last, np.full(count, 40.0))
    for low, high in ((0.0, 0.1), (0.1, 0.3), (0.3, 0.6), (0.6, 1.0)):
        alike = (expected >= low) & (expected < high)
        assert came[alike].mean() == pytest.approx(expected[alike].mean(), abs=0.015)


def test_too_few_who_came_back_give_no_number_but_a_reason(duck):
    few = dict(list(sales().items())[:40])
    found = asked("churn_risk", written(few), duck, until=END)
    assert found.rows == ()
    assert any("fewer than 50 buyers came back" in note for note in found.notes)


def test_a_split_reports_each_part_under_one_fit(known, duck):
    shop = written(known)
    whole = part(asked("churn_risk", shop, duck, until=END))
    parts = asked("churn_risk", shop, duck, until=END, by=("country",))
    assert [row["country"] for row in parts.rows[:1]] == [None]
    assert part(parts)["left"] == pytest.approx(whole["left"])
