"""How much more buyers in both channels are worth: as everybody says it, and like with like."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import ibis
from ibis.expr.types import IntegerValue

from tuttuno.engine.semantics import total
from tuttuno.measures.answer import AnswerColumn, Value
from tuttuno.measures.channel_class import class_of
from tuttuno.measures.facts import spend
from tuttuno.measures.intervals import Z95, share
from tuttuno.measures.measure import Found, Measure, Question, Results
from tuttuno.measures.rows import Row, grouped
from tuttuno.measures.spans import months_before, whole_months_between
from tuttuno.vocab import ChannelClass

#: Ends of the bands of orders and of net spend in the first half; the last band has none.
_ORDERS = (1, 2, 3, 4, 6, 9, 14, 24)
_NET = (0, 25, 50, 100, 150, 200, 300, 400, 600, 800, 1_200, 1_600, 2_400, 3_200, 6_400)

#: With fewer on either side nothing is compared.
_FEWEST = 100


def multichannel_worth(question: Question) -> dict[str, ibis.Table]:
    """What buyers in both channels spend beside what the others spend, three times over.

    `as_seen` divides the net revenue per known buyer of the window between those who bought
    on both sides in it and those who bought on one. It is the figure that everybody quotes,
    and it favours the first by itself: who buys ten times has ten chances to use the second
    channel. So `later` takes the class from the first half of the window alone and the spend
    from the second, and `like_with_like` compares each buyer in both channels with buyers in
    one channel who bought as often and spent as much in the first half (bands of orders and
    of net spend; those without such a match are left out, which `both` counts). `times` is
    the ratio with its 95 % interval. What is left of it is still no effect: people chose
    their channels, and what else they differ in is not seen. Null with fewer than a hundred
    buyers on either side, or where nothing was spent; where `like_with_like` is null, so are
    the others, for the quoted figure never stands without it.
    """
    middle = middle_of(question)
    first, second = replace(question, until=middle), replace(question, since=middle)
    whole, before, after = (spend(each) for each in (question, first, second))
    whole, before = whole.filter(whole.orders > 0), before.filter(before.orders > 0)
    keys = [*question.keys, "person_id"]
    told = after.select(*keys, later=after.net).rename({f"own_{key}": key for key in keys})
    same = [before[key].identical_to(told[f"own_{key}"]) for key in keys]
    followed = before.left_join(told, same)
    seen = whole.mutate(two=_two(whole), orders_band=0, net_band=0, spent=whole.net)
    halves = followed.mutate(
        two=_two(followed),
        orders_band=_band(followed.orders, _ORDERS),
        net_band=_band(followed.net, _NET),
        spent=followed.later.fill_null(0),
    )
    return {"as_seen": _added(question, seen), "halves": _added(question, halves)}


def middle_of(question: Question) -> date:
    """Return the first day of the second half; that of a month where the window has months."""
    months = whole_months_between(question.since, question.until)
    if months > 1 and months_before(question.until, months) == question.since:
        return months_before(question.until, months // 2)
    return question.since + timedelta(days=(question.until - question.since).days // 2)


def _two(buyer: ibis.Table) -> ibis.Value:
    return class_of(buyer) == ChannelClass.BOTH.value


def _band(value: ibis.Value, ends: Sequence[int]) -> IntegerValue:
    return ibis.cases(*((value <= end, nth) for nth, end in enumerate(ends)), else_=len(ends))


def _added(question: Question, told: ibis.Table) -> ibis.Table:
    spent = told.spent.cast("float64")
    return told.group_by(*question.keys, "two", "orders_band", "net_band").agg(
        persons=told.count(), spent=total(told.spent), squares=total(spent * spent)
    )


@dataclass(frozen=True, slots=True)
class _Side:
    """Buyers on one side of a comparison: how many, mean spend, and variance of that mean."""

    persons: float
    mean: float
    variance: float


def _rows(question: Question, results: Results) -> Found:
    rows: list[dict[str, Value]] = []
    parts = {name: grouped(found.to_pylist(), question.keys) for name, found in results.items()}
    for key in sorted(parts["as_seen"], key=lambda key: [(v is None, str(v)) for v in key]):
        split: dict[str, Value] = dict(zip(question.keys, key, strict=True))
        compared = _compared(parts["as_seen"][key], parts["halves"].get(key, []))
        ratios = {name: _ratio(*sides) for name, sides in compared}
        # the quoted figure never stands alone: without the adjusted one there is none
        gone = _UNKNOWN if ratios["like_with_like"]["times"] is None else {}
        rows += [{**split, "comparison": name, **one, **gone} for name, one in ratios.items()]
    return Found(rows)


def _compared(
    seen: Sequence[Row], halves: Sequence[Row]
) -> Iterator[tuple[str, tuple[_Side, _Side]]]:
    yield "as_seen", (_side(seen, two=True), _side(seen, two=False))
    yield "later", (_side(halves, two=True), _side(halves, two=False))
    strata = grouped(halves, ("orders_band", "net_band")).values()
    matched = [rows for rows in strata if {row["two"] for row in rows} == {True, False}]
    both = [_side(rows, two=True) for rows in matched]
    others = [_side(rows, two=False) for rows in matched]
    people = sum(each.persons for each in both)
    if not people:
        yield "like_with_like", (_NOBODY, _NOBODY)
        return
    weights = [share(each.persons, people) or 0.0 for each in both]
    yield "like_with_like", (_weighed(both, weights), _weighed(others, weights))


def _weighed(sides: Sequence[_Side], weights: Sequence[float]) -> _Side:
    pairs = list(zip(weights, sides, strict=True))
    return _Side(
        sum(each.persons for each in sides),
        sum(weight * each.mean for weight, each in pairs),
        sum(weight**2 * each.variance for weight, each in pairs),
    )


_NOBODY = _Side(0.0, 0.0, 0.0)

_UNKNOWN: Mapping[str, Value] = {"times": None, "low": None, "high": None}


def _side(rows: Sequence[Row], *, two: bool) -> _Side:
    own = [row for row in rows if row["two"] is two]
    persons = float(sum(row["persons"] for row in own))
    if not persons:
        return _NOBODY
    mean = float(sum(row["spent"] for row in own)) / persons
    spread = max(0.0, sum(row["squares"] for row in own) / persons - mean * mean)
    return _Side(persons, mean, spread / persons)


def _ratio(both: _Side, others: _Side) -> dict[str, Value]:
    known: dict[str, Value] = {
        "both": int(both.persons),
        "others": int(others.persons),
        "net_both": both.mean if both.persons else None,
        "net_others": others.mean if others.persons else None,
    }
    if min(both.persons, others.persons) < _FEWEST or min(both.mean, others.mean) <= 0:
        return {**known, **_UNKNOWN}
    error = math.sqrt(sum(share(each.variance, each.mean**2) or 0.0 for each in (both, others)))
    times = share(both.mean, others.mean) or 0.0
    return known | {
        "times": times,
        "low": times * math.exp(-Z95 * error),
        "high": times * math.exp(Z95 * error),
    }


MULTICHANNEL_WORTH = Measure(
    label="Worth of buyers in both channels",
    unit="1",
    denominator="known buyers with an order in the window (as seen) or in its first half",
    source="the claim: Kumar and Venkatesan (2005), J. Interactive Marketing 19: 44-62; like with "
    "like: standardisation to the buyers in both channels, ratio by the delta method",
    columns=(
        AnswerColumn("comparison", "Compared"),
        AnswerColumn("both", "Buyers in both channels", "person", "count"),
        AnswerColumn("others", "Buyers in one channel", "person", "count"),
        AnswerColumn("net_both", "Net revenue per buyer in both", "EUR", "money"),
        AnswerColumn("net_others", "Net revenue per buyer in one", "EUR", "money"),
        AnswerColumn("times", "Times as much", "1", "number"),
        AnswerColumn("low", "Times as much, low", "1", "number"),
        AnswerColumn("high", "Times as much, high", "1", "number"),
    ),
    define=multichannel_worth,
    finish=_rows,
    without=("side", "channel", "handover", "month", "quarter", "year"),
    notes=(
        (
            "Selection, not effect: who buys more anyway uses more channels. What is left when "
            "like is compared with like is still what people chose, not what the second channel "
            "caused."
        ),
    ),
)
