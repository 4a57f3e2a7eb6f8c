"""What the engine adds up is what a panel of every person would have given."""

import numpy as np
import pyarrow as pa
import pytest

from tuttuno.effects.cohorts import cohort_statistics
from tuttuno.effects.imputation import imputation, imputation_from_cohorts
from tuttuno.effects.panel import Panel
from tuttuno.effects.timeline import Timeline
from tuttuno.schema.mart import PERSON_MONTH
from tuttuno.studies.comparing import Plan, effect, exposure, path_of, pooled, pooled_path
from tuttuno.studies.months import Months
from tuttuno.studies.sums import NEVER, PAIRS, VALUES, queries, run, summed

MONTHS = Months(2024 * 12, 8)
PERSONS = 60


@pytest.fixture(scope="module")
def bought():
    """What sixty persons bought, and when each was treated."""
    rng = np.random.default_rng(5)
    values = rng.poisson(0.8, (len(VALUES), PERSONS, MONTHS.count)).astype(float)
    values[2:] *= 12.25
    cohort = np.repeat([NEVER, 3, 5], PERSONS // 3)
    part = np.where(np.arange(PERSONS) % 3 == 0, "far", "near")
    return values, cohort, part


def tables(bought, engine):
    values, cohort, part = bought
    rows = [
        {
            "person_id": person, "month": MONTHS.label(month),
            **{name: values[number, person, month] for number, name in enumerate(VALUES)},
        }
        for person in range(PERSONS)
        for month in range(MONTHS.count)
        if values[:, person, month].any()
    ]  # fmt: skip
    rows.append({**rows[0], "month": "2023-12"})
    schema = pa.schema(
        [("person_id", pa.int64()), ("month", pa.string()), *((v, pa.float64()) for v in VALUES)]
    )
    members = pa.table({"person_id": np.arange(PERSONS), "cohort": cohort, "part": part})
    return (
        engine.bind("members", members),
        engine.bind(PERSON_MONTH.name, pa.Table.from_pylist(rows, schema=schema)),
    )


def panel(outcome, cohort):
    labels = tuple(MONTHS.label(month) for month in range(MONTHS.count))
    return Panel(
        unit=pa.array([str(person) for person in range(len(cohort))]),
        timeline=Timeline(MONTHS.times, labels, numeric=True),
        cohort=np.where(cohort == NEVER, np.inf, cohort).astype(float),
        outcome=outcome,
        rows=outcome.size,
    )


@pytest.fixture(scope="module")
def found(bought, duckdb_engine):
    return run(queries(*tables(bought, duckdb_engine), MONTHS), duckdb_engine)


@pytest.mark.parametrize("weights", [{"orders_store": 1.0}, {"net_store": 1.0, "net_online": 1.0}])
def test_sums_give_the_statistics_of_the_panel(found, bought, weights):
    values, cohort, _ = bought
    outcome = sum(weight * values[VALUES.index(name)] for name, weight in weights.items())
    known = {one.cohort: one for one in cohort_statistics(panel(outcome, cohort))}
    for one in summed(found, MONTHS).of(**weights):
        assert one.units == known[one.cohort].units
        np.testing.assert_allclose(one.mean, known[one.cohort].mean, atol=1e-12)
        np.testing.assert_allclose(one.scatter, known[one.cohort].scatter, atol=1e-7)


def test_a_part_of_the_population_is_summed_alone(found, bought):
    values, cohort, part = bought
    far = part == "far"
    mine = summed(found, MONTHS, "far").of(orders_online=1)
    known = cohort_statistics(panel(values[1][far], cohort[far]))
    for one, other in zip(sorted(mine, key=lambda s: s.cohort), known, strict=True):
        np.testing.assert_allclose(one.scatter, other.scatter, atol=1e-9)


def test_imputation_from_sums_is_imputation_from_the_panel(found, bought):
    values, cohort, _ = bought
    one = imputation_from_cohorts(summed(found, MONTHS).of(orders_store=1), MONTHS.times)
    other = imputation(panel(values[0], cohort))
    np.testing.assert_allclose(one.att, other.att, atol=1e-12)
    np.testing.assert_allclose(one.covariance, other.covariance, atol=1e-12)
    assert (one.treated, one.control) == (other.treated, other.control)


def test_every_pair_of_orders_and_of_money_is_multiplied_once():
    assert len(set(PAIRS)) == len(PAIRS) == 6
    assert all((a < 2) == (b < 2) for a, b in PAIRS)


@pytest.mark.spark
@pytest.mark.slow
def test_both_engines_add_up_the_same(found, bought, spark_engine):
    other = run(queries(*tables(bought, spark_engine), MONTHS), spark_engine)
    mine, theirs = summed(found, MONTHS).statistics, summed(other, MONTHS).statistics
    for one, two in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(one.mean, two.mean, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(one.scatter, two.scatter, rtol=1e-9, atol=1e-7)


def test_parts_are_compared_within_themselves_and_averaged_by_months_lived(found):
    plan = Plan(MONTHS)
    parts = [summed(found, MONTHS, part).of(orders_store=1) for part in ("near", "far")]
    alone = [effect(part, plan) for part in parts]
    lived = np.array([exposure(part, plan) for part in parts])
    whole = pooled(parts, plan)
    share = lived / lived.sum()
    assert whole.estimate == pytest.approx(share @ [one.estimate for one in alone])
    assert whole.se**2 == pytest.approx(share**2 @ [one.se**2 for one in alone])


def test_the_path_of_one_part_is_its_own(found):
    plan = Plan(MONTHS)
    part = summed(found, MONTHS).of(orders_store=1)
    one, other = pooled_path([part], plan), path_of(part, plan)
    np.testing.assert_allclose(one.effect, other.effect)
    np.testing.assert_allclose(one.covariance, other.covariance)
    both = pooled_path([part, part], plan)
    np.testing.assert_allclose(both.effect, other.effect)
    np.testing.assert_allclose(both.covariance, other.covariance / 2)
