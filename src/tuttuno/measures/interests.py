"""What known people look at, search, wish for or put in a cart, and whether they then buy it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import ibis

from tuttuno.engine.semantics import count_where, days_between, loose, total
from tuttuno.measures.answer import AnswerColumn, Value
from tuttuno.measures.articles import articles
from tuttuno.measures.intervals import Clusters, share, wilson_of_clusters
from tuttuno.measures.measure import Found, Measure, Question, Results
from tuttuno.measures.rows import Row, grouped
from tuttuno.measures.split import described
from tuttuno.vocab import Signal

#: The row of all that names a product: looks, carts and wishes together.
ANY = "any"

#: In the order of the answer.
SIGNALS = (ANY, *(signal.value for signal in Signal))

_DAYS = "interests.days"


def interests(question: Question) -> Mapping[str, ibis.Table]:
    """What known people looked at, put in a cart or wished for in the window, and what came of it.

    An interest is one person and one product; `any` adds up looks, carts and wishes of it,
    the other rows are each alone. It is bought when she bought that product from the first
    touch on up to the days of the parameter after the last one; online or in store is decided
    by the first such purchase, online where both were on one day. A search (`searched`) names
    no product: there an interest is a person, and any purchase counts.

    `settled` are the interests whose days had passed at the last sale: the shares are of
    those alone, so that yesterday's looks are not counted as lost. `low` and `high` are the
    95 % interval of `bought_share`, with the person as the unit, because one person's looks go
    together. `known_share` is how many of all such touches, signed in or not, are a known
    person's. Filters on purchases (a store, a channel) choose which purchases count. Null where
    nothing is settled.
    """
    seen = _seen(question)
    # A split tells persons and products apart: what became of each is the same without it.
    ended = _told(replace(question, where=()), _ends(replace(question, by=())))
    return {
        "touches": seen.group_by(*question.keys, "signal").agg(
            touches=total(seen.touches),
            known=total(seen.touches, where=seen.person_id.notnull()),
        ),
        "rows": _summed(question, _persons(question, ended)),
    }


def _seen(question: Question) -> ibis.Table:
    touched = question.tables["interest"]
    seen = touched.filter(touched.day >= question.since, touched.day < question.until)
    return _told(question, seen)


def _told(question: Question, rows: ibis.Table) -> ibis.Table:
    """Lay split and filters over rows of a person and a product."""
    rows = described(question, rows, of="product", table=question.tables["product"])
    return described(question, rows, of="person", table=question.tables["person"])


def _ends(question: Question) -> ibis.Table:
    """Return each interest with the days of its first purchase on either side."""
    known = _seen(question)
    known = known.filter(known.person_id.notnull())
    own = known.group_by("person_id", "product_id", "signal").agg(
        first=known.day.min(), last=known.day.max(), touches=total(known.touches)
    )
    bought = articles(_later(question))
    bought = bought.filter(bought.person_id.notnull(), bought.lines > 0)
    bought = bought.select("online", "first_on", "last_on", buyer="person_id", article="product_id")
    named = own.filter(own.signal != Signal.SEARCHED.value)
    keys = ("person_id", "product_id")
    every = named.group_by(*keys).agg(
        first=named["first"].min(), last=named["last"].max(), touches=total(named.touches)
    )
    every = every.mutate(signal=ibis.literal(ANY))
    columns = (*keys, "signal", "first", "last", "touches")
    named = loose(named.select(*columns)).union(loose(every.select(*columns)))
    searched = loose(own.filter(own.signal == Signal.SEARCHED.value).select(*columns))
    joined = named.left_join(
        bought, [named.person_id == bought.buyer, named.product_id == bought.article]
    )
    looked = searched.left_join(bought, [searched.person_id == bought.buyer])
    both = loose(joined.select(*columns, *_BOUGHT)).union(loose(looked.select(*columns, *_BOUGHT)))
    on = _bought_on(both, int(question.params[_DAYS]))
    return both.group_by(*columns).agg(
        online_on=on.min(where=both.online), store_on=on.min(where=~both.online)
    )


_BOUGHT = ("online", "first_on", "last_on")


def _later(question: Question) -> Question:
    """Ask for purchases, also of the days after the window that count for what was looked at."""
    days = timedelta(days=int(question.params[_DAYS]))
    return replace(question, by=(), until=question.until + days)


def _bought_on(rows: ibis.Table, days: int) -> ibis.expr.types.DateValue:
    """Return the day of a purchase that counts; null where none does.

    A row tells of the first and the last day of a month; in a span as long as a month, one
    of the two lies within it whenever any does.
    """
    counts = {
        name: (days_between(rows["first"], rows[name]) >= 0)
        & (days_between(rows["last"], rows[name]) <= days)
        for name in ("first_on", "last_on")
    }
    return ibis.cases(
        (counts["first_on"], rows.first_on),
        (counts["last_on"], rows.last_on),
        else_=ibis.null("date"),
    )


def _persons(question: Question, ended: ibis.Table) -> ibis.Table:
    """Add up the interests of each person."""
    days = int(question.params[_DAYS])
    settled = days_between(ended["last"], ibis.literal(question.last_sale)) >= days
    online = ended.online_on.notnull() & (
        ended.store_on.isnull() | (ended.online_on <= ended.store_on)
    )
    store = ended.store_on.notnull() & ~online
    return ended.group_by(*question.keys, "signal", "person_id").agg(
        interests=ended.count(),
        touches=total(ended.touches),
        settled=count_where(settled),
        online=count_where(settled & online),
        store=count_where(settled & store),
    )


def _summed(question: Question, person: ibis.Table) -> ibis.Table:
    hits = person.online + person.store
    return person.group_by(*question.keys, "signal").agg(
        persons=person.count(),
        interests=total(person.interests),
        touches=total(person.touches),
        settled=total(person.settled),
        online=total(person.online),
        store=total(person.store),
        settled_persons=count_where(person.settled > 0),
        hits2=total(hits * hits),
        both=total(hits * person.settled),
        trials2=total(person.settled * person.settled),
    )


def _rows(question: Question, results: Results) -> Found:
    all_touches = _touches(results["touches"].to_pylist(), question.keys)
    found = grouped(results["rows"].to_pylist(), question.keys)
    rows: list[dict[str, Value]] = []
    for key in sorted({*all_touches, *found}, key=lambda key: [str(one) for one in key]):
        split: dict[str, Value] = dict(zip(question.keys, key, strict=True))
        own = {row["signal"]: row for row in found.get(key, [])}
        told = all_touches.get(key, {})
        rows += [
            {**split, **_row(signal, own.get(signal, {}), told[signal])}
            for signal in SIGNALS
            if signal in told
        ]
    return Found(rows)


#: Touches of a signal: all, and those of known persons.
Touches = tuple[int, int]


def _touches(rows: list[Row], keys: tuple[str, ...]) -> dict[tuple[Any, ...], dict[str, Touches]]:
    """Return the touches by split and signal, those that name a product also together."""
    found: dict[tuple[Any, ...], dict[str, Touches]] = {}
    for key, own in grouped(rows, keys).items():
        told = {row["signal"]: (int(row["touches"]), int(row["known"])) for row in own}
        named = [each for signal, each in told.items() if signal != Signal.SEARCHED.value]
        if named:
            told[ANY] = (sum(each[0] for each in named), sum(each[1] for each in named))
        found[key] = told
    return found


def _row(signal: str, own: Mapping[str, Any], touches: Touches) -> dict[str, Value]:
    count = {name: int(own.get(name, 0)) for name in _COUNTS}
    settled, bought = count["settled"], count["online"] + count["store"]
    sure = wilson_of_clusters(
        Clusters(
            hits=bought,
            trials=settled,
            size=count["settled_persons"],
            hits2=count["hits2"],
            both=count["both"],
            trials2=count["trials2"],
        )
    )
    return {
        "signal": signal,
        "persons": count["persons"],
        "interests": count["interests"],
        "touches": count["touches"],
        "known_share": share(touches[1], touches[0]),
        "settled": settled,
        "bought_share": share(bought, settled),
        "low": sure.low,
        "high": sure.high,
        "online_share": share(count["online"], settled),
        "store_share": share(count["store"], settled),
        "not_share": share(settled - bought, settled),
    }


_COUNTS = (
    "persons", "interests", "touches", "settled", "online", "store", "settled_persons",
    "hits2", "both", "trials2",
)  # fmt: skip


def _share(name: str, label: str) -> AnswerColumn:
    return AnswerColumn(name, label, "1", "share")


INTERESTS = Measure(
    label="Looked at, then bought",
    unit="1",
    denominator="interests of known people whose days to buy had passed at the last sale; an "
    "interest is one person and one product",
    source="asked by the trade: wishes and interests without a purchase; interval with the "
    "person as the unit, Korn and Graubard (1998)",
    columns=(
        AnswerColumn("signal", "Interest"),
        AnswerColumn("persons", "People", "person", "count"),
        AnswerColumn("interests", "Things looked at, by person", "product", "count"),
        AnswerColumn("touches", "Touches", "touch", "count"),
        _share("known_share", "Touches of a known person"),
        AnswerColumn("settled", "Whose days have passed", "product", "count"),
        _share("bought_share", "Bought after"),
        _share("low", "Bought after, low"),
        _share("high", "Bought after, high"),
        _share("online_share", "Bought online"),
        _share("store_share", "Bought in store"),
        _share("not_share", "Not bought"),
    ),
    define=interests,
    finish=_rows,
    params=(_DAYS,),
    without=(
        "month", "quarter", "year", "channel", "side", "handover", "currency", "source", "store",
        "banner", "store_province", "store_country",
    ),
    notes=(
        (
            "Only touches of somebody signed in, or otherwise known, have a person: who looks "
            "without signing in and buys in a store is counted nowhere."
        ),
        "What was typed into a search is not kept; a search counts, its words do not.",
    ),
)  # fmt: skip
