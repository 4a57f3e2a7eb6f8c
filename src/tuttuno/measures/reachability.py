"""Who of the buyers can be contacted again, and on which step towards it the others are lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import factorial, prod

import ibis
from ibis.expr.types import BooleanValue

from tuttuno.engine.semantics import count_where, total
from tuttuno.measures.answer import AnswerColumn, Value
from tuttuno.measures.channel_class import class_of
from tuttuno.measures.facts import purchases, spend
from tuttuno.measures.intervals import share, wilson
from tuttuno.measures.measure import Found, Measure, Question, Results
from tuttuno.measures.rows import Row, grouped
from tuttuno.measures.unseen import Unseen, unseen
from tuttuno.vocab import ChannelClass

#: From the purchase to the contact; each step keeps some of those before it.
STEPS = ("bought", "identified", "address", "valid", "consented", "reachable")

#: Those whom the others are compared with first.
_FIRST = ChannelClass.ONLINE_ONLY.value

#: On which side buyers of a class are looked for among sales without a known buyer.
_SIDES: Mapping[str, bool | None] = {_FIRST: True, ChannelClass.STORE_ONLY.value: False,
                                     ChannelClass.BOTH.value: None}  # fmt: skip


def reachability(question: Question) -> Mapping[str, ibis.Table]:
    """Buyers of the window who can be contacted again for marketing, step by step.

    A buyer who `bought` may be `identified`, have an `address` (e-mail, phone or post), have
    one that is `valid` (can be written to), have `consented` to marketing by a means that
    reaches it, and be `reachable`: no erasure or objection came after. Consent is that of the
    release: the last word counts, not the one at the time of purchase.

    Nobody knows how many people are behind the sales without a known buyer. `rate` divides by
    the known buyers and the least number of others that capture and recapture allows, so it is
    a ceiling: who never shows a card is not seen in those who do. `low` and `high` hold
    whatever the truth is, from "every such sale is of another person" to "all are of known
    ones", and include chance. Such a sale is taken for one of a person who buys on that side
    only. `sales_rate` and `revenue_rate` need no such guess: what share of sales and of net
    revenue is of people who are left at the step. `lost` is the part of all that the step
    loses, `gap` its part of the distance to those who buy only online (Shapley: the mean over
    all orders of the steps); the parts add up. Null without a buyer.
    """
    buyer = spend(question)
    buyer = buyer.filter(buyer.orders > 0)
    reach = question.tables["reach"].rename(whose="person_id")
    told = buyer.mutate(kind=class_of(buyer)).left_join(reach, buyer.person_id == reach.whose)
    sums: dict[str, ibis.Value] = {
        "once": count_where(told.orders == 1),
        "twice": count_where(told.orders == 2),
    }
    for step, left in _left(told).items():
        sums |= {
            f"persons_{step}": count_where(left),
            f"sales_{step}": total(told.orders, where=left),
            f"revenue_{step}": total(told.net, where=left),
        }
    sold = purchases(question)
    unknown = sold.filter(sold.person_id.isnull())
    return {
        "known": told.group_by(*question.keys, "kind").agg(**sums),
        "unknown": unknown.group_by(*question.keys, "online").agg(
            sales=total(unknown.orders), revenue=total(unknown.net)
        ),
    }


def _left(told: ibis.Table) -> dict[str, BooleanValue]:
    flags = {name: told[name].fill_null(False) for name in STEPS[3:]}
    return {"identified": told.kind.notnull(), "address": told.whose.notnull(), **flags}


@dataclass(frozen=True, slots=True)
class _Buyers:
    """One kind of buyer: how many are left at each step, and who is not known at all."""

    persons: Sequence[int]
    sales: Sequence[float]
    revenue: Sequence[float]
    unknown: Unseen
    unknown_sales: int

    @property
    def rates(self) -> list[float | None]:
        everybody = self.persons[0] + self.unknown.persons
        return [1.0 if everybody else None, *(share(one, everybody) for one in self.persons)]


def _rows(question: Question, results: Results) -> Found:
    known = grouped(results["known"].to_pylist(), question.keys)
    unknown = grouped(results["unknown"].to_pylist(), question.keys)
    rows: list[dict[str, Value]] = []
    notes: list[str] = []
    for at in sorted({*known, *unknown}, key=lambda at: [(v is None, str(v)) for v in at]):
        split: dict[str, Value] = dict(zip(question.keys, at, strict=True))
        kinds = {kind: _buyers(kind, known.get(at, []), unknown.get(at, [])) for kind in _SIDES}
        for kind, buyers in kinds.items():
            rows += [{**split, "buyer": kind, **row} for row in _steps(buyers, kinds[_FIRST])]
        if not question.keys:
            notes += _told(kinds)
    return Found(rows, tuple(notes))


def _buyers(kind: str, known: Sequence[Row], unknown: Sequence[Row]) -> _Buyers:
    own = next((row for row in known if row["kind"] == kind), {})
    alike = [row for row in unknown if row["online"] is _SIDES[kind]]
    sales = sum(int(row["sales"]) for row in alike)
    revenue = sum(float(row["revenue"]) for row in alike)
    summed = {
        what: [float(own.get(f"{what}_{step}", 0)) for step in STEPS[1:]]
        for what in ("persons", "sales", "revenue")
    }
    return _Buyers(
        persons=[int(one) for one in summed["persons"]],
        sales=[summed["sales"][0] + sales, *summed["sales"]],
        revenue=[summed["revenue"][0] + revenue, *summed["revenue"]],
        unknown=unseen(own.get("once", 0), own.get("twice", 0), most=sales),
        unknown_sales=sales,
    )


def _steps(buyers: _Buyers, first: _Buyers) -> list[dict[str, Value]]:
    rates = buyers.rates
    gaps: Sequence[float | None] = [None] * len(STEPS)
    if buyers is not first:
        gaps = [None, *decomposed(first.rates, rates)]
    return [
        {
            "step": step,
            "persons": round(buyers.persons[0] + buyers.unknown.persons)
            if nth == 0
            else buyers.persons[nth - 1],
            "rate": rates[nth],
            **_bounds(buyers, nth),
            "lost": _less(rates[nth - 1], rates[nth]) if nth else None,
            "gap": gaps[nth],
            "sales_rate": share(buyers.sales[nth], buyers.sales[0]),
            "revenue_rate": share(buyers.revenue[nth], buyers.revenue[0]),
        }
        for nth, step in enumerate(STEPS)
    ]


def _bounds(buyers: _Buyers, nth: int) -> dict[str, Value]:
    if not nth:
        one = 1.0 if buyers.rates[0] else None
        return dict.fromkeys(("low", "high", "estimated_low", "estimated_high"), one)
    left, known, unknown = buyers.persons[nth - 1], buyers.persons[0], buyers.unknown
    return {
        "low": wilson(left, known + buyers.unknown_sales).low,
        "high": wilson(left, known).high,
        "estimated_low": wilson(left, round(known + unknown.high)).low,
        "estimated_high": wilson(left, round(known + unknown.low)).high,
    }


def _less(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else before - after


def decomposed(first: Sequence[float | None], other: Sequence[float | None]) -> list[float | None]:
    """Return how much each step after the first adds to the distance of two funnels' ends.

    Args:
        first: What is left after each step, from 1; the funnel compared with.
        other: The same of the other one.

    Each step keeps a share of those before it; the end is the product of the shares. A step's
    part is what changing its share from the other's to the first's changes at the end, on
    average over all orders in which the steps can be changed (Shapley 1953). The parts add up
    to the distance; None where a funnel has no beginning. A step that nobody reaches keeps all.

    >>> decomposed([1.0, 1.0, 0.8], [1.0, 0.5, 0.4])
    [0.4, 0.0]
    """
    ours, theirs = _kept(first), _kept(other)
    if ours is None or theirs is None:
        return [None] * (len(first) - 1)
    count = len(ours)
    parts: list[float | None] = []
    for step in range(count):
        rest = [one for one in range(count) if one != step]
        part = 0.0
        for size in range(count):
            weight = factorial(size) * factorial(count - size - 1) / factorial(count)
            for changed in combinations(rest, size):
                kept = prod(ours[one] if one in changed else theirs[one] for one in rest)
                part += weight * kept * (ours[step] - theirs[step])
        parts.append(part)
    return parts


def _kept(rates: Sequence[float | None]) -> list[float] | None:
    known = [rate for rate in rates if rate is not None]
    if len(known) < len(rates):
        return None
    return [after / before if before else 1.0 for before, after in pairwise(known)]


def _told(kinds: Mapping[str, _Buyers]) -> list[str]:
    notes = [
        (
            f"{buyers.unknown_sales:,} sales without a known buyer are of 0 to "
            f"{buyers.unknown_sales:,} further people who buy {words}; capture and recapture puts "
            f"them at {buyers.unknown.persons:,.0f} "
            f"({buyers.unknown.low:,.0f} to {buyers.unknown.high:,.0f})."
        )
        for kind, words in (("online_only", "online"), ("store_only", "in stores"))
        if (buyers := kinds[kind]).unknown_sales
    ]
    return [*notes, _CEILING] if notes else []


#: Said wherever people are estimated: Chao's number is the least there can be.
_CEILING = (
    "Who never shows a card or a name cannot be told from those who do, so that number of people "
    "is the least and a share of persons at most what is shown; the truth lies between the bounds."
)


def _share(name: str, label: str) -> AnswerColumn:
    return AnswerColumn(name, label, "1", "share")


REACHABILITY = Measure(
    label="Reachability",
    unit="1",
    denominator="buyers in the window, those estimated behind sales without a known buyer included",
    source="asked by the trade, which quotes 81 % of online and 31 % of store buyers; unknown "
    "buyers: Chao (1987), Biometrics 43: 783-791; parts of the gap: Shapley (1953)",
    columns=(
        AnswerColumn("buyer", "Buyers"),
        AnswerColumn("step", "Step"),
        AnswerColumn("persons", "Left", "person", "count"),
        _share("rate", "Share left"),
        _share("low", "Share left, low"),
        _share("high", "Share left, high"),
        _share("estimated_low", "Estimate, low"),
        _share("estimated_high", "Estimate, high"),
        _share("lost", "Lost on this step"),
        _share("gap", "Part of the gap to online"),
        _share("sales_rate", "Share of sales"),
        _share("revenue_rate", "Share of revenue"),
    ),
    define=reachability,
    finish=_rows,
    params=("reachability.target",),
    without=("side", "channel", "handover"),
    notes=("Who agreed to be contacted was not drawn at random: those who did buy more anyway.",),
)
