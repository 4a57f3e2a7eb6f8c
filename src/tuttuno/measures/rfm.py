"""How recently, how often and for how much customers buy, per side and as one customer."""

from typing import Any

import ibis
from ibis.expr.types import IntegerValue, NumericValue, StringValue

from tuttuno.engine.semantics import count_where, days_between, ratio, total
from tuttuno.measures.answer import AnswerColumn, Value
from tuttuno.measures.buying_days import SCOPES, buying_days
from tuttuno.measures.intervals import share
from tuttuno.measures.measure import Found, Measure, Question, Results, Steps
from tuttuno.measures.rows import grouped

#: Segments by the scores of recency and frequency, first match wins.
SEGMENTS = (
    "champions",
    "loyal",
    "new",
    "promising",
    "at_risk",
    "fading",
    "asleep",
)


def rfm(question: Question) -> Steps:
    """Known buyers of the window by segments of recency and frequency, with their value.

    Recency is days from the last purchase to the window's end, frequency the number of
    different days with a purchase, monetary the net spend per such day, returns taken off.
    Each is scored 1 to 5 by fifths of the buyers; equal values get equal scores, so fifths
    can be unequal and a rebuild changes nothing. `all` scores the customer as one, `online`
    and `store` what she does there. Segments, by recency and frequency: champions (4-5,
    4-5), loyal (3-5, 3-5), new (4-5, 1-2), promising (3, 1-2), at_risk (1-2, 4-5), fading
    (1-2, 3), asleep (1-2, 1-2). Who only returned something is in no row.
    """
    rows = _by_person(question)
    name, person = question.shared("person", rows)
    return Steps(
        kept={name: rows},
        asked={scope: _segments(question, person, scope) for scope in SCOPES},
    )


def _by_person(question: Question) -> ibis.Table:
    """One row for each known person: last day, days and net, as one and on each side."""
    day = buying_days(question)
    sums: dict[str, Any] = {}
    for scope in SCOPES:
        bought = day[f"bought_{scope}"]
        sums |= {
            f"last_{scope}": day.sold_on.max(where=bought),
            f"days_{scope}": count_where(bought),
            f"net_{scope}": total(day[f"net_{scope}"]),
        }
    return day.group_by(*question.keys, "person_id").agg(**sums)


def _segments(question: Question, person: ibis.Table, scope: str) -> ibis.Table:
    buyer = person.filter(person[f"days_{scope}"] > 0)
    until = ibis.literal(question.until)
    buyer = buyer.select(
        *question.keys,
        recency=days_between(buyer[f"last_{scope}"], until),
        frequency=buyer[f"days_{scope}"],
        net=buyer[f"net_{scope}"],
        monetary=ratio(buyer[f"net_{scope}"], buyer[f"days_{scope}"]),
    )
    scored = buyer.mutate(
        r=_fifth(buyer, -buyer.recency, question.keys),
        f=_fifth(buyer, buyer.frequency, question.keys),
        m=_fifth(buyer, buyer.monetary, question.keys),
    )
    scored = scored.mutate(segment=_segment(scored.r, scored.f))
    return scored.group_by(*question.keys, "segment").agg(
        persons=scored.count(),
        revenue=total(scored.net),
        recency=scored.recency.mean(),
        frequency=scored.frequency.mean(),
        monetary=scored.monetary.mean(),
        monetary_score=scored.m.mean(),
    )


def _fifth(buyer: ibis.Table, value: NumericValue, keys: tuple[str, ...]) -> IntegerValue:
    """Score 1 to 5 by the share of buyers with a smaller value; ties share the score."""
    group = {"group_by": list(keys)} if keys else {}
    smaller = ibis.rank().over(order_by=value, **group)
    everybody = buyer.count().over(**group)
    return (smaller * 5 // everybody) + 1


def _segment(r: IntegerValue, f: IntegerValue) -> StringValue:
    return ibis.cases(
        ((r >= 4) & (f >= 4), "champions"),
        ((r >= 3) & (f >= 3), "loyal"),
        (r >= 4, "new"),
        (r == 3, "promising"),
        (f >= 4, "at_risk"),
        (f == 3, "fading"),
        else_="asleep",
    )


def _rows(question: Question, results: Results) -> Found:
    found: list[dict[str, Value]] = []
    for scope in SCOPES:
        rows = results[scope].to_pylist()
        for at, own in grouped(rows, question.keys).items():
            split: dict[str, Value] = dict(zip(question.keys, at, strict=True))
            everybody = sum(row["persons"] for row in own)
            revenue = float(sum(row["revenue"] for row in own))
            found += [
                {
                    **split,
                    **row,
                    "scope": scope,
                    "persons_share": share(row["persons"], everybody),
                    "revenue_share": share(float(row["revenue"]), revenue),
                }
                for row in sorted(own, key=lambda row: SEGMENTS.index(row["segment"]))
            ]
    return Found(found)


RFM = Measure(
    label="Recency, frequency, value",
    unit="person",
    denominator="known buyers with a purchase in the window in the scope",
    source="Hughes (1994), Strategic Database Marketing; segments are a house default",
    columns=(
        AnswerColumn("scope", "Seen as"),
        AnswerColumn("segment", "Segment"),
        AnswerColumn("persons", "Buyers", "person", "count"),
        AnswerColumn("persons_share", "Share of buyers", "1", "share"),
        AnswerColumn("revenue", "Net revenue", "EUR", "money"),
        AnswerColumn("revenue_share", "Share of revenue", "1", "share"),
        AnswerColumn("recency", "Mean days since the last purchase", "day", "number"),
        AnswerColumn("frequency", "Mean days with a purchase", "day", "number"),
        AnswerColumn("monetary", "Mean net per such day", "EUR", "money"),
        AnswerColumn("monetary_score", "Mean value score, 1 to 5", "1", "number"),
    ),
    define=rfm,
    finish=_rows,
    without=("side", "channel", "handover"),
)
