"""The finding of an answer that is split: between which values the share lies, and whose."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tuttuno.chart.naming import said
from tuttuno.chart.voice import _
from tuttuno.measures.answer import Answer
from tuttuno.web.finding import Finding, Row, added, capital
from tuttuno.web.locale import Speech

#: A group smaller than this is not named in a title.
_FEWEST = 30

#: The age at which cohorts are compared.
_AGE = 3


@dataclass(frozen=True, slots=True)
class _Share:
    """Which share of a measure is compared between groups.

    Attributes:
        words: What it is the share of, beginning the sentence.
        part, whole: From the rows of one group.
    """

    words: str
    part: Callable[[Sequence[Row]], float]
    whole: Callable[[Sequence[Row]], float]


def spread(answer: Answer, speech: Speech) -> Finding | None:
    """Say which group has the largest and which the smallest share, small groups left out."""
    told = _SHARES.get(answer.measure)
    if told is None:
        return None
    by = answer.by[0]
    groups: dict[object, list[Row]] = {}
    for row in answer.rows:
        groups.setdefault(row[by], []).append(row)
    shares = {
        word: told.part(rows) / told.whole(rows)
        for word, rows in groups.items()
        if word is not None and told.whole(rows) >= _FEWEST
    }
    if len(shares) < 2:
        return None
    most, least = (pick(shares, key=lambda word: shares[word]) for pick in (max, min))
    title = speech.say(
        "%(what)s: from %(low)s (%(least)s) to %(high)s (%(most)s).",
        what=speech.say(told.words),
        low=speech.percent(shares[least], 0),
        least=said(by, least, speech),
        high=speech.percent(shares[most], 0),
        most=said(by, most, speech),
    )
    everything = [row for rows in groups.values() for row in rows]
    whole = told.whole(everything)
    of = speech.many("over %(count)s group", "over %(count)s groups", len(groups))
    share = told.part(everything) / whole if whole else None
    return Finding(capital(title), speech.percent(share), of)


def _where(column: str, word: str, what: str) -> Callable[[Sequence[Row]], float]:
    return lambda rows: added([row for row in rows if row[column] == word], what)


def _sum(what: str) -> Callable[[Sequence[Row]], float]:
    return lambda rows: added(rows, what)


def _weighted(share: str, weight: str) -> Callable[[Sequence[Row]], float]:
    return lambda rows: float(sum((row[share] or 0) * (row[weight] or 0) for row in rows))


def _known(share: str, weight: str) -> Callable[[Sequence[Row]], float]:
    """Add up the weight of rows whose share is known: an unknown share is none of zero."""
    return lambda rows: added([row for row in rows if row[share] is not None], weight)


def _online(rows: Sequence[Row]) -> float:
    return added([r for r in rows if (r["split"], r["part"]) == ("side", "online")], "revenue")


def _sold(rows: Sequence[Row]) -> float:
    return added([row for row in rows if row["split"] == "side"], "revenue")


def _grown(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["channel"] == "all" and row["revenue_year"]]


def _where_age(what: str) -> Callable[[Sequence[Row]], float]:
    return lambda rows: added([row for row in rows if row["age"] == _AGE], what)


_SHARES: Mapping[str, _Share] = {
    "channel_class": _Share(
        _("Share of buyers who use both channels"),
        _where("class", "both", "persons"),
        _sum("persons"),
    ),
    "channel_share": _Share(_("Online share of the revenue"), _online, _sold),
    "coverage": _Share(
        _("Sales with a known buyer"), _weighted("identified_sales", "sales"), _sum("sales")
    ),
    "click_and_collect": _Share(
        _("Ready when promised"),
        _weighted("promise_kept", "orders"),
        _known("promise_kept", "orders"),
    ),
    "generations": _Share(
        _("Share of buyers who use both channels"),
        _where("class", "both", "persons"),
        _sum("persons"),
    ),
    "rfm": _Share(
        _("Share of champions among the buyers"),
        lambda rows: added(
            [r for r in rows if (r["scope"], r["segment"]) == ("all", "champions")], "persons"
        ),
        _where("scope", "all", "persons"),
    ),
    "growth": _Share(
        _("Revenue against the year before"),
        lambda rows: added(_grown(rows), "revenue") - added(_grown(rows), "revenue_year"),
        lambda rows: added(_grown(rows), "revenue_year"),
    ),
    "cohorts": _Share(
        _("Share that bought again three months later"),
        _where_age("active"),
        _where_age("persons"),
    ),
}
