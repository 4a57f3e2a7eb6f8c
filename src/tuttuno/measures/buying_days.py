"""On which days each known person bought, as one customer and on each side."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import ibis

from tuttuno.engine.semantics import count_where, days_between, total
from tuttuno.measures.facts import purchases
from tuttuno.measures.measure import Question

#: The customer as one, and each side of her alone.
SCOPES = ("all", "online", "store")

_NET = "decimal(18, 2)"


def buying_days(question: Question) -> ibis.Table:
    """Return one row for each known person, day and value of the split.

    Columns: `bought_...` and `net_...` for each of `SCOPES`; a day with returns alone has a net
    and nothing bought.
    """
    sold = purchases(question)
    known = sold.filter(sold.person_id.notnull())
    bought, online = known.orders > 0, known.online
    # Kept narrow, because it is kept for millions of days: the rest is told from these.
    day = known.group_by(*question.keys, "person_id", "sold_on").agg(
        bought_online=(bought & online).any(),
        bought_store=(bought & ~online).any(),
        net_all=total(known.net).cast(_NET),
        net_online=total(known.net, where=online).cast(_NET),
    )
    return day.mutate(
        bought_all=day.bought_online | day.bought_store,
        net_store=(day.net_all - day.net_online).cast(_NET),
    )


def days_until(question: Question) -> ibis.Table:
    """Return `buying_days` from the first sale there is to the window's end."""
    return buying_days(replace(question, since=question.first_sale))


def histories(day: ibis.Table, cut: date, keys: tuple[str, ...]) -> ibis.Table:
    """Return one row for each known person: her days and net until the window's end.

    `past_...` are days before the cut, from which on a model is tried. Columns by scope:
    `days_`, `first_`, `last_`, `net_`, `past_`, `last_past_`.

    Args:
        day: From `days_until`.
        cut: That day.
        keys: Columns of the split.
    """
    before = day.sold_on < cut
    sums: dict[str, Any] = {}
    for scope in SCOPES:
        bought = day[f"bought_{scope}"]
        sums |= {
            f"days_{scope}": count_where(bought),
            f"first_{scope}": day.sold_on.min(where=bought),
            f"last_{scope}": day.sold_on.max(where=bought),
            f"net_{scope}": total(day[f"net_{scope}"]),
            f"past_{scope}": count_where(bought & before),
            f"last_past_{scope}": day.sold_on.max(where=bought & before),
        }
    return day.group_by(*keys, "person_id").agg(**sums)


def told(question: Question, buyer: ibis.Table, scope: str, cut: date) -> dict[str, Any]:
    """Return what models read of buyers of `histories` in a scope; times are in days.

    `days`, `recency` and `age` of the whole, and the same of the time before the cut.
    """
    first = buyer[f"first_{scope}"]
    return {
        "days": buyer[f"days_{scope}"],
        "recency": days_between(first, buyer[f"last_{scope}"]),
        "age": days_between(first, ibis.literal(question.until)),
        "past": buyer[f"past_{scope}"],
        "past_recency": days_between(first, buyer[f"last_past_{scope}"]),
        "past_age": days_between(first, ibis.literal(cut)),
    }


def cut_before(question: Question, weeks_back: float) -> date:
    """Return the day some weeks before the window's end."""
    return question.until - timedelta(weeks=int(weeks_back))


def weeks(found: Any, *names: str) -> Iterator[Any]:
    """Yield columns of `told`: purchases after the first, then times in weeks."""
    for nth, name in enumerate(names):
        numbers = found[name].to_numpy().astype("float64")
        yield numbers / 7.0 if nth else numbers - 1
