"""The findings about who the buyers are: classes, shares, ages, segments, reach."""

from collections.abc import Mapping, Sequence

from tuttuno.chart.naming import named
from tuttuno.chart.voice import _
from tuttuno.measures.answer import Answer
from tuttuno.web.finding import Finding, Row, added, capital, of_buyers
from tuttuno.web.locale import Speech

#: A group smaller than this is not named in a title.
_FEWEST = 30


#: A share whose interval is wider than this is told from low to high.
_SURE = 0.15


def channel_class(answer: Answer, speech: Speech) -> Finding | None:
    """Say how many use both channels and what they are worth."""
    rows: Sequence[Row] = answer.rows
    buyers, revenue = added(rows, "persons"), added(rows, "revenue")
    both = [row for row in rows if row["class"] == "both"]
    if not buyers:
        return Finding(speech.say("No known buyer bought in this period."))
    share = added(both, "persons") / buyers
    title = speech.say(
        "%(share)s of the buyers use both channels and make %(revenue)s of the revenue.",
        share=speech.fraction(share),
        revenue=speech.fraction(added(both, "revenue") / revenue if revenue else 0.0),
    )
    return Finding(capital(title), speech.percent(share), of_buyers(buyers, speech))


def channel_share(answer: Answer, speech: Speech) -> Finding | None:
    """Say what part of the revenue and of the orders is online."""
    rows: Sequence[Row] = answer.rows
    online = [row for row in rows if row["split"] == "side" and row["part"] == "online"]
    if not online or online[0]["revenue_share"] is None:
        return None
    title = speech.say(
        "Online makes %(revenue)s of the revenue and %(orders)s of the orders.",
        revenue=speech.fraction(online[0]["revenue_share"]),
        orders=speech.fraction(online[0]["orders_share"] or 0.0),
    )
    sides = [row for row in rows if row["split"] == "side"]
    money = speech.short(added(sides, "revenue"), speech.currency)
    of = speech.say("of %(money)s net revenue", money=money)
    return Finding(title, speech.percent(online[0]["revenue_share"]), of)


def coverage(answer: Answer, speech: Speech) -> Finding | None:
    """Say what part of the sales has a known buyer."""
    row: Row = answer.rows[0]
    if row["identified_sales"] is None:
        return None
    title = speech.say(
        "%(sales)s of the sales and %(revenue)s of the revenue have a known buyer.",
        sales=speech.fraction(row["identified_sales"]),
        revenue=speech.fraction(row["identified_revenue"] or 0.0),
    )
    of = speech.many("of %(count)s sale", "of %(count)s sales", int(row["sales"]))
    return Finding(capital(title), speech.percent(row["identified_sales"]), of)


def generations(answer: Answer, speech: Speech) -> Finding | None:
    """Say which generation uses both channels most, if the generations differ at all."""
    rows: Sequence[Row] = [row for row in answer.rows if row["split"] == "generation"]
    known = [row for row in rows if row["part"] is not None]
    if rows and not known:
        return Finding(speech.say("Of none of the buyers is the year of birth known."))
    sizes = {row["part"]: 0.0 for row in known}
    for row in known:
        sizes[row["part"]] += row["persons"]
    both = [row for row in known if row["class"] == "both" and sizes[row["part"]] >= _FEWEST]
    if len(both) < 2:
        return Finding(speech.say("No two generations are large enough to be compared."))
    most = max(both, key=lambda row: row["persons_share"])
    least = min(both, key=lambda row: row["persons_share"])
    if most["low"] <= least["high"]:
        title = speech.say(
            "The generations hardly differ: between %(least)s and %(most)s use both channels.",
            least=speech.percent(least["persons_share"], 0),
            most=speech.percent(most["persons_share"], 0),
        )
    else:
        title = speech.say(
            "%(most)s use both channels most (%(share)s), %(least)s least (%(other)s).",
            most=named(most["part"], speech),
            share=speech.percent(most["persons_share"], 0),
            least=named(least["part"], speech),
            other=speech.percent(least["persons_share"], 0),
        )
    everybody = sum(sizes.values())
    share = added([row for row in known if row["class"] == "both"], "persons") / everybody
    of = speech.many(
        "of %(count)s buyer with a known year of birth",
        "of %(count)s buyers with a known year of birth",
        int(everybody),
    )
    return Finding(capital(title), speech.percent(share), of)


def online_exclusives(answer: Answer, speech: Speech) -> Finding | None:
    """Say how many buy exclusively online, and how many of them never were in a store."""
    rows: Sequence[Row] = answer.rows
    whole = next((row for row in rows if row["split"] == "all"), None)
    if whole is None or not whole["persons"]:
        return Finding(speech.say("Nobody buys exclusively online in this period."))
    never = [row for row in rows if row["split"] == "past" and row["part"] == "never_in_store"]
    title = speech.say(
        "%(share)s of the buyers buy only online; %(never)s of these never bought in a store.",
        share=speech.fraction(whole["persons_share"]),
        never=speech.fraction(added(never, "persons") / whole["persons"]),
    )
    buyers = whole["persons"] / whole["persons_share"]
    share = speech.percent(whole["persons_share"])
    return Finding(capital(title), share, of_buyers(round(buyers), speech))


def rfm(answer: Answer, speech: Speech) -> Finding | None:
    """Say what the best segment is of the buyers and makes of the revenue."""
    rows: Sequence[Row] = [row for row in answer.rows if row["scope"] == "all"]
    best = next((row for row in rows if row["segment"] == "champions"), None)
    if best is None or best["revenue_share"] is None:
        return None
    title = speech.say(
        "The champions are %(share)s of the buyers and make %(revenue)s of the revenue.",
        share=speech.fraction(best["persons_share"]),
        revenue=speech.fraction(best["revenue_share"]),
    )
    share = speech.percent(best["persons_share"])
    return Finding(title, share, of_buyers(added(rows, "persons"), speech))


def reachability(answer: Answer, speech: Speech) -> Finding | None:
    """Set the online buyers who can be contacted again against those of the stores."""
    rows: Sequence[Row] = answer.rows
    last = rows[-1]["step"]
    ends = {row["buyer"]: row for row in rows if row["step"] == last}
    if not {"online_only", "store_only"} <= set(ends):
        return None
    online, store = (ends[kind]["rate"] for kind in ("online_only", "store_only"))
    buyers = sum(row["persons"] or 0 for row in rows if row["step"] == "identified")
    if online is None or store is None:
        return _reached(ends, buyers, speech)
    title = speech.say(
        "Of the online buyers %(online)s can be contacted again; of the store buyers %(store)s.",
        online=speech.percent(online, 0),
        store=_ranged(ends["store_only"], speech),
    )
    gap = speech.say("%(points)s points apart", points=speech.number((online - store) * 100))
    low, high = (online - ends["store_only"][end] for end in ("high", "low"))
    if high - low > _SURE:
        gap = speech.say(
            "%(low)s to %(high)s points apart",
            low=speech.number(low * 100),
            high=speech.number(high * 100),
        )
    return Finding(title, gap, of_buyers(buyers, speech))


def _reached(ends: Mapping[str, Row], buyers: float, speech: Speech) -> Finding | None:
    """Say how many can be contacted again where all buyers are of one kind."""
    texts = {
        "store_only": _("Of the store buyers %(rate)s can be contacted again."),
        "online_only": _("Of the online buyers %(rate)s can be contacted again."),
    }
    known = [kind for kind in texts if ends[kind]["rate"] is not None]
    if not known:
        return None
    row = ends[known[0]]
    rate = _ranged(row, speech)
    return Finding(speech.say(texts[known[0]], rate=rate), rate, of_buyers(buyers, speech))


def _ranged(row: Row, speech: Speech) -> str:
    """Say a rate, or from where to where it may lie where that is too wide for one figure."""
    if row["high"] - row["low"] <= _SURE:
        return speech.percent(row["rate"], 0)
    low, high = speech.percent(row["low"], 0), speech.percent(row["high"], 0)
    return speech.say("between %(low)s and %(high)s", low=low, high=high)
