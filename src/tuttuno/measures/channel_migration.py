"""How buyers move between channels over time, step by step."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise

import ibis
from ibis.expr.types import IntegerValue

from tuttuno.engine.semantics import all_bits
from tuttuno.measures.answer import AnswerColumn, Value
from tuttuno.measures.facts import collected, months, purchases
from tuttuno.measures.intervals import share, wilson
from tuttuno.measures.measure import Found, Measure, Question, Results
from tuttuno.measures.rows import grouped
from tuttuno.measures.spans import edges, whole_months_between
from tuttuno.measures.window import month_of

#: In the order in which they are listed.
STATES = ("none", "store_only", "online_only", "both", "collected_only", "lapsed")

#: What a person did in a step, as bits: bought in a store, online, and online to be sent.
STORE, ONLINE, SENT = 1, 2, 4

#: Three bits for each step must fit into a number of 63.
MOST_STEPS = 20


def channel_migration(question: Question) -> Mapping[str, ibis.Table]:
    """From which state to which the known buyers went, from one step to the next.

    Steps are counted back from the end of the window. In each a person is `store_only`,
    `online_only`, `both`, `collected_only` (every order online and collected in a store),
    `lapsed` (bought before, not in the step) or `none` (has not bought yet). All moves
    between neighbouring steps are counted together; persons still at `none` after a move
    are left out, because nobody knows how many they are. `probability` divides by the
    persons who were in `from`; `expected` is how many would have made the move if the new
    state did not depend on the old one. Moves that nobody made have no row, and a window
    without two steps has none at all. Accounting of moves, not an effect of anything.
    """
    days = steps(question)
    if len(days) < 3:
        return {}
    ever = replace(question, since=question.first_sale)
    # Whole months are read from the panel by month, else every purchase is looked at.
    panel = months(ever) if question.until.day == 1 else _orders(ever)
    panel = panel.filter(panel.orders > 0)
    step = _step(panel, days)
    did = (
        ibis.ifelse(panel.orders_store > 0, STORE, 0)
        + ibis.ifelse(panel.orders_online > 0, ONLINE, 0)
        + ibis.ifelse(panel.orders_online > panel.orders_collected, SENT, 0)
    ).cast("int64")
    shifted = ibis.cases(
        *((step == number, did * 8**number) for number in range(len(days) - 1)), else_=0
    )
    person = panel.group_by(*question.keys, "person_id").agg(
        did=all_bits(shifted), first=step.min()
    )
    paths = person.group_by(*question.keys, "did", "first").agg(persons=person.count())
    return {"paths": paths}


def steps(question: Question) -> tuple[date, ...]:
    """Return the edges of the steps within the window, oldest first; one: none fits."""
    size = int(question.params["channel_migration.months"])
    count = min(whole_months_between(question.since, question.until) // size, MOST_STEPS)
    return edges(question.until, months=size, count=count)


def _orders(question: Question) -> ibis.Table:
    sold = purchases(question)
    known = sold.filter(sold.person_id.notnull())
    online = known.online
    return known.mutate(
        orders_online=ibis.ifelse(online, known.orders, 0),
        orders_store=ibis.ifelse(online, 0, known.orders),
        orders_collected=ibis.ifelse(online & collected(known), known.orders, 0),
    )


def _step(panel: ibis.Table, days: tuple[date, ...]) -> IntegerValue:
    """Return the number of the step that a row lies in; -1 before the first."""
    by_day = "sold_on" in panel.columns
    when = panel.sold_on if by_day else panel.month
    ends = [day if by_day else month_of(day) for day in days]
    return ibis.cases(
        *((when < end, number - 1) for number, end in enumerate(ends[:-1])),
        else_=len(days) - 2,
    )


def _states(did: int, first: int, count: int) -> list[str]:
    """Read the states of a person out of the bits of all steps.

    >>> _states(did=STORE + 8 * (ONLINE + SENT), first=0, count=3)
    ['store_only', 'online_only', 'lapsed']
    """
    return [_state((did >> 3 * number) & 7, before=first < number) for number in range(count)]


def _state(did: int, *, before: bool) -> str:
    if did & STORE:
        return "both" if did & ONLINE else "store_only"
    if did & ONLINE:
        return "online_only" if did & SENT else "collected_only"
    return "lapsed" if before else "none"


def _moves(question: Question, results: Results) -> Found:
    days = steps(question)
    if len(days) < 3:
        return Found([], (_too_short(question),))
    found: list[dict[str, Value]] = []
    for at, rows in grouped(results["paths"].to_pylist(), question.keys).items():
        split: dict[str, Value] = dict(zip(question.keys, at, strict=True))
        moved: Counter[tuple[str, str]] = Counter()
        for row in rows:
            states = _states(row["did"], row["first"], len(days) - 1)
            for move in pairwise(states):
                moved[move] += row["persons"]
        del moved["none", "none"]
        found += [{**split, **row} for row in _probabilities(moved)]
    return Found(found, (_told(question, days),))


def _probabilities(moved: Counter[tuple[str, str]]) -> list[dict[str, Value]]:
    left: Counter[str] = Counter()
    came: Counter[str] = Counter()
    for (old, new), persons in moved.items():
        left[old] += persons
        came[new] += persons
    everybody = moved.total()
    found: list[dict[str, Value]] = []
    for old in STATES:
        for new in STATES:
            if not left[old] or (old, new) not in moved:
                continue
            persons = moved[old, new]
            sure = wilson(persons, left[old])
            expected = float(left[old] * came[new]) / everybody
            found.append(
                {
                    "from": old,
                    "to": new,
                    "persons": persons,
                    "probability": share(persons, left[old]),
                    "low": sure.low,
                    "high": sure.high,
                    "expected": expected,
                    "ratio": share(persons, expected),
                }
            )
    return found


def _too_short(question: Question) -> str:
    size = int(question.params["channel_migration.months"])
    return (
        f"The window does not hold two steps of {size} months, so nobody can be seen to move; "
        "choose an earlier first day, or shorter steps (channel_migration.months)."
    )


def _told(question: Question, days: tuple[date, ...]) -> str:
    told = (
        f"{len(days) - 1} steps from {days[0]} to {days[-1]}; a person counts once for each move "
        "between two of them."
    )
    if days[0] < question.first_sale:
        told += f" Sales are known from {question.first_sale} on: earlier buyers seem new."
    return told


CHANNEL_MIGRATION = Measure(
    label="Moves between channels",
    unit="person",
    denominator="known buyers in the state `from`, once for each pair of neighbouring steps",
    source="Markov chain by row-normalised counts (Anderson and Goodman 1957, Statistical "
    "inference about Markov chains, Ann. Math. Statist. 28: 89-110)",
    columns=(
        AnswerColumn("from", "From"),
        AnswerColumn("to", "To"),
        AnswerColumn("persons", "Moves", "person", "count"),
        AnswerColumn("probability", "Share of those in `from`", "1", "share"),
        AnswerColumn("low", "Share, low", "1", "share"),
        AnswerColumn("high", "Share, high", "1", "share"),
        AnswerColumn("expected", "Expected if independent", "person", "number"),
        AnswerColumn("ratio", "Moves to expected", "1", "number"),
    ),
    define=channel_migration,
    finish=_moves,
    params=("channel_migration.months",),
    without=("month", "quarter", "year", "side", "channel", "handover"),
    notes=("Moves are counted, not explained: who moves is not drawn at random.",),
)
