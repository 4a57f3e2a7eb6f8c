"""How long the heavy estimators take, each beside a library that does the same where it runs."""

import importlib
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from scipy import sparse

from benchmarks.machine import peak_mb, save
from benchmarks.task import Task, task
from benchmarks.timing import in_turn
from tuttuno.effects.aggregate import aggregate
from tuttuno.effects.choices import Kind
from tuttuno.effects.doubly_robust import aipw
from tuttuno.effects.groups import Groups
from tuttuno.effects.panel import Panel
from tuttuno.effects.staggered import staggered
from tuttuno.effects.timeline import Timeline
from tuttuno.measures.buying.histories import Histories
from tuttuno.measures.buying.mbg_nbd import MbgNbd, fit_mbg_nbd
from tuttuno.measures.suggesting.neighbours import Taste, held, nearest

#: Periods of the panel, covariates of the adjustment, products, and lines a person.
PERIODS, COVARIATES, PRODUCTS, LINES = 24, 20, 40_000, 10

#: Days that customers are watched.
WATCHED = 730

Numbers = np.ndarray[Any, np.dtype[np.float64]]


def panel(people: int, seed: int) -> Panel:
    """Persons by months, a third of them treated in one of twelve months."""
    rng = np.random.default_rng(seed)
    cohort = np.where(rng.random(people) < 1 / 3, rng.integers(8, 20, people), np.inf)
    outcome = rng.standard_normal((people, PERIODS))
    outcome += 0.1 * (np.arange(PERIODS) >= cohort[:, None])
    times = np.arange(PERIODS, dtype=np.float64)
    line = Timeline(times, tuple(str(place) for place in range(PERIODS)), numeric=True)
    return Panel(pa.array(np.arange(people)), line, cohort, outcome, rows=outcome.size)


def groups(people: int, seed: int) -> Groups:
    """Persons with covariates that pull some of them into treatment."""
    rng = np.random.default_rng(seed)
    covariates = rng.standard_normal((people, COVARIATES))
    pull = covariates[:, :5].sum(axis=1) / 4 - 1
    treated = rng.random(people) < 1 / (1 + np.exp(-pull))
    outcome = covariates.sum(axis=1) + 0.5 * treated + rng.standard_normal(people)
    return Groups(outcome, treated, covariates)


def histories(people: int, seed: int) -> tuple[Numbers, Numbers, Numbers]:
    """Repeats, recency and age in days of customers who buy at their own pace, then stop."""
    rng = np.random.default_rng(seed)
    age = rng.integers(30, WATCHED, people).astype(np.float64)
    lived = np.minimum(age, rng.exponential(400.0, people))
    repeats = rng.poisson(rng.gamma(0.6, 1 / 60, people) * lived).astype(np.float64)
    last = np.ceil(lived * rng.random(people) ** (1 / np.maximum(repeats, 1)))
    recency = np.where(repeats > 0, np.maximum(np.minimum(last, age), 1), 0.0)
    return repeats, recency, age


def bought(people: int, seed: int) -> sparse.csr_array:
    """Who bought which product; few products make most lines."""
    rng = np.random.default_rng(seed)
    lines = people * LINES
    things = (PRODUCTS * rng.random(lines) ** 2.2).astype(np.int64)
    return held(rng.integers(0, people, lines), things, shape=(people, PRODUCTS))


def measured(people: int, seed: int, *, rounds: int = 1) -> dict[str, Any]:
    """Time every estimator beside its library, where there is one; the best of some rounds."""
    whole, sides, seen = panel(people, seed), groups(people, seed), histories(people, seed)
    model, had = fit_mbg_nbd(Histories.of(*seen)), bought(people, seed)
    taste = Taste(shrunk=10.0, least=20, most=10)

    def did() -> object:
        return aggregate(staggered(whole), Kind.SIMPLE)

    calls: dict[str, dict[str, Callable[[], object] | None]] = {
        "staggered": {"tuttuno": did, "diff-diff": _diff_diff(whole)},
        "aipw": {"tuttuno": partial(aipw, sides), "doubleml": _doubleml(sides)},
        "mbg_nbd_fit": {
            "tuttuno": lambda: fit_mbg_nbd(Histories.of(*seen)),
            "lifetimes": _lifetimes(seen),
        },
        "mbg_nbd_score": {"tuttuno": partial(_scored, model, seen)},
        "item_item": {
            "tuttuno": partial(nearest, had, had, taste),
            "scipy": lambda: had.T @ had,
        },
    }
    return {name: _times(sides_of, rounds) for name, sides_of in calls.items()}


def _scored(model: MbgNbd, seen: tuple[Numbers, Numbers, Numbers]) -> Numbers:
    return model.expected(np.float64(90.0), *seen)


def _diff_diff(whole: Panel) -> Callable[[], object] | None:
    """Callaway and Sant'Anna by `diff-diff`, where it is installed; the table is made before."""
    try:
        module, pandas = (importlib.import_module(name) for name in ("diff_diff", "pandas"))
    except ImportError:
        return None
    people = whole.outcome.shape[0]
    table = pandas.DataFrame(
        {
            "unit": np.repeat(np.arange(people), PERIODS),
            "time": np.tile(np.arange(PERIODS), people),
            "cohort": np.repeat(np.where(np.isinf(whole.cohort), 0, whole.cohort), PERIODS),
            "outcome": whole.outcome.ravel(),
        }
    )

    def fit() -> object:
        return module.CallawaySantAnna().fit(
            table, outcome="outcome", unit="unit", time="time", first_treat="cohort"
        )

    return fit


def _doubleml(sides: Groups) -> Callable[[], object] | None:
    """The same adjustment by `doubleml` with linear and logistic regression, where installed."""
    try:
        module, linear = (
            importlib.import_module(name) for name in ("doubleml", "sklearn.linear_model")
        )
    except ImportError:
        return None
    data = module.DoubleMLData.from_arrays(
        sides.covariates, sides.outcome, sides.treated.astype(np.float64)
    )
    learners = linear.LinearRegression(), linear.LogisticRegression()

    def fit() -> object:
        return module.DoubleMLIRM(data, *learners, score="ATTE", n_folds=5).fit()

    return fit


def _lifetimes(seen: tuple[Numbers, Numbers, Numbers]) -> Callable[[], object] | None:
    """The fit of `lifetimes`, where it is installed."""
    try:
        module = importlib.import_module("lifetimes")
    except ImportError:
        return None

    def fit() -> object:
        return module.ModifiedBetaGeoFitter().fit(*seen)

    return fit


def _times(calls: dict[str, Callable[[], object] | None], rounds: int) -> dict[str, Any]:
    found: dict[str, Any] = {name: None for name, call in calls.items() if call is None}
    known = {name: call for name, call in calls.items() if call is not None}
    for name, taken in in_turn(known, rounds=rounds).items():
        found[name] = {
            "seconds": round(min(one.seconds for one in taken), 3),
            "cpu_seconds": round(min(one.cpu_seconds for one in taken), 3),
        }
    return found


def main(asked: Task) -> Path:
    """Measure, and return where the result is."""
    before = os.getloadavg()[0]
    found = measured(asked.people, asked.seed)
    result = {
        "people": asked.people,
        "seed": asked.seed,
        "load": [round(before, 1), round(os.getloadavg()[0], 1)],
        "peak_mb": peak_mb(),
        "estimators": found,
    }
    return save(f"estimators_{asked.people}", result, folder=asked.results)


if __name__ == "__main__":
    main(task(__doc__))
