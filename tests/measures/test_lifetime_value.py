"""What buyers are expected to buy: the models' own sums, tiers, splits and honest refusals."""

from datetime import date, timedelta

import numpy as np
import pytest

from tests.conformance.engines import same_value
from tests.measures.scenario import asked
from tuttuno.measures.buying.gamma_gamma import Spending, fit_gamma_gamma
from tuttuno.measures.buying.histories import Histories
from tuttuno.measures.buying.mbg_nbd import fit_mbg_nbd

END = date(2026, 1, 1)


def sales(persons=260, seed=5):
    """Buyers by their days and values: rates and ends of interest vary."""
    draw = np.random.default_rng(seed)
    found = {}
    for nth in range(persons):
        day = int(draw.integers(100, 700))
        rate, leaves = draw.gamma(1.0, 1 / 40), draw.beta(1.0, 3.0)
        mean, days = draw.gamma(4.0, 12.0), []
        while day > 0:
            days.append((END - timedelta(days=day), round(draw.gamma(3.0, mean / 3.0) + 1, 2)))
            if draw.random() < leaves:
                break
            day -= int(draw.exponential(1 / rate)) + 1
        found[f"p{nth}"] = days
    return found


@pytest.fixture(scope="module")
def known():
    return sales()


def written(known, channel="web"):
    return "".join(
        f"{who} {day} {channel} - {net:.2f}\n" for who, days in known.items() for day, net in days
    )


def answer(known, duck, **more):
    return asked("lifetime_value", written(known), duck, until=END, **more)


def part(found, scope="all", tier="all"):
    (row,) = (row for row in found.rows if (row["scope"], row["tier"]) == (scope, tier))
    return row


def test_the_whole_is_what_the_models_expect_of_each_buyer(known, duck):
    days = np.array([len(own) for own in known.values()])
    first = np.array([(END - min(own)[0]).days for own in known.values()]) / 7
    last = np.array([(END - max(own)[0]).days for own in known.values()]) / 7
    mean = np.array([sum(net for _, net in own) / len(own) for own in known.values()])
    buying = fit_mbg_nbd(Histories.of(days - 1, first - last, first))
    spending = fit_gamma_gamma(Spending.of(days, mean))
    orders = buying.expected(52, days - 1, first - last, first)
    row = part(answer(known, duck))
    assert row["persons"] == len(known)
    assert row["expected"] == pytest.approx(orders.sum(), rel=1e-6)
    assert row["value"] == pytest.approx((orders * spending.expected(days, mean)).sum(), rel=1e-6)
    assert row["low"] < row["value_per_person"] < row["high"]


def test_the_other_model_stands_beside_as_a_difference(known, duck):
    found = answer(known, duck)
    row = part(found)
    assert row["check_difference"] == pytest.approx(row["check"] / row["expected"] - 1)
    assert abs(row["check_difference"]) < 0.25
    tiers = [own["check"] for own in found.rows if own["scope"] == "all" and own["tier"] != "all"]
    assert sum(tiers) == pytest.approx(row["check"])
    assert "Pareto/NBD, the check, r = " in " ".join(found.notes)


def test_tiers_are_tenths_of_the_buyers_and_add_up(known, duck):
    found = answer(known, duck)
    tiers = [row for row in found.rows if row["scope"] == "all" and row["tier"] != "all"]
    assert [row["persons"] for row in tiers] == [26, 52, 78, 104]
    assert sum(row["value_share"] for row in tiers) == pytest.approx(1.0)
    each = [row["value_per_person"] for row in tiers]
    assert each == sorted(each, reverse=True)


def test_a_history_is_never_cut_off_by_the_beginning_of_the_window(known, duck):
    whole = part(answer(known, duck, all_time=False, since=date(2025, 12, 1)))
    assert whole["expected"] == pytest.approx(part(answer(known, duck))["expected"])


def test_the_model_is_tried_on_weeks_it_has_not_seen(known, duck):
    row = part(answer(known, duck))
    cut = END - timedelta(weeks=13)
    old = {who for who, days in known.items() if min(days)[0] < cut}
    late = sum(day >= cut for who in old for day, _ in known[who])
    assert row["tried_actual"] == late
    assert row["tried_expected"] == pytest.approx(late, rel=0.3)


def test_fitted_parameters_are_in_the_notes(known, duck):
    notes = " ".join(answer(known, duck).notes)
    assert "MBG/NBD in weeks r = " in notes
    assert "Gamma-Gamma p = " in notes


def test_too_few_who_came_back_give_no_number_but_a_reason(duck):
    few = dict(list(sales().items())[:40])
    found = answer(few, duck)
    assert found.rows == ()
    assert any("fewer than 50 buyers came back" in note for note in found.notes)


def test_a_side_where_nobody_buys_is_no_row(known, duck):
    assert {row["scope"] for row in answer(known, duck).rows} == {"all", "online"}


@pytest.mark.spark
@pytest.mark.slow
def test_both_engines_expect_the_same(known, duckdb_engine, spark_engine):
    mine, yours = (
        asked("lifetime_value", written(known), engine, until=END)
        for engine in (duckdb_engine, spark_engine)
    )
    assert len(mine.rows) == 10
    assert mine.notes == yours.notes
    for one, other in zip(mine.rows, yours.rows, strict=True):
        assert [key for key in one if not same_value(one[key], other[key])] == []
