"""The findings about how buyers and goods move: between channels, over time, back again."""

from collections.abc import Collection, Sequence

from tuttuno.chart.voice import _
from tuttuno.measures.answer import Answer
from tuttuno.vocab import ONLINE, Channel
from tuttuno.web.finding import Finding, Row, added, capital
from tuttuno.web.locale import Speech

#: The age at which cohorts are compared: a quarter after the first purchase.
_AGE = 3

#: Months after the first purchase in which crossing is told, or as many as were watched.
_YEAR = 12


def channel_migration(answer: Answer, speech: Speech) -> Finding | None:
    """Say how many buyers of one channel are seen in the other at the next step."""
    rows: Sequence[Row] = answer.rows
    store = _crossed(rows, "store_only", {"online_only", "both", "collected_only"})
    online = _crossed(rows, "online_only", {"store_only", "both"})
    if store is None or online is None:
        return _one_way(rows, store, online, speech)
    titles = {
        1: _(
            "From one month to the next, %(store)s of the store-only buyers begin to buy online "
            "and %(online)s of the online-only buyers begin to buy in store."
        ),
        3: _(
            "From one quarter to the next, %(store)s of the store-only buyers begin to buy online "
            "and %(online)s of the online-only buyers begin to buy in store."
        ),
    }
    otherwise = _(
        "From one step to the next, %(store)s of the store-only buyers begin to buy online "
        "and %(online)s of the online-only buyers begin to buy in store."
    )
    title = speech.say(
        titles.get(_months(answer), otherwise),
        store=speech.fraction(store),
        online=speech.fraction(online),
    )
    moves = added([row for row in rows if row["from"] == "store_only"], "persons")
    of = speech.many(
        "of %(count)s step of a store-only buyer",
        "of %(count)s steps of store-only buyers",
        int(moves),
    )
    return Finding(title, speech.percent(store), of)


def _one_way(
    rows: Sequence[Row], store: float | None, online: float | None, speech: Speech
) -> Finding | None:
    """Say how many cross where all buyers with one channel have the same one."""
    if store is not None:
        kind, crossed = "store_only", store
        text = _("From one step to the next, %(crossed)s of the store-only buyers begin to buy "
                 "online; nobody was an online-only buyer.")  # fmt: skip
    elif online is not None:
        kind, crossed = "online_only", online
        text = _("From one step to the next, %(crossed)s of the online-only buyers begin to buy "
                 "in store; nobody was a store-only buyer.")  # fmt: skip
    else:
        return None
    steps = added([row for row in rows if row["from"] == kind], "persons")
    of = speech.many("of %(count)s step of a buyer", "of %(count)s steps of buyers", int(steps))
    title = speech.say(text, crossed=speech.percent(crossed))
    return Finding(capital(title), speech.percent(crossed), of)


def _months(answer: Answer) -> int:
    return int(next((used.value for used in answer.parameters), 0))


def _crossed(rows: Sequence[Row], before: str, after: Collection[str]) -> float | None:
    left = [row for row in rows if row["from"] == before]
    whole = added(left, "persons")
    return added([r for r in left if r["to"] in after], "persons") / whole if whole else None


def first_crossing(answer: Answer, speech: Speech) -> Finding | None:
    """Say how many of those who began in a store buy online within a year, and how many lapse."""
    rows: Sequence[Row] = answer.rows
    own = [row for row in rows if (row["began"], row["from"]) == ("all", "store")]
    if not own:
        return None
    last = max((row for row in own if row["age"] <= _YEAR), key=lambda row: int(row["age"]))
    silent = next((used.value for used in answer.parameters), 0.0)
    title = speech.say(
        "Within %(months)s months of a first purchase in a store, %(share)s of the buyers buy "
        "online too; %(gone)s buy nothing for %(silent)s months before that.",
        months=speech.number(last["age"]),
        share=speech.fraction(last["crossed_share"]),
        gone=speech.fraction(last["lapsed_share"]),
        silent=speech.number(silent),
    )
    began = int(own[0]["persons"])
    told = speech.many(
        "of %(count)s buyer who began in a store",
        "of %(count)s buyers who began in a store",
        began,
    )
    return Finding(title, speech.percent(last["crossed_share"]), told)


def cohorts(answer: Answer, speech: Speech) -> Finding | None:
    """Say how many first buyers come back some months later."""
    rows: Sequence[Row] = answer.rows
    age = min(_AGE, max(int(row["age"]) for row in rows))
    of_age = [row for row in rows if row["age"] == age]
    persons = added(of_age, "persons")
    if not age or not persons:
        return None
    share = added(of_age, "active") / persons
    title = speech.say(
        "Of 100 first buyers, %(share)s buy again in month %(age)s after the first purchase.",
        share=speech.number(share * 100),
        age=speech.number(age),
    )
    of = speech.many("of %(count)s first buyer", "of %(count)s first buyers", int(persons))
    return Finding(title, speech.percent(share), of)


def growth(answer: Answer, speech: Speech) -> Finding | None:
    """Say how revenue changed on the year before, online and in the stores."""
    rows: Sequence[Row] = answer.rows
    whole = next((row for row in rows if row["channel"] == "all"), None)
    if whole is None:
        return None
    against = next((w for w in ("year", "before") if whole[f"revenue_growth_{w}"] is not None), "")
    if not against:
        title = _("Sales do not reach back far enough to say how they grew.")
        revenue = speech.short(whole["revenue"], speech.currency)
        return Finding(speech.say(title), revenue, speech.say("net revenue"))
    titles = {
        "year": _("Revenue %(all)s on the year before: online %(online)s, store %(store)s."),
        "before": _("Revenue %(all)s on the window before: online %(online)s, store %(store)s."),
    }
    title = speech.say(
        titles[against],
        all=speech.signed(whole[f"revenue_growth_{against}"]),
        online=speech.signed(_change(rows, {each.value for each in ONLINE}, against)),
        store=speech.signed(_change(rows, {Channel.STORE.value}, against)),
    )
    market = whole.get(f"market_growth_{against}")
    if market is not None:
        title += " " + speech.say(
            "The market changed by %(market)s, the share of it by %(share)s.",
            market=speech.signed(market),
            share=speech.signed(whole[f"share_change_{against}"]),
        )
    of = speech.say(
        "to %(now)s, from %(then)s",
        now=speech.short(whole["revenue"], speech.currency),
        then=speech.short(whole[f"revenue_{against}"], speech.currency),
    )
    return Finding(title, speech.signed(whole[f"revenue_growth_{against}"]), of)


def _change(rows: Sequence[Row], channels: Collection[str], against: str) -> float | None:
    own = [row for row in rows if row["channel"] in channels]
    then = added(own, f"revenue_{against}")
    return added(own, "revenue") / then - 1 if then > 0 else None


def product_overlap(answer: Answer, speech: Speech) -> Finding | None:
    """Say whether buyers choose the same products in both channels, or keep them apart."""
    row: Row = answer.rows[0]
    times = row["ratio_to_chance"]
    if times is None:
        bought = any(each["in_both"] for each in answer.rows)
        return None if bought else Finding(speech.say("Nothing was bought in both channels."))
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


def returns(answer: Answer, speech: Speech) -> Finding | None:
    """Say what share of the sold comes back, and how much of the online part to a store."""
    rows: Sequence[Row] = answer.rows
    sold = {row["bought_in"]: row["sold"] or 0.0 for row in rows}
    whole = sum(sold.values())
    if whole <= 0:
        return None
    online = [row for row in rows if row["bought_in"] in ONLINE]
    back, fetched = added(online, "returned"), sum(sold[c] for c in sold if c in ONLINE)
    to_store = added([row for row in online if row["crosses"]], "returned")
    rate = added(rows, "returned") / whole
    if not back or not fetched:
        title = speech.say("%(rate)s of what is sold comes back.", rate=speech.percent(rate))
    else:
        title = speech.say(
            "%(rate)s of what is sold online comes back, %(share)s of it to a store.",
            rate=speech.percent(back / fetched),
            share=speech.fraction(to_store / back),
        )
    of = speech.say("of %(money)s sold", money=speech.short(whole, speech.currency))
    return Finding(title, speech.percent(rate), of)


def click_and_collect(answer: Answer, speech: Speech) -> Finding | None:
    """Say how many online orders are fetched in a store, and how promises are kept."""
    row: Row = answer.rows[0]
    if row["adoption"] is None:
        return Finding(speech.say("Nothing was ordered online in this period."))
    of = speech.many(
        "of %(count)s online order", "of %(count)s online orders", row["online_orders"]
    )
    if row["promise_kept"] is None:
        title = speech.say(
            "%(share)s of the online orders are collected in a store.",
            share=speech.fraction(row["adoption"]),
        )
    else:
        title = speech.say(
            "%(share)s of the online orders are collected in a store; %(kept)s are ready when "
            "promised.",
            share=speech.fraction(row["adoption"]),
            kept=speech.fraction(row["promise_kept"]),
        )
    return Finding(capital(title), speech.percent(row["adoption"]), of)
