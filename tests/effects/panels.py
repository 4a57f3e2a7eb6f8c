"""Panels that tests make: long tables from matrices, and worlds with known effects."""

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from tuttuno.effects.columns import Columns
from tuttuno.effects.panel import read_panel

MPDTA = Columns("countyreal", "year", "first.treat", "lemp")


def mpdta(shared, *covariates):
    table = pacsv.read_csv(shared / "data" / "measures" / "mpdta.csv")
    columns = Columns(MPDTA.unit, MPDTA.time, MPDTA.cohort, MPDTA.outcome, covariates)
    return read_panel(table, columns)


def long(outcome, cohort, **more):
    """A table with one row for each unit and time; `more` has a value for each unit."""
    units, periods = outcome.shape
    table = {
        "unit": np.repeat(np.arange(units), periods),
        "time": np.tile(np.arange(1, periods + 1), units),
        "cohort": np.repeat(cohort, periods),
        "y": outcome.ravel(),
    }
    return pa.table(table | {name: np.repeat(values, periods) for name, values in more.items()})


def panel(outcome, cohort, *, covariates=(), weight=None, cluster=None, **more):
    columns = Columns("unit", "time", "cohort", "y", covariates, weight, cluster)
    return read_panel(long(outcome, cohort, **more), columns)


def world(rng, units=300, periods=8, effect=1.0, cohorts=(0, 4, 6)):
    """Units with levels and a common path; the effect grows by `effect` in each period."""
    cohort = rng.choice(cohorts, units)
    time = np.arange(1, periods + 1)
    outcome = rng.normal(size=(units, 1)) + rng.normal(size=periods)
    outcome = outcome + rng.normal(size=(units, periods))
    since = np.where(cohort[:, None] > 0, np.maximum(time - cohort[:, None] + 1, 0), 0)
    return outcome + effect * since, cohort
