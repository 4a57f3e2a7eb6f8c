"""From a measure and an ask to an answer, on any engine."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import ibis
import pyarrow as pa

from tuttuno.engine.port import Engine
from tuttuno.errors import BadInput
from tuttuno.measures.answer import (
    Answer,
    AnswerColumn,
    Coverage,
    Kind,
    ParameterUsed,
    Value,
    Window,
)
from tuttuno.measures.ask import Ask
from tuttuno.measures.dimensions import DIMENSIONS, Dimension, dimension, filters
from tuttuno.measures.intervals import share
from tuttuno.measures.known_words import check_words
from tuttuno.measures.measure import Found, Measure, Question
from tuttuno.measures.params import Params
from tuttuno.measures.plan import Plan, own_scratch, plan
from tuttuno.measures.together import Together


@dataclass(frozen=True, slots=True)
class Posed:
    """A question to a measure with everything resolved, and the parameters it uses."""

    measure: Measure
    question: Question
    used: tuple[ParameterUsed, ...]

    @property
    def plan(self) -> Plan:
        """What is asked of the engine for it."""
        return plan(self.measure, self.question)


def evaluate(
    measure: Measure,
    ask: Ask,
    *,
    engine: Engine,
    tables: Mapping[str, ibis.Table],
    params: Params | None = None,
    together: Together | None = None,
) -> Answer:
    """Answer a question.

    Args:
        measure: One of `catalog.MEASURES`.
        ask: Which days, split how, of which part.
        engine: Where the tables are bound.
        tables: The mart, and `sale_line`, `product`, `store_site`, `pickup`, `membership`.
        params: What the project sets otherwise; None: nothing.
        together: Remembers, in the same engine, what several questions have in common; None:
            it is the only one.

    Raises:
        Unknown: When a dimension has no such name, or nothing has a word that a filter names.
        BadInput: When the measure cannot be split so, or the window is empty.
    """
    asking = together or Together(engine)
    try:
        bounds = sold_between(asking, tables["purchase"])
        if bounds is None:
            by = _split(measure, ask)
            return _answer(measure, None, Coverage(None, None), Found([], _NOTHING), by=by)
        posed = pose(measure, ask, tables=tables, bounds=bounds, params=params)
        check_words(posed.question, asking)
        return answered(posed, asking)
    finally:
        if together is None:
            asking.forget()


def pose(
    measure: Measure,
    ask: Ask,
    *,
    tables: Mapping[str, ibis.Table],
    bounds: tuple[date, date],
    params: Params | None = None,
    scratch: str = "",
) -> Posed:
    """Resolve a question, as `evaluate` does, without asking anything.

    Args:
        measure: One of `catalog.MEASURES`.
        ask: Which days, split how, of which part.
        tables: As `evaluate` takes them.
        bounds: Days of the first and of the last sale, from `sold_between`.
        params: What the project sets otherwise; None: nothing.
        scratch: Begins the names of what only this question keeps; empty: a name of this
            thread, in which one question is answered at a time.

    Raises:
        Unknown: When a dimension has no such name.
        BadInput: When the measure cannot be split so, or the window is empty.
    """
    since, until = window(ask, *bounds)
    used = tuple(
        (params or Params()).used(name, on=until - timedelta(days=1)) for name in measure.params
    )
    question = Question(
        since=since,
        until=until,
        first_sale=bounds[0],
        last_sale=bounds[1],
        tables=tables,
        by=_split(measure, ask),
        where=filters(ask.where),
        view=ask.view,
        params={one.name: one.value for one in used},
        scratch=scratch or own_scratch(),
    )
    return Posed(measure, question, used)


def answered(posed: Posed, asking: Together) -> Answer:
    """Ask what is planned, and make an answer of it."""
    measure, question, queries = posed.measure, posed.question, posed.plan
    seen = {queries.header: asking.once(queries.header.to_expr())}
    coverage, notes = _coverage(question, seen[queries.header])
    found = measure.finish(question, asking.run(queries.asked, seen))
    told = replace(found, notes=(*measure.notes, *found.notes, *notes))
    days = Window(question.since, question.until)
    return _answer(measure, days, coverage, told, by=question.by, used=posed.used)


def sold_between(asking: Together, purchase: ibis.Table) -> tuple[date, date] | None:
    """Return the days of the first and of the last sale; None: nothing was sold yet."""
    ends = purchase.agg(first=purchase.sold_on.min(), last=purchase.sold_on.max())
    (row,) = asking.once(ends).to_pylist()
    return (row["first"], row["last"]) if row["first"] else None


_NOTHING = ("Nothing has been sold yet, as far as this release knows.",)


def splittable(measure: Measure, by: Dimension) -> Dimension:
    """Return the dimension when the measure can be split by it.

    Raises:
        BadInput: When it cannot, with those by which it can.
    """
    if by in dimensions_of(measure):
        return by
    known = ", ".join(one.name for one in dimensions_of(measure))
    raise BadInput(f"{measure.name} cannot be split by {by.name}", hint=f"it can by {known}")


def dimensions_of(measure: Measure) -> tuple[Dimension, ...]:
    """Return the dimensions by which a measure can be split."""
    own = {column.name for column in measure.columns} | set(measure.without)
    return tuple(one for one in DIMENSIONS if one.name not in own)


def window(ask: Ask, first_sale: date, last_sale: date) -> tuple[date, date]:
    """Return the first day that counts and the first that no longer does.

    >>> window(Ask(), date(2020, 1, 1), date(2026, 2, 28))
    (datetime.date(2025, 3, 1), datetime.date(2026, 3, 1))
    """
    after = last_sale + timedelta(days=1)
    if ask.all_time:
        return first_sale, after
    # A window that opens after the last sale is one empty day, not an error.
    until = ask.until or max(after, ask.since + timedelta(days=1) if ask.since else after)
    return ask.since or _year_before(until), until


def _year_before(day: date) -> date:
    # 29 February has no namesake a year before: the year then begins on 1 March.
    leap = (day.month, day.day) == (2, 29)
    return date(day.year - 1, 3, 1) if leap else day.replace(year=day.year - 1)


def _split(measure: Measure, ask: Ask) -> tuple[Dimension, ...]:
    return tuple(splittable(measure, dimension(name)) for name in ask.by)


def _coverage(question: Question, found: pa.Table) -> tuple[Coverage, tuple[str, ...]]:
    """Say how much is identified, and what must be said about it."""
    (row,) = found.to_pylist()
    of_person = [one.dimension.name for one in question.where if one.dimension.of == "person"]
    notes = []
    if of_person:
        notes.append(
            f"Coverage is that of the window without the filter on {', '.join(of_person)}: "
            "only known buyers have such a trait."
        )
    told = {one.name for one in question.by} | {one.dimension.name for one in question.where}
    if row["one_currency"] != row["other_currency"] and "currency" not in told:
        notes.append(
            "The window holds more than one currency and amounts are added as if they were one; "
            "split by currency, or choose one."
        )
    revenue = share(float(row["known_revenue"]), float(row["revenue"]))
    return Coverage(share(row["known_sales"], row["sales"]), revenue), tuple(notes)


def _answer(
    measure: Measure,
    days: Window | None,
    coverage: Coverage,
    found: Found,
    *,
    by: tuple[Dimension, ...],
    used: tuple[ParameterUsed, ...] = (),
) -> Answer:
    split = tuple(AnswerColumn(one.name, one.label) for one in by)
    columns = (*split, *(one for one in measure.columns if one.name not in found.without))
    return Answer(
        measure=measure.name,
        label=measure.label,
        unit=measure.unit,
        window=days or Window(None, None),
        coverage=coverage,
        by=tuple(one.name for one in by),
        columns=columns,
        rows=tuple(_row(row, columns, by) for row in found.rows),
        notes=found.notes,
        definition=measure.definition,
        parameters=used,
    )


def _row(
    row: Mapping[str, Any], columns: tuple[AnswerColumn, ...], by: tuple[Dimension, ...]
) -> dict[str, Value]:
    split = {one.name: one.column for one in by}
    return {
        column.name: _plain(row[split.get(column.name, column.name)], column.kind)
        for column in columns
    }


def _plain(value: Any, kind: Kind) -> Value:
    """Bring a value to what JSON has: numbers to int or float, days to ISO texts, NaN to null."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if kind == "count":
        return int(value)
    if kind in {"money", "share", "number"}:
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    return bool(value) if kind == "flag" else str(value)
