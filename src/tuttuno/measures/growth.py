"""How sales grow, by channel: against the period before and the same period a year before."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import ibis

from tuttuno.engine.semantics import total
from tuttuno.measures.answer import AnswerColumn, Kind, Value
from tuttuno.measures.facts import purchases
from tuttuno.measures.intervals import share
from tuttuno.measures.measure import Found, Measure, Question, Results
from tuttuno.measures.rows import Row, group
from tuttuno.measures.spans import months_before, whole_months_between
from tuttuno.vocab import Channel

NOW, BEFORE, YEAR = "now", "before", "year"
ALL = "all"
_AMOUNTS = ("revenue", "orders")
_NOTHING_SOLD = {"revenue": 0.0, "orders": 0}


def growth(question: Question) -> Mapping[str, ibis.Table]:
    """Net revenue and orders of the window by channel, with those of two earlier windows.

    `before` is the window of equal length that ends where this one begins, in months where
    the window is whole months, else in days; `year` is the same window twelve months
    earlier. Growth is the change divided by the earlier amount: 0.1 is 10 % more. Unknown
    (null) where the sales do not reach back to the first day of the earlier window, and
    where the earlier amount is not positive. Anonymous sales count.
    """
    asked = {NOW: (question.since, question.until), **earlier(question)}
    return {
        name: _sold(replace(question, since=since, until=until))
        for name, (since, until) in asked.items()
        if name == NOW or since >= question.first_sale
    }


def earlier(question: Question) -> dict[str, tuple[date, date]]:
    """Return the window before this one and that of a year before."""
    months = whole_months_between(question.since, question.until)
    if months and months_before(question.until, months) == question.since:
        before = months_before(question.since, months)
    else:
        before = question.since - (question.until - question.since)
    year = (months_before(question.since, 12), months_before(question.until, 12))
    return {BEFORE: (before, question.since), YEAR: year}


def _sold(question: Question) -> ibis.Table:
    sold = purchases(question)
    return sold.group_by(*question.keys, "channel").agg(
        revenue=total(sold.net), orders=total(sold.orders)
    )


def _changes(question: Question, results: Results) -> Found:
    sums = {name: _sums(question, table.to_pylist()) for name, table in results.items()}
    keys = sorted({key for found in sums.values() for key in found}, key=_place)
    rows = [_row(question, key, sums) for key in keys]
    notes = [
        f"The {words} begins on {since}, before the first sale of {question.first_sale}: "
        "growth against it is unknown."
        for name, words in ((BEFORE, "window before"), (YEAR, "window of a year before"))
        if (since := earlier(question)[name][0]) < question.first_sale
    ]
    return Found(rows, tuple(notes))


def _sums(question: Question, rows: list[Row]) -> dict[tuple[object, ...], dict[str, float]]:
    """Return amounts by split and channel, and of all channels together."""
    found: dict[tuple[object, ...], dict[str, float]] = {}
    for row in rows:
        for channel in (row["channel"], ALL):
            amounts = found.setdefault((*group(row, question.keys), channel), dict(_NOTHING_SOLD))
            for name in _AMOUNTS:
                amounts[name] += float(row[name])
    return found


def _place(key: tuple[object, ...]) -> tuple[tuple[bool, str], ...]:
    """Sort by split, unknown last, then all channels together, then one by one."""
    order = [ALL, *(channel.value for channel in Channel)]
    split = tuple((value is None, str(value)) for value in key[:-1])
    return (*split, (False, f"{order.index(str(key[-1])):02d}"))


def _row(
    question: Question,
    key: tuple[object, ...],
    sums: Mapping[str, Mapping[tuple[object, ...], Mapping[str, float]]],
) -> dict[str, Value]:
    at = {name: found.get(key, _NOTHING_SOLD) for name, found in sums.items()}
    row: dict[str, Value] = dict(zip((*question.keys, "channel"), key, strict=True))  # type: ignore[arg-type]  # the split holds texts
    for name in _AMOUNTS:
        now = at[NOW][name]
        row[name] = now
        for other in (BEFORE, YEAR):
            then = at[other][name] if other in at else None
            row[f"{name}_{other}"] = then
            grown = None if then is None or then <= 0 else share(now - then, then)
            row[f"{name}_growth_{other}"] = grown
    return row


def _columns() -> tuple[AnswerColumn, ...]:
    found = [AnswerColumn("channel", "Channel")]
    for name, label, unit in (("revenue", "Net revenue", "EUR"), ("orders", "Orders", "order")):
        amount: Kind = "money" if unit == "EUR" else "count"
        found += [
            AnswerColumn(name, label, unit, amount),
            AnswerColumn(f"{name}_before", f"{label}, window before", unit, amount),
            AnswerColumn(f"{name}_growth_before", f"{label}, growth on it", "1", "share"),
            AnswerColumn(f"{name}_year", f"{label}, a year before", unit, amount),
            AnswerColumn(f"{name}_growth_year", f"{label}, growth on it", "1", "share"),
        ]
    return tuple(found)


GROWTH = Measure(
    label="Growth by channel",
    unit="1",
    denominator="the same amount in the earlier window, anonymous sales included",
    source="usual in the trade: like-for-like periods, no correction for days of the week",
    columns=_columns(),
    define=growth,
    finish=_changes,
    without=("month", "quarter", "year", "side"),
)
