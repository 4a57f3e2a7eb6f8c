"""How well purchases were foreseen: what was expected of each quarter, and what it brought."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tuttuno.engine.semantics import count_where, days_between
from tuttuno.measures.answer import AnswerColumn, Value
from tuttuno.measures.buying.fitting import CHECKED, FEWEST, NotIdentified
from tuttuno.measures.buying.histories import Histories, Numbers
from tuttuno.measures.buying.mbg_nbd import fit_mbg_nbd
from tuttuno.measures.buying.pareto_nbd import fit_pareto_nbd
from tuttuno.measures.buying_days import days_until
from tuttuno.measures.intervals import Z95
from tuttuno.measures.measure import Found, Measure, Question, Results
from tuttuno.measures.rows import places

Flags = NDArray[np.bool_]

_WEEKS = "purchases_foreseen.weeks"

#: Quarters looked at, each foreseen from the time before it alone.
_QUARTERS = 4

#: Purchase days known at the beginning of the quarter: name, from, to.
_BANDS = (("1", 1, 1), ("2", 2, 2), ("3", 3, 3), ("4-6", 4, 6), ("7+", 7, 10**9))

#: Histories that models are fitted to; more make them no surer.
_FITTED = 100_000


def purchases_foreseen(question: Question) -> ibis.Table:
    """What the models of lifetime value expected of each of the last four quarters.

    For each `origin`, the first day of a quarter, the models are fitted to what was sold
    before it and say how many purchase days to expect in the weeks that follow. `persons` are
    the known buyers of that day, `expected` and `actual` purchase days of one of them in those
    weeks, with the 95 % interval of the latter; `check` is what Pareto/NBD expected. `bought`
    divides the buyers by the purchase days known of them then. A quarter counts back from the
    window's end in weeks; histories begin with the first sale, whatever the window. Where
    `expected` lies outside `low` to `high` again and again, do not plan with it; that a
    Christmas quarter lies above is the season, which no such model knows. A quarter with too
    little before it has no row.
    """
    day = days_until(question)
    bought = day.bought_all
    sums: dict[str, Any] = {"first": day.sold_on.min(where=bought), "days_0": count_where(bought)}
    for nth, origin in enumerate(origins(question), 1):
        before = bought & (day.sold_on < origin)
        sums |= {f"days_{nth}": count_where(before), f"last_{nth}": day.sold_on.max(where=before)}
    person = day.group_by(*question.keys, "person_id").agg(**sums)
    person = person.filter(person.days_1 > 0)
    quarters = range(1, _QUARTERS + 1)
    told = {f"days_{nth}": person[f"days_{nth}"] for nth in range(_QUARTERS + 1)} | {
        f"recency_{nth}": days_between(person.first, person[f"last_{nth}"]).fill_null(0)
        for nth in quarters
    }
    age = days_between(person.first, ibis.literal(question.until))
    own = person.select(*question.keys, age=age, **told)
    counted = own.group_by(own.columns).agg(persons=own.count())
    # In one order on every engine: sums of floats depend on it.
    return counted.order_by(*counted.columns)


def origins(question: Question) -> tuple[date, ...]:
    """Return the first day of each quarter, the latest first."""
    weeks = int(question.params[_WEEKS])
    return tuple(question.until - timedelta(weeks=weeks * nth) for nth in range(1, _QUARTERS + 1))


def _rows(question: Question, results: Results) -> Found:
    found = results["rows"]
    rows: list[dict[str, Value]] = []
    for nth in range(_QUARTERS, 0, -1):
        rows += _quarter(question, found, nth)
    return Found(rows, () if rows else (_NONE,))


_NONE = "Sales do not reach back far enough to foresee a quarter that is known by now."


def _quarter(question: Question, found: pa.Table, nth: int) -> Iterator[dict[str, Value]]:
    weeks = int(question.params[_WEEKS])
    before = found.filter(pa.array(found[f"days_{nth}"].to_numpy() > 0))
    numbers = {name: before[name].to_numpy().astype(np.float64) for name in before.column_names
               if name not in question.keys}  # fmt: skip
    repeats = numbers[f"days_{nth}"] - 1
    persons = numbers["persons"]
    if persons[repeats > 0].sum() < FEWEST:
        return
    history = (repeats, numbers[f"recency_{nth}"] / 7, numbers["age"] / 7 - weeks * nth)
    try:
        expected, check = _expected(history, persons, weeks)
    except NotIdentified:
        return
    actual = numbers[f"days_{nth - 1}"] - numbers[f"days_{nth}"]
    for key, rows in places(before, question.keys).items():
        split: dict[str, Value] = dict(zip(question.keys, key, strict=True))
        at = np.zeros(before.num_rows, np.bool_)
        at[rows] = True
        for band, own in _bands(repeats + 1):
            chosen = at & own
            if persons[chosen].sum():
                yield {
                    **split,
                    "origin": origins(question)[nth - 1].isoformat(),
                    "bought": band,
                    **_told(persons[chosen], actual[chosen], expected[chosen]),
                    "check": None if check is None
                    else float(np.average(check[chosen], weights=persons[chosen])),
                }  # fmt: skip


def _expected(
    history: Sequence[Numbers], persons: Numbers, weeks: int
) -> tuple[Numbers, Numbers | None]:
    known = _some(history, persons, _FITTED)
    expected = fit_mbg_nbd(known).expected(weeks, *history)
    try:
        checking = fit_pareto_nbd(_some(history, persons, CHECKED))
    except NotIdentified:
        return expected, None
    return expected, checking.expected(weeks, *history)


def _some(history: Sequence[Numbers], persons: Numbers, most: int) -> Histories:
    some = np.arange(len(persons))
    if len(some) > most:
        some = np.sort(np.random.default_rng(7).choice(some, most, replace=False))
    repeats, recency, age = (column[some] for column in history)
    return Histories.of(repeats, recency, age, persons[some])


def _told(persons: Numbers, actual: Numbers, expected: Numbers) -> dict[str, Value]:
    count, mean = float(persons.sum()), float(np.average(actual, weights=persons))
    spread = float(np.average((actual - mean) ** 2, weights=persons))
    half = Z95 * float(np.sqrt(spread / count))
    return {
        "persons": int(count),
        "expected": float(np.average(expected, weights=persons)),
        "actual": mean,
        "low": max(0.0, mean - half),
        "high": mean + half,
    }


def _bands(days: Numbers) -> Iterator[tuple[str, Flags]]:
    yield "all", np.ones(len(days), np.bool_)
    for name, low, high in _BANDS:
        yield name, (days >= low) & (days <= high)


def _days(name: str, label: str) -> AnswerColumn:
    return AnswerColumn(name, label, "purchase", "number")


PURCHASES_FORESEEN = Measure(
    label="Foreseen and seen",
    unit="purchase",
    denominator="known buyers with a purchase before the quarter begins",
    source="calibration from rolling origins; models: Batislam, Denizel and Filiztekin (2007), "
    "Schmittlein, Morrison and Colombo (1987)",
    columns=(
        AnswerColumn("origin", "Foreseen on", kind="date"),
        AnswerColumn("bought", "Purchase days known then"),
        AnswerColumn("persons", "Buyers", "person", "count"),
        _days("expected", "Expected of each"),
        _days("actual", "Came from each"),
        _days("low", "Came, low"),
        _days("high", "Came, high"),
        _days("check", "Expected by the other model"),
    ),
    define=purchases_foreseen,
    finish=_rows,
    params=(_WEEKS,),
    without=("side", "channel", "handover", "month", "quarter", "year"),
    notes=("A model that foresaw past quarters well need not foresee one with a new offer in it.",),
)
