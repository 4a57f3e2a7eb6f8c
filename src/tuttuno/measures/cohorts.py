"""Who came when, who came back, and what they have brought since."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import ibis
from ibis.expr.types import IntegerValue, StringValue

from tuttuno.engine.semantics import count_where, total
from tuttuno.engine.semantics import month_of as _month_of
from tuttuno.measures.answer import AnswerColumn, Value
from tuttuno.measures.facts import months
from tuttuno.measures.intervals import share, wilson
from tuttuno.measures.measure import Found, Measure, Question, Results
from tuttuno.measures.rows import Row, grouped
from tuttuno.measures.split import dimensions_asked, with_own
from tuttuno.measures.window import month_of


def cohorts(question: Question) -> ibis.Table:
    """Buyers by the period of their first purchase, followed period by period to the end.

    A cohort is everyone whose first order as far back as the sales reach, in any channel,
    fell into one period; cohorts of the window are shown and followed to its end. `active`
    bought at least once in the period that is `age` periods after the first; retention is
    their share. Net adds up what the cohort paid, returns taken off. A filter on sales
    makes it the first purchase of that kind: with a store, the first in that store. A
    period that the window cuts is left out, so that no one seems to have stayed away. A
    period in which nobody came back is a zero; one in which nobody came first has no row.
    """
    size = int(question.params["cohorts.months"])
    start = _index(month_of(question.since)) // size
    if all(one.of == "person" for one in dimensions_asked(question)):
        # What happened before the window is only asked for who came first in it.
        panel = months(replace(question, since=_month(start * size)))
        panel = panel.mutate(period=_period(panel.month, size))
        person = question.tables["person"]
        first = person.select("person_id", cohort=_period(_month_of(person.first_on), size))
        keys: tuple[str, ...] = ()
    else:
        panel = months(replace(question, since=question.first_sale))
        panel = panel.mutate(period=_period(panel.month, size))
        bought, keys = panel.filter(panel.orders > 0), question.keys
        first = bought.group_by(*keys, "person_id").agg(cohort=bought.period.min())
    came = with_own(panel, first.filter(first.cohort >= start), keys=keys)
    if size > 1:
        came = came.group_by(*question.keys, "person_id", "cohort", "period").agg(
            orders=came.orders.sum(), net=came.net.sum()
        )
    rows = came.group_by(*question.keys, "cohort", "period").agg(
        active=count_where(came.orders > 0), net=total(came.net)
    )
    return rows.order_by(*question.keys, "cohort", "period")


def _month(index: int) -> date:
    year, month = divmod(index, 12)
    return date(year, month + 1, 1)


def _period(month: StringValue, size: int) -> IntegerValue:
    """Number the periods of some months since the year 0."""
    year = month.substr(0, 4).cast("int64")
    return (year * 12 + month.substr(5, 2).cast("int64") - 1) // size


def _index(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def _label(period: int, size: int) -> str:
    """Name a period by its first month."""
    return month_of(_month(period * size))


def _followed(question: Question, results: Results) -> Found:
    size = int(question.params["cohorts.months"])
    last = _index(month_of(question.until)) // size
    found: list[dict[str, Value]] = []
    for at, rows in grouped(results["rows"].to_pylist(), (*question.keys, "cohort")).items():
        split: dict[str, Value] = dict(zip(question.keys, at[:-1], strict=True))
        whole = [row for row in rows if row["period"] < last]
        found += [{**split, **row} for row in _ages(at[-1], whole, last, size)]
    return Found(found, (_truncated(question),))


def _ages(cohort: int, rows: list[Row], last: int, size: int) -> Iterator[dict[str, Value]]:
    """Yield one row for each age, also where nobody came; `last` is the first period cut."""
    by_period = {row["period"]: row for row in rows}
    persons = by_period[cohort]["active"] if cohort in by_period else 0
    added = 0.0
    for period in range(cohort, last):
        active = by_period[period]["active"] if period in by_period else 0
        added += float(by_period[period]["net"]) if period in by_period else 0.0
        sure = wilson(active, persons)
        yield {
            "cohort": _label(cohort, size),
            "age": period - cohort,
            "persons": persons,
            "active": active,
            "retention": share(active, persons),
            "low": sure.low,
            "high": sure.high,
            "net": float(by_period[period]["net"]) if period in by_period else 0.0,
            "net_cumulative": added,
            "net_per_person": share(added, persons),
        }


def _truncated(question: Question) -> str:
    return (
        f"Sales are known from {question.first_sale} on: who bought before that day seems to "
        "have come after it, so the first cohorts hold old customers too."
    )


COHORTS = Measure(
    label="Cohorts",
    unit="1",
    denominator="known buyers whose first order fell into the period",
    source="usual in the trade; cohorts by first purchase",
    columns=(
        AnswerColumn("cohort", "First bought in"),
        AnswerColumn("age", "Periods since", "period", "count"),
        AnswerColumn("persons", "Buyers", "person", "count"),
        AnswerColumn("active", "Of them bought", "person", "count"),
        AnswerColumn("retention", "Share that bought", "1", "share"),
        AnswerColumn("low", "Share that bought, low", "1", "share"),
        AnswerColumn("high", "Share that bought, high", "1", "share"),
        AnswerColumn("net", "Net revenue", "EUR", "money"),
        AnswerColumn("net_cumulative", "Net revenue so far", "EUR", "money"),
        AnswerColumn("net_per_person", "Net revenue so far per buyer", "EUR", "money"),
    ),
    define=cohorts,
    finish=_followed,
    params=("cohorts.months",),
    without=("month", "quarter", "year"),
)
