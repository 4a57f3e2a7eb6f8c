"""From counts of click & collect orders to its key figures."""

import math
from collections.abc import Mapping

from tuttuno.measures.answer import Value
from tuttuno.measures.intervals import Z95, Interval, share, wilson
from tuttuno.measures.measure import Found, Question, Results
from tuttuno.measures.rows import Row, group, grouped, totals
from tuttuno.measures.survival import Incidence, incidence

#: What can end the wait for goods to be ready.
READY, NEVER_READY = 1, 2
#: What can end the wait of goods that are ready.
COLLECTED, CANCELLED, EXPIRED = 1, 2, 3

_HOURS = (24, 48, 72, 168)
#: Dimensions of the store that hands over: other online orders have none.
_OF_STORE = frozenset({"store", "banner", "store_province", "store_country"})
_NEVER = {"attached": 0, "anyway": 0, "both": 0}


def kpis(question: Question, results: Results) -> Found:
    """Return one row for each value of the split that has an order to collect."""
    chain = [one.column for one in question.by if one.name not in _OF_STORE]
    online = totals(results["online"].to_pylist(), chain, "online_orders")
    filtered = [one.dimension.name for one in question.where if one.dimension.name in _OF_STORE]
    groups = results["groups"].to_pylist()
    rest = {
        name: grouped(results[name].to_pylist(), question.keys)
        for name in ("ready", "ended", "attached")
    }
    found: list[dict[str, Value]] = []
    for row in sorted(groups, key=lambda row: _known_first(row, question)):
        at = group(row, question.keys)
        split: dict[str, Value] = dict(zip(question.keys, at, strict=True))
        everything = None if filtered else int(online[group(row, chain)])
        found.append(
            {
                **split,
                **_choice(row, everything),
                **_readiness(row, rest["ready"].get(at, [])),
                **_ends(row, rest["ended"].get(at, [])),
                **_more(row, next(iter(rest["attached"].get(at, [])), _NEVER)),
            }
        )
    return Found(found, _notes(question, filtered, sum(row["immature"] for row in groups)))


def _known_first(row: Row, question: Question) -> list[tuple[bool, str]]:
    return [(row[key] is None, str(row[key])) for key in question.keys]


def _notes(question: Question, filtered: list[str], immature: int) -> tuple[str, ...]:
    notes = []
    if filtered:
        notes.append(
            f"No adoption with a filter on {', '.join(filtered)}: orders sent home have no store."
        )
    if immature:
        days = int(question.params["click_and_collect.mature_days"])
        notes.append(
            f"{immature:,} orders are less than {days} days old and still on their way; "
            "the latest periods will still change."
        )
    return tuple(notes)


def _choice(row: Row, everything: int | None) -> dict[str, Value]:
    sure = wilson(row["orders"], everything) if everything else Interval(None, None)
    return {
        "orders": row["orders"],
        "online_orders": everything,
        "adoption": share(row["orders"], everything) if everything else None,
        "adoption_low": sure.low,
        "adoption_high": sure.high,
        "buyers": row["buyers"],
        "new_buyers": share(row["new"], row["known"]),
    }


def _readiness(row: Row, waits: list[Row]) -> dict[str, Value]:
    ready = _curve(waits, READY)
    kept = wilson(row["kept"], row["due"])
    return {
        "ready_hours": _hours(ready.when(0.5)),
        "ready_hours_p90": _hours(ready.when(0.9)),
        "promise_kept": share(row["kept"], row["due"]),
        "promise_low": kept.low,
        "promise_high": kept.high,
    }


def _ends(row: Row, waits: list[Row]) -> dict[str, Value]:
    collected = _curve(waits, COLLECTED)
    return {
        "dwell_hours": _hours(collected.when(0.5)),
        **{f"collected_{hours}h": collected.by(hours * 60) for hours in _HOURS},
        "cancelled_168h": _curve(waits, CANCELLED).by(168 * 60),
        "expired_168h": _curve(waits, EXPIRED).by(168 * 60),
        "cancelled": share(row["cancelled"], row["old"]),
        "cancelled_by_customer": share(row["by_customer"], row["old"]),
        "cancelled_by_retailer": share(row["by_retailer"], row["old"]),
        "no_show": share(row["expired"], row["old_ready"]),
        "immature": row["immature"],
    }


def _more(row: Row, attached: Mapping[str, int]) -> dict[str, Value]:
    collections = row["collections"]
    extra = paired(
        attached["attached"] - attached["both"], attached["anyway"] - attached["both"], collections
    )
    return {
        "attached": share(attached["attached"], collections),
        "attached_anyway": share(attached["anyway"], collections),
        "attached_extra": share(attached["attached"] - attached["anyway"], collections),
        "extra_low": extra.low,
        "extra_high": extra.high,
    }


def paired(only_first: int, only_second: int, pairs: int) -> Interval:
    """Return the interval of a difference of two shares of the same things.

    Args:
        only_first: Things with the first property and not the second.
        only_second: The other way round.
        pairs: All things.

    Wald with the half of Bonett and Price, so that it has a width without any difference.

    Source: Bonett and Price (2012), Adjusted Wald confidence interval for a difference of
    binomial proportions based on paired data, J. Educ. Behav. Stat. 37(4): 479-488.
    """
    if not pairs:
        return Interval(None, None)
    first, second = (only_first + 1) / (pairs + 2), (only_second + 1) / (pairs + 2)
    half = Z95 * math.sqrt((first + second - (first - second) ** 2) / (pairs + 2))
    return Interval(max(-1.0, first - second - half), min(1.0, first - second + half))


def _curve(waits: list[Row], cause: int) -> Incidence:
    return incidence(
        [row["minutes"] for row in waits],
        [row["cause"] for row in waits],
        [row["orders"] for row in waits],
        cause=cause,
    )


def _hours(minutes: float | None) -> float | None:
    return None if minutes is None else minutes / 60
