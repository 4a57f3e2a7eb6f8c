"""How sales grow, by channel: against the period before and the same period a year before."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import ibis

from tuttuno.engine.semantics import total
from tuttuno.measures.answer import AnswerColumn, Kind, Value
from tuttuno.measures.facts import purchases
from tuttuno.measures.intervals import share
from tuttuno.measures.market import Market, share_change
from tuttuno.measures.measure import Found, Measure, Question, Results
from tuttuno.measures.rows import Row
from tuttuno.measures.spans import MONTHS, first_day, months_before, moved, whole_months_between
from tuttuno.vocab import Channel

NOW, BEFORE, YEAR = "now", "before", "year"
ALL = "all"
_AMOUNTS = ("revenue", "orders")
#: How long a shop may have been closed at the beginning of its sales.
REACH = timedelta(days=7)

#: Values of the split, then the channel.
Key = tuple[str | None, ...]

_MARKET = "market"
_OF_MARKET = (
    "market_growth_before", "share_change_before", "market_growth_year", "share_change_year",
)  # fmt: skip

_NOTHING_SOLD = {"revenue": 0.0, "orders": 0.0}


def growth(question: Question) -> Mapping[str, ibis.Table]:
    """Net revenue and orders of the window by channel, with those of two earlier windows.

    `before` is the window of equal length that ends where this one begins, in months where
    the window is whole months, else in days; `year` is the same window twelve months
    earlier. Split by month, quarter or year, they are the month, quarter or year before,
    and the same one a year before, and one that the window cuts is compared with as much of
    the earlier one. Growth is the change divided by the earlier amount: 0.1
    is 10 % more. Unknown (null) where the sales do not reach back to the first day of the
    earlier window, and where the earlier amount is not positive. Anonymous sales count.

    Where the project supplies a series of its market, `market_growth` is the same change of
    that series, and `share_change` by what part the share of the market changed: own growth
    of revenue over that of the market, less one. Unknown unless the windows are whole months
    that the series tells all of, and where the answer is restricted or split by something
    that the series does not tell apart.
    """
    asked = {NOW: (question.since, question.until), **earlier(question)}
    # A year is compared with the same earlier year twice: equal queries are run once.
    sold = {
        name: _sold(replace(question, since=since, until=until))
        for name, (since, until) in asked.items()
    }
    supplied = question.tables.get(_MARKET)
    return sold if supplied is None else {**sold, _MARKET: supplied}


def earlier(question: Question) -> dict[str, tuple[date, date]]:
    """Return the window before this one and that of a year before."""
    since, until = question.since, question.until
    year = (months_before(since, 12), months_before(until, 12))
    step = _step(question)
    if step:
        return {BEFORE: (months_before(since, step), months_before(until, step)), YEAR: year}
    months = whole_months_between(since, until)
    if months and months_before(until, months) == since:
        return {BEFORE: (months_before(since, months), since), YEAR: year}
    return {BEFORE: (since - (until - since), since), YEAR: year}


def _step(question: Question) -> int:
    """Return the months of the finest period that the answer is split by; 0: by none."""
    return min((MONTHS[one.name] for one in question.by if one.name in MONTHS), default=0)


def _sold(question: Question) -> ibis.Table:
    sold = purchases(question)
    return sold.group_by(*question.keys, "channel").agg(
        revenue=total(sold.net), orders=total(sold.orders)
    )


def _changes(question: Question, results: Results) -> Found:
    sums = {
        name: _sums(question, results[name].to_pylist(), later=_shift(question, name))
        for name in (NOW, BEFORE, YEAR)
    }
    supplied = results.get(_MARKET)
    market = Market.of(supplied.to_pylist()) if supplied is not None else None
    keys = {key for found in sums.values() for key in found if _in_window(question, key)}
    rows = [
        _row(question, key, sums) | _beside(question, key, sums, market)
        for key in sorted(keys, key=_place)
    ]
    notes = [
        f"The {words} begins on {since} and sales are known from {question.first_sale} on: "
        "growth on what lies before is unknown."
        for name, words in ((BEFORE, "window before"), (YEAR, "window of a year before"))
        if (since := earlier(question)[name][0]) + REACH < question.first_sale
    ]
    if market is None:
        return Found(rows, tuple(notes), without=_OF_MARKET)
    return Found(rows, (*notes, f"The market: {market.source}."))


def _beside(
    question: Question,
    key: Key,
    sums: Mapping[str, Mapping[Key, Mapping[str, float]]],
    market: Market | None,
) -> dict[str, Value]:
    """Return the growth of the market beside a row, and what became of the share of it."""
    found: dict[str, Value] = dict.fromkeys(_OF_MARKET)
    category = _category(question, key)
    if market is None or category is None:
        return found
    own = _row(question, key, sums)
    for other in (BEFORE, YEAR):
        grown = market.growth(
            _span(question, key, NOW),
            _span(question, key, other),
            channel=str(key[-1]),
            category=category,
        )
        found[f"market_growth_{other}"] = grown
        revenue = own[f"revenue_growth_{other}"]
        mine = revenue if isinstance(revenue, float) else None
        found[f"share_change_{other}"] = share_change(mine, grown)
    return found


def _category(question: Question, key: Key) -> str | None:
    """Return the category of a row, empty for all; None where a series cannot follow it."""
    said = {one.dimension.name: one.values for one in question.where}
    split = {
        one.name: value
        for one, value in zip(question.by, key, strict=False)
        if one.name not in MONTHS
    }
    if not {*said, *split} <= {"category"} or len(said.get("category", ("",))) != 1:
        return None
    if "category" in split:
        return split["category"]
    return said.get("category", ("",))[0]


def _span(question: Question, key: Key, name: str) -> tuple[date, date]:
    """Return what a row adds up in a window, as far as the window holds it."""
    windows = {NOW: (question.since, question.until), **earlier(question)}
    since, until = windows[name]
    for one, label in zip(question.by, key, strict=False):
        if one.name in MONTHS:
            begins = months_before(first_day(str(label)), _shift(question, name))
            since = max(since, begins)
            until = min(until, months_before(begins, -MONTHS[one.name]))
    return since, until


def _shift(question: Question, name: str) -> int:
    """Return by how many months the periods of a split lie earlier in a window."""
    step = _step(question)
    return {NOW: 0, BEFORE: step, YEAR: 12 if step else 0}[name]


def _periods(question: Question, key: Key) -> list[str]:
    """Return the labels of time in a key of the split."""
    named = zip(question.by, key, strict=False)
    return [str(value) for one, value in named if one.name in MONTHS]


def _in_window(question: Question, key: Key) -> bool:
    """Leave out what only an earlier window has, moved past the end of this one."""
    return all(first_day(label) < question.until for label in _periods(question, key))


def _known(question: Question, key: Key, name: str) -> bool:
    """Return whether sales reach back to the first day of what a row is compared with."""
    shift = _shift(question, name)
    begins = [months_before(first_day(label), shift) for label in _periods(question, key)]
    return max(begins or [earlier(question)[name][0]]) + REACH >= question.first_sale


def _sums(question: Question, rows: list[Row], *, later: int) -> dict[Key, dict[str, float]]:
    """Return amounts by split and channel, and of all channels together."""
    found: dict[Key, dict[str, float]] = {}
    for row in rows:
        split = [
            moved(row[one.column], later) if one.name in MONTHS else row[one.column]
            for one in question.by
        ]
        for channel in (row["channel"], ALL):
            amounts = found.setdefault((*split, channel), dict(_NOTHING_SOLD))
            for name in _AMOUNTS:
                amounts[name] += float(row[name])
    return found


def _place(key: Key) -> tuple[tuple[bool, str], ...]:
    """Sort by split, unknown last, then all channels together, then one by one."""
    order = [ALL, *(channel.value for channel in Channel)]
    split = tuple((value is None, str(value)) for value in key[:-1])
    return (*split, (False, f"{order.index(str(key[-1])):02d}"))


def _row(
    question: Question, key: Key, sums: Mapping[str, Mapping[Key, Mapping[str, float]]]
) -> dict[str, Value]:
    row: dict[str, Value] = dict(zip((*question.keys, "channel"), key, strict=True))
    for name in _AMOUNTS:
        now = sums[NOW].get(key, _NOTHING_SOLD)[name]
        row[name] = now
        for other in (BEFORE, YEAR):
            known = _known(question, key, other)
            then = sums[other].get(key, _NOTHING_SOLD)[name] if known else None
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
    for other, label in ((BEFORE, "the window before"), (YEAR, "a year before")):
        found += [
            AnswerColumn(f"market_growth_{other}", f"Market, growth on {label}", "1", "share"),
            AnswerColumn(
                f"share_change_{other}", f"Change of market share on {label}", "1", "share"
            ),
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
    without=("side",),
)
