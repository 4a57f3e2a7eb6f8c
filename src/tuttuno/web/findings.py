"""The sentence at the top of a page, made from the numbers under it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tuttuno.chart.naming import said
from tuttuno.chart.pictures import is_text, written
from tuttuno.chart.voice import _
from tuttuno.measures.answer import Answer
from tuttuno.web.locale import Speech

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """What an answer says: a sentence, the figure behind it, and of what it is a part.

    Attributes:
        value: The figure as shown; empty when nothing can be said.
        of: Its denominator in words.
    """

    title: str
    value: str = ""
    of: str = ""


def finding(answer: Answer, speech: Speech) -> Finding:
    """Say what an answer found; that it found nothing is a finding too."""
    if not answer.rows:
        return Finding(speech.say("Nothing can be said for this period and these filters."))
    return _FINDINGS.get(answer.measure, _plain)(answer, speech)


def _channel_class(answer: Answer, speech: Speech) -> Finding:
    rows: Sequence[Row] = answer.rows
    buyers, revenue = _sum(rows, "persons"), _sum(rows, "revenue")
    both = [row for row in rows if row["class"] == "both"]
    if not buyers:
        return Finding(speech.say("No known buyer bought in this period."))
    share = _sum(both, "persons") / buyers
    title = speech.say(
        "%(share)s of the buyers use both channels and make %(revenue)s of the revenue.",
        share=speech.fraction(share),
        revenue=speech.fraction(_sum(both, "revenue") / revenue if revenue else 0.0),
    )
    return Finding(capital(title), speech.percent(share), _of_buyers(buyers, speech))


def _channel_share(answer: Answer, speech: Speech) -> Finding:
    rows: Sequence[Row] = answer.rows
    online = [row for row in rows if row["split"] == "side" and row["part"] == "online"]
    if answer.by or not online or online[0]["revenue_share"] is None:
        return _plain(answer, speech)
    title = speech.say(
        "Online makes %(revenue)s of the revenue and %(orders)s of the orders.",
        revenue=speech.fraction(online[0]["revenue_share"]),
        orders=speech.fraction(online[0]["orders_share"] or 0.0),
    )
    sides = [row for row in rows if row["split"] == "side"]
    of = speech.say("of %(money)s net revenue", money=speech.short(_sum(sides, "revenue"), "EUR"))
    return Finding(title, speech.percent(online[0]["revenue_share"]), of)


def _coverage(answer: Answer, speech: Speech) -> Finding:
    row: Row = answer.rows[0]
    if answer.by or row["identified_sales"] is None:
        return _plain(answer, speech)
    title = speech.say(
        "%(sales)s of the sales and %(revenue)s of the revenue have a known buyer.",
        sales=speech.fraction(row["identified_sales"]),
        revenue=speech.fraction(row["identified_revenue"] or 0.0),
    )
    sales = int(row["sales"])
    of = speech.many("of %(count)s sale", "of %(count)s sales", sales)
    return Finding(capital(title), speech.percent(row["identified_sales"]), of)


def _product_overlap(answer: Answer, speech: Speech) -> Finding:
    row: Row = answer.rows[0]
    times = row["ratio_to_chance"]
    if times is None or answer.by:
        return _plain(answer, speech)
    if row["low"] is not None and row["low"] > 1:
        text = _("Buyers choose the same products in both channels more often than chance would.")
    elif row["high"] is not None and row["high"] < 1:
        text = _("Buyers keep their products apart by channel more than chance would.")
    else:
        text = _("Products bought in both channels are about as many as chance would give.")
    value = speech.say("%(times)s × chance", times=speech.number(times, 2))
    of = speech.say(
        "95 %% interval %(low)s to %(high)s",
        low=speech.number(row["low"], 2),
        high=speech.number(row["high"], 2),
    )
    return Finding(speech.say(text), value, of)


def _reachability(answer: Answer, speech: Speech) -> Finding:
    rows: Sequence[Row] = answer.rows
    last = rows[-1]["step"]
    rates = {row["buyer"]: row["rate"] for row in rows if row["step"] == last}
    online, store = rates.get("online_only"), rates.get("store_only")
    if answer.by or online is None or store is None:
        return _plain(answer, speech)
    title = speech.say(
        "Of the online buyers %(online)s can be contacted again; of the store buyers %(store)s.",
        online=speech.percent(online, 0),
        store=speech.percent(store, 0),
    )
    buyers = sum(row["persons"] or 0 for row in rows if row["step"] == rows[0]["step"])
    gap = speech.say("%(points)s points apart", points=speech.number((online - store) * 100))
    return Finding(title, gap, _of_buyers(buyers, speech))


def _plain(answer: Answer, speech: Speech) -> Finding:
    """Name the row with the largest first figure."""
    texts = [column for column in answer.columns if is_text(column)]
    figures = [column for column in answer.columns if not is_text(column)]
    label = speech.say(answer.label)
    if not (texts and figures):
        return Finding(label)
    word, figure = texts[0].name, figures[0]
    rows: Sequence[Row] = answer.rows
    known = [row for row in rows if row[figure.name] is not None]
    if not known:
        return Finding(speech.say("Nothing can be said for this period and these filters."))
    first = max(known, key=lambda row: row[figure.name])
    title = speech.say(
        "%(measure)s is highest for %(what)s.", measure=label, what=said(word, first[word], speech)
    )
    return Finding(title, written(first[figure.name], figure, speech), figure.label.lower())


def capital(text: str) -> str:
    """Begin a sentence with a capital, leaving the rest as it is.

    >>> capital("a third of Milan")
    'A third of Milan'
    """
    return text[:1].upper() + text[1:]


def _of_buyers(buyers: float, speech: Speech) -> str:
    return speech.many("of %(count)s known buyer", "of %(count)s known buyers", int(buyers))


def _sum(rows: Sequence[Row], what: str) -> float:
    return float(sum(row[what] or 0 for row in rows))


_FINDINGS: Mapping[str, Callable[[Answer, Speech], Finding]] = {
    "channel_class": _channel_class,
    "channel_share": _channel_share,
    "coverage": _coverage,
    "product_overlap": _product_overlap,
    "reachability": _reachability,
}
